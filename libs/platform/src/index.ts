export { tenantConnection } from './tenant.js';
