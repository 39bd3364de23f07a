export { LicensingModule, type LicensingOptions } from './licensing.module.js';
