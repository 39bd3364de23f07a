// A process that serves mailboxes made up from a seed. Usage: node generated-tenant.mjs MAILBOXES ITEMS SEED
import { generatedTenant, startTenant } from '@pstream/tenant-sim';

/** Nothing is kept: every export has the tenant make its items again, so that runs after one another are alike. */
const CACHE_BYTES = 0;

const [mailboxes, itemsPerMailbox, seed] = process.argv.slice(2).map(Number);
const source = generatedTenant({ seed, mailboxes, itemsPerMailbox, sizeProfile: 'tiny' });
const tenant = await startTenant({ tenant: source, cacheBytes: CACHE_BYTES });
const { graphUrl, authorityUrl, tenantId, clientId, clientSecret } = tenant;
process.stdout.write(`${JSON.stringify({ graphUrl, authorityUrl, tenantId, clientId, clientSecret })}\n`);
process.once('SIGTERM', () => void tenant.close());
