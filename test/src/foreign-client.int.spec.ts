import { createHash } from 'node:crypto';
import { jest } from '@jest/globals';
import {
  AuthenticationHandler,
  Client,
  PageIterator,
  RetryHandler,
  RetryHandlerOptions,
  type Context,
  type Middleware,
  type PageCollection,
} from '@microsoft/microsoft-graph-client';
import { systemClock, systemRandom } from '@pstream/kernel';
import { connectTenant } from '@pstream/graph';
import { generatedTenant, startTenant, type RunningTenant, type TenantSource } from '@pstream/tenant-sim';

jest.setTimeout(120_000);

type Folder = { readonly id: string; readonly displayName: string; readonly childFolderCount: number; readonly totalItemCount: number };
type Listed = { readonly folders: Map<string, string>; readonly items: Map<string, string> };

const USER = 'user1@fabrikam.test';
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

const GRAPH = 'https://graph.microsoft.com';

let ourSim: RunningTenant;
let theirSim: RunningTenant;
beforeAll(async () => {
  const same = (): TenantSource => generatedTenant({ seed: 3, mailboxes: 1, itemsPerMailbox: 80, sizeProfile: 'tiny' });
  ourSim = await startTenant({ tenant: same() });
  theirSim = await startTenant({
    tenant: same(),
    publicUrl: GRAPH,
    faults: { rules: [{ on: 'exportItems', effect: 'throttle', retryAfterSeconds: 1, times: 1 }] },
  });
});
afterAll(() => Promise.all([ourSim.close(), theirSim.close()]));

/** A token as any application would get one. */
const signIn = async (): Promise<string> => {
  const form = {
    client_id: theirSim.clientId,
    client_secret: theirSim.clientSecret,
    scope: 'https://graph.microsoft.com/.default',
    grant_type: 'client_credentials',
  };
  const answer = await fetch(`${theirSim.authorityUrl}/${theirSim.tenantId}/oauth2/v2.0/token`, {
    method: 'POST',
    body: new URLSearchParams(form),
  });
  return ((await answer.json()) as { access_token: string }).access_token;
};

/** Everything that Microsoft's own client finds and exports: folder names by id, SHA-256 of each stream by item id. */
const withTheirs = async (): Promise<Listed> => {
  const token = await signIn();
  // Their client takes https addresses only for absolute ones, so it is given the real one; the last step leads to the simulator.
  const network: Middleware = {
    execute: async (context: Context) => {
      const asked = typeof context.request === 'string' ? context.request : context.request.url;
      const url = asked.replace(GRAPH, theirSim.graphUrl);
      context.response = await fetch(url, context.options as RequestInit);
    },
  };
  const signingIn = new AuthenticationHandler({ getAccessToken: () => Promise.resolve(token) });
  const retrying = new RetryHandler(new RetryHandlerOptions());
  signingIn.setNext(retrying);
  retrying.setNext(network);
  const graph = Client.initWithMiddleware({ middleware: signingIn });
  const every = async <T>(path: string, headers: Readonly<Record<string, string>> = {}): Promise<T[]> => {
    const first = (await graph.api(path).headers(headers).get()) as PageCollection;
    const found: T[] = [];
    const pages = new PageIterator(
      graph,
      first,
      (entry: T) => {
        found.push(entry);
        return true;
      },
      { headers },
    );
    await pages.iterate();
    return found;
  };
  const { primaryMailboxId } = (await graph.api(`/users/${USER}/settings/exchange`).get()) as { primaryMailboxId: string };
  const box = `/admin/exchange/mailboxes/${encodeURIComponent(primaryMailboxId)}`;
  const folders = new Map<string, string>();
  const items = new Map<string, string>();
  const level = async (path: string): Promise<void> => {
    for (const folder of await every<Folder>(`${path}?includeHiddenFolders=true`)) {
      folders.set(folder.id, folder.displayName);
      const at = `${box}/folders/${folder.id}`;
      if (folder.childFolderCount > 0) await level(`${at}/childFolders`);
      const listed = await every<{ id: string }>(`${at}/items/delta`, { prefer: 'odata.maxpagesize=7' });
      for (let from = 0; from < listed.length; from += 20) {
        const itemIds = listed.slice(from, from + 20).map(({ id }) => id);
        const exported = (await graph.api(`${box}/exportItems`).post({ itemIds })) as { value: { itemId: string; data: string }[] };
        for (const { itemId, data } of exported.value) items.set(itemId, sha256(Buffer.from(data, 'base64')));
      }
    }
  };
  await level(`${box}/folders`);
  return { folders, items };
};

/** The same with ours. Search folders, which show items of other folders, are left out by ours. */
const withOurs = async (): Promise<Listed> => {
  const { tenantId, clientId, clientSecret, authorityUrl, graphUrl } = ourSim;
  const connection = { tenantId, clientId, credential: { kind: 'secret', secret: clientSecret }, authorityUrl, graphUrl } as const;
  const client = connectTenant(connection, { clock: systemClock, random: systemRandom });
  const folders = new Map<string, string>();
  const items = new Map<string, string>();
  const { primary } = await client.mailboxes((await client.findUser(USER)).id);
  for await (const folder of client.folders(primary)) {
    if ('fault' in folder) throw folder.fault;
    folders.set(folder.id, folder.displayName);
    if (folder.isSearch) continue;
    for (let cursor: string | null = null; ; ) {
      const page = await client.itemPage(folder.mailbox, folder.id, cursor, { pageSize: 20 });
      const ids = page.items.map(({ id }) => id);
      if (ids.length > 0)
        for await (const answer of client.exportItems(page.mailbox, ids))
          if ('data' in answer) items.set(answer.itemId, sha256(answer.data));
      cursor = page.next;
      if (cursor === null) break;
    }
  }
  await client.close();
  return { folders, items };
};

describe("Microsoft's own Graph client", () => {
  it('lists the folders, pages the items and exports them from the simulator, and gets what ours gets', async () => {
    const theirs = await withTheirs();
    const ours = await withOurs();
    expect(theirs.items.size).toBe(80);
    expect(ours.folders).toEqual(theirs.folders);
    expect(ours.items).toEqual(theirs.items);
    expect(theirSim.requests.filter(({ status }) => status >= 400).map(({ status, operation }) => [status, operation])).toEqual([
      [429, 'exportItems'],
    ]);
    expect(ourSim.requests.filter(({ status }) => status >= 400)).toEqual([]);
  });
});
