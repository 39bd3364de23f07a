// `@pstream/discover/upload`: carries out a plan.
export { UPLOAD_LAYOUT } from './send-file.js';
export type { ReportPort } from './reporting.js';
export { upload, type UploadReport } from './upload.js';
