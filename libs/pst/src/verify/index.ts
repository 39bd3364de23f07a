export type { ExpectedItems } from './expected-items.js';
export { verifyPst, type VerifyOptions, type VerifyProgress, type VerifyReport } from './verify-pst.js';
