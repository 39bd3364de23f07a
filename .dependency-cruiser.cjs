// Who may import whom. The table is house style §1; `npm run boundaries` and tools/check.mjs run it.
const TABLE = {
  'libs/kernel': [],
  'libs/contracts': ['kernel'],
  'libs/event-store': ['kernel', 'contracts'],
  'libs/transport': ['kernel', 'contracts'],
  'libs/projections': ['kernel', 'contracts', 'event-store', 'transport'],
  'libs/blob': ['kernel'],
  'libs/graph': ['kernel'],
  'libs/mapi': ['kernel'],
  'libs/fasttransfer': ['kernel', 'mapi'],
  'libs/mime': ['kernel', 'mapi'],
  'libs/pst': ['kernel', 'mapi'],
  'libs/wiring': ['kernel'],
  'libs/secrets': ['kernel'],
  'libs/platform': ['kernel', 'contracts', 'event-store', 'transport', 'projections', 'blob', 'graph', 'secrets', 'wiring'],
  'libs/tenant-sim': ['kernel', 'contracts', 'mapi', 'fasttransfer', 'pst'],
  'libs/testing': ['kernel', 'contracts'],
  'apps/gateway': ['kernel', 'contracts', 'transport', 'projections', 'wiring', 'secrets', 'platform'],
  'apps/licensing': ['kernel', 'contracts', 'event-store', 'transport', 'projections', 'wiring', 'platform'],
  'apps/projects': ['kernel', 'contracts', 'event-store', 'transport', 'projections', 'wiring', 'platform'],
  'apps/credentials': [
    'kernel',
    'contracts',
    'event-store',
    'transport',
    'projections',
    'wiring',
    'graph',
    'blob',
    'secrets',
    'fasttransfer',
    'platform',
  ],
  'apps/extractor': [
    'kernel',
    'contracts',
    'event-store',
    'transport',
    'projections',
    'wiring',
    'graph',
    'blob',
    'secrets',
    'fasttransfer',
    'mime',
    'platform',
  ],
  'apps/pst-builder': [
    'kernel',
    'contracts',
    'event-store',
    'transport',
    'projections',
    'wiring',
    'blob',
    'secrets',
    'fasttransfer',
    'mapi',
    'pst',
    'platform',
  ],
  'apps/projector': ['kernel', 'contracts', 'event-store', 'transport', 'projections', 'wiring', 'platform'],
  'apps/cli': ['kernel', 'contracts', 'blob', 'mapi', 'pst'],
  'apps/tenant-sim': ['kernel', 'tenant-sim'],
};

const { readdirSync } = require('node:fs');

// What libraries export: their index, or single rooms of them.
const EXPORTED = readdirSync(`${__dirname}/libs`).flatMap((lib) =>
  Object.values(require(`./libs/${lib}/package.json`).exports).map((door) => `^libs/${lib}/${door['@pstream/source'].slice(2)}$`),
);

const onlyListed = Object.entries(TABLE).map(([from, libs]) => ({
  name: `${from.replace('/', '-')}-imports`,
  comment: `${from} may import only: ${libs.join(', ') || 'nothing of ours'}`,
  severity: 'error',
  from: { path: `^${from}/src/`, pathNot: '\\.(spec|contract|fixture)\\.ts$' },
  to: { path: '^(apps|libs)/', pathNot: [`^${from}/`, ...libs.map((lib) => `^libs/${lib}/src/`)] },
}));

module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'no-app-to-app',
      comment: 'standalone alone composes the apps',
      severity: 'error',
      from: { path: '^apps/([^/]+)/', pathNot: '^apps/standalone/' },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    { name: 'no-lib-to-app', severity: 'error', from: { path: '^libs/' }, to: { path: '^apps/' } },
    {
      name: 'no-deep-lib-import',
      comment: 'a library is used through what its package.json exports',
      severity: 'error',
      from: { path: '^(apps|libs)/([^/]+)/' },
      to: { path: '^libs/[^/]+/src/.+', pathNot: [...EXPORTED, '^$1/$2/'] },
    },
    {
      name: 'domain-is-pure',
      comment: 'domain/ imports kernel, contracts and domain/ only: no framework, no adapter, no Node module',
      severity: 'error',
      from: { path: '/domain/', pathNot: '\\.(spec|fixture)\\.ts$' },
      to: { pathNot: ['/domain/', '^libs/contracts/', '^libs/kernel/'] },
    },
    {
      name: 'testing-is-for-tests',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: ['\\.(spec|contract|fixture)\\.ts$', '^libs/testing/'] },
      to: { path: '^libs/testing/' },
    },
    ...onlyListed,
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: ['(^|/)dist/', 'node_modules/(?!@pstream)'] },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['@pstream/source', 'import', 'node', 'default'] },
  },
};
