// `@pstream/convert`: stores and messages of many forms to PSTs.
export { convert } from './convert.js';
export { giveName, outputFault } from './parts/file-target.js';
export type { ConvertReport, KeptSums, Loss } from './report.js';
export { journalOf } from './resume/journal.js';
