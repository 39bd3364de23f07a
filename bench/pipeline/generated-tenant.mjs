// A process that serves mailboxes made up from a seed. Usage: node generated-tenant.mjs MAILBOXES ITEMS SEED
import { generatedTenant, startTenant } from '@pstream/tenant-sim';

const CACHE_BYTES = 512 * 2 ** 20;

const [mailboxes, itemsPerMailbox, seed] = process.argv.slice(2).map(Number);
const source = generatedTenant({ seed, mailboxes, itemsPerMailbox, sizeProfile: 'tiny' });
const tenant = await startTenant({ tenant: source, cacheBytes: CACHE_BYTES });
const { graphUrl, authorityUrl, tenantId, clientId, clientSecret } = tenant;
process.stdout.write(`${JSON.stringify({ graphUrl, authorityUrl, tenantId, clientId, clientSecret })}\n`);
process.once('SIGTERM', () => void tenant.close());
