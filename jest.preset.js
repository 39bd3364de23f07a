import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const swc = JSON.parse(readFileSync(new URL('.swcrc', import.meta.url), 'utf8'));

// Express and the API pages are CommonJS. Jest resolves their imports under the conditions of ours, and would give them modules.
const { resolve } = createRequire(import.meta.url);
const commonJs = Object.fromEntries(['tslib', 'is-promise'].map((name) => [`^${name}$`, resolve(name)]));

// `npm run check` makes a share of the runs of each property (tools/nx-plugin.mjs).
const brief =
  process.env.PROPERTY_SHARE === undefined ? {} : { '^fast-check$': fileURLToPath(new URL('tools/brief-fast-check.mjs', import.meta.url)) };

// Within Jest a promise belongs to another realm than Express's router; it would warn of every one, by means that Jest has replaced.
process.env.NO_DEPRECATION = 'router';

/** Shared by every project: ESM, TypeScript through SWC, workspace packages read from their sources. */
export default {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/src/**/*.spec.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': ['@swc/jest', { ...swc, swcrc: false }] },
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1', ...commonJs, ...brief },
  testEnvironmentOptions: { customExportConditions: ['@pstream/source', 'node', 'import', 'default'] },
};
