// A process that serves a tenant dump. Every answer is made once before it says that it is ready, and sent from memory from then on.
// Usage: node tenant.mjs DUMP
import { dumpTenant, startTenant } from '@pstream/tenant-sim';

const CACHE_BYTES = 4 * 2 ** 30;

const tenant = await startTenant({ tenant: await dumpTenant(process.argv[2]), cacheBytes: CACHE_BYTES });
const { graphUrl, authorityUrl, tenantId, clientId, clientSecret } = tenant;
const form = new URLSearchParams({
  client_id: clientId,
  client_secret: clientSecret,
  scope: 'https://graph.microsoft.com/.default',
  grant_type: 'client_credentials',
});
const { access_token: token } = await (await fetch(`${authorityUrl}/${tenantId}/oauth2/v2.0/token`, { method: 'POST', body: form })).json();
const headers = { authorization: `Bearer ${token}` };
const get = async (path) => {
  const reply = await fetch(path.startsWith('http') ? path : `${graphUrl}${path}`, { headers });
  if (!reply.ok) throw new Error(`${path.split('?')[0]} answered ${reply.status}`);
  return reply.json();
};
const all = async function* (path) {
  for (let next = path; next !== undefined; ) {
    const page = await get(next);
    yield* page.value;
    next = page['@odata.nextLink'];
  }
};
for await (const user of all('/v1.0/users?$select=id,userPrincipalName')) {
  const settings = await get(`/beta/users/${user.id}/settings/exchange`);
  const places = [
    ['v1.0', settings.primaryMailboxId],
    ['beta', settings.inPlaceArchiveMailboxId],
  ].filter(([, id]) => typeof id === 'string' && id !== '');
  for (const [version, id] of places) {
    const base = `/${version}/admin/exchange/mailboxes/${encodeURIComponent(id)}`;
    const walk = async (path) => {
      for await (const folder of all(path)) {
        const ids = [];
        for await (const item of all(`${base}/folders/${folder.id}/items?$top=500`)) ids.push(item.id);
        for (let at = 0; at < ids.length; at += 20) {
          const body = JSON.stringify({ itemIds: ids.slice(at, at + 20) });
          const reply = await fetch(`${graphUrl}${base}/exportItems`, {
            method: 'POST',
            headers: { ...headers, 'content-type': 'application/json' },
            body,
          });
          for await (const chunk of reply.body) void chunk;
        }
        if (folder.childFolderCount > 0) await walk(`${base}/folders/${folder.id}/childFolders?$top=100&includeHiddenFolders=true`);
      }
    };
    await walk(`${base}/folders?$top=100&includeHiddenFolders=true`);
  }
}
process.stdout.write(`${JSON.stringify({ graphUrl, authorityUrl, tenantId, clientId, clientSecret })}\n`);
process.once('SIGTERM', () => void tenant.close());
