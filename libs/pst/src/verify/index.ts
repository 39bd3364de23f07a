// `@pstream/pst/verify`: is a PST sound, and does it hold what it should?
export { itemDigest } from '../fidelity/index.js';
export type { ExpectedItems } from './expected-items.js';
export { verifyPst, type VerifyReport } from './verify-pst.js';
