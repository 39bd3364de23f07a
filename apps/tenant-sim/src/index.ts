export { HELP, readOptions, UsageError, type Content, type Options } from './options.js';
export { run, type Surroundings } from './run.js';
