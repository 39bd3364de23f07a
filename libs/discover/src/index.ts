// `@pstream/discover`: finds stores and writes a plan.
export { NO_MAP, readOwnerMap } from './owner/owner-map.js';
export { scan, type ScanReport } from './scan/scan.js';
