export { licensingKeys } from './config.js';
export { LicensingModule, type LicensingOptions } from './licensing.module.js';
