export { documentAfter, expectDocument } from './expect-document.js';
export * from './projection.js';
export { requestRebuild, runRebuilds, type RebuildsOptions } from './rebuild-control.js';
export { rebuildProjection, type RebuildOptions, type RebuildProgress } from './rebuild.js';
export { runProjections, type RunningProjections, type RunOptions } from './run-projections.js';
export { runSums, type RunSumsOptions } from './run-sums.js';
export { sqliteProjectionStore, type SqliteProjectionStoreOptions } from './sqlite-projection-store.js';
export { waitForSums } from './wait-for-sums.js';
export { waitForVersion, type AtLeast } from './wait-for-version.js';
