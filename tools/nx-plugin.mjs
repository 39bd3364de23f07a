// Tells Nx what can be done with each project, so that no package.json repeats it: `lint` and `unit` of each app and library. Nx keeps the
// results (.nx/cache) for as long as nothing that they follow from has changed; see namedInputs in nx.json. Suites on servers are no targets:
// what they follow from is not in files. `types` of the whole workspace is one task: the projects read each other's sources, and one
// compiler that reads them once takes less than a compiler for each.
import { dirname } from 'node:path';
import { compilerOf } from './compiler.mjs';

/** Suites that need nothing but this process. */
export const QUICK_SUITES = '\\.(unit|prop|golden)\\.spec\\.ts$';

const node = 'node_modules/.bin/node';
const tsc = `${node} ${compilerOf('')}`;

/** One run of a property where `npm test` has five. */
const brief = { PROPERTY_SHARE: '5' };

const targetsOf = (folder) => ({
  lint: {
    command: `${node} node_modules/oxlint/bin/oxlint --type-aware ${folder}`,
    options: { cwd: '{workspaceRoot}' },
    cache: true,
    inputs: ['sources', '^sources', 'linting'],
  },
  unit: {
    command: `${node} tools/jest.mjs -i --passWithNoTests --projects ${folder} --testPathPatterns "${QUICK_SUITES}"`,
    options: { cwd: '{workspaceRoot}', env: brief },
    cache: true,
    inputs: ['sources', '^sources', 'testing', { env: 'PSTREAM_SHARED' }],
  },
});

/** Tests across projects, and what concerns the workspace as a whole. */
const targetsOfAll = {
  types: {
    // The console is written against a browser, so that its sources are checked apart.
    command: `${tsc} -p tsconfig.check.json && ${tsc} -p apps/console/tsconfig.spec.json`,
    options: { cwd: '{workspaceRoot}' },
    cache: true,
    inputs: ['everything'],
  },
  lint: {
    command: `${node} node_modules/oxlint/bin/oxlint --type-aware test tools bench examples jest.config.js jest.preset.js .dependency-cruiser.cjs`,
    options: { cwd: '{workspaceRoot}' },
    cache: true,
    inputs: ['everything', 'linting'],
  },
  unit: {
    command: `${node} tools/jest.mjs -i --projects test --testPathPatterns "${QUICK_SUITES}"`,
    options: { cwd: '{workspaceRoot}', env: brief },
    cache: true,
    inputs: ['everything', 'testing', '{workspaceRoot}/.env.example', '{workspaceRoot}/docker-compose.yml'],
  },
};

export const createNodesV2 = [
  '{{apps,libs}/*/package.json,tsconfig.check.json}',
  (files) =>
    files.map((file) => {
      const root = dirname(file);
      const project = root === '.' ? { name: 'workspace', root, targets: targetsOfAll } : { root, targets: targetsOf(root) };
      return [file, { projects: { [root]: project } }];
    }),
];
