import { FakeClock, waitFor } from '@pstream/testing';
import type { GraphClient, GraphFolder, MailboxRef } from '../client.js';
import {
  collect,
  connectToFake,
  faultOf,
  graphError,
  runThroughWaits,
  startFake,
  type FakeServer,
  type Reply,
  type Seen,
} from '../fake-graph.fixture.js';

const PRIMARY = { id: 'MBX:p@t', version: 'v1.0' } as const;
const ARCHIVE = { id: 'MBX:arc@t', version: 'beta' } as const;
const base = (id: string, version = 'v1.0'): string => `/${version}/admin/exchange/mailboxes/${encodeURIComponent(id)}`;

let server: FakeServer;
afterEach(() => server.close());
const fake = async (reply: (seen: Seen, nth: number) => Reply | Promise<Reply>): Promise<FakeServer> => (server = await startFake(reply));
const url = (path: string): string => server.url + path;

/** The folders of a mailbox that can be listed altogether. */
const foldersOf = async (client: GraphClient, mailbox: MailboxRef): Promise<readonly GraphFolder[]> =>
  (await collect(client.folders(mailbox))).map((entry) => {
    if ('fault' in entry) throw entry.fault;
    return entry;
  });

describe('mailboxes', () => {
  it('come from beta with the archive', async () => {
    await fake(() => ({ json: { primaryMailboxId: 'MBX:p@t', inPlaceArchiveMailboxId: 'MBX:arc@t' } }));
    const { client } = connectToFake(server);
    expect(await client.mailboxes('u/1')).toEqual({ primary: PRIMARY, archive: ARCHIVE });
    expect(server.requests[0]?.path).toBe('/beta/users/u%2F1/settings/exchange');
  });

  it('come from v1.0 where beta does not answer, wrapped or not', async () => {
    await fake((seen) =>
      seen.path.startsWith('/beta') ? graphError(400, 'BadRequest') : { json: { value: [{ primaryMailboxId: 'MBX:p@t' }] } },
    );
    const { client } = connectToFake(server);
    expect(await client.mailboxes('u')).toEqual({ primary: PRIMARY, archive: null });
  });

  it('are not there for an on-premises user', async () => {
    await fake(() => graphError(404, 'MailboxNotEnabledForRESTAPI'));
    const { client } = connectToFake(server);
    expect(await faultOf(client.mailboxes('u'))).toMatchObject({ code: 'graph.mailbox-not-online', retry: 'never' });
    expect(server.requests).toHaveLength(2);
  });
});

describe('folders', () => {
  const folder = (id: string, more: object = {}): object => ({
    id,
    displayName: `name of ${id}`,
    parentFolderId: 'root',
    childFolderCount: 0,
    totalItemCount: 1,
    ...more,
  });

  it('are the whole tree: pages, hidden and search folders, and those that only the delta knows', async () => {
    await fake((seen) => {
      const path = decodeURIComponent(seen.path);
      if (path.endsWith('/folders/delta'))
        return { json: { value: [], '@odata.nextLink': url(`${base(PRIMARY.id)}/folders/delta?$skiptoken=2`) } };
      if (path.includes('$skiptoken=2')) {
        const value = [
          folder('grand', { parentFolderId: 'late' }),
          folder('late', { parentFolderId: 'inbox' }),
          folder('inbox'),
          folder('gone'),
          { id: 'gone', '@removed': { reason: 'deleted' } },
          folder('root'),
        ];
        return { json: { value, '@odata.deltaLink': url(`${base(PRIMARY.id)}/folders/delta?$deltatoken=3`) } };
      }
      if (path.includes('/folders/inbox/childFolders'))
        return { json: { value: [folder('sub', { parentFolderId: 'inbox', isHidden: true })] } };
      if (/\/folders\/(late|grand)\?/.test(path)) return { json: folder(path.includes('late') ? 'late' : 'grand') };
      if (path.includes('$skip=2')) {
        return {
          json: {
            value: [
              folder('inbox'),
              folder('search', { childFolderCount: 9, singleValueExtendedProperties: [{ id: 'Integer 0x3601', value: '2' }] }),
            ],
          },
        };
      }
      const value = [
        folder('inbox', { childFolderCount: 1, wellKnownName: 'inbox', type: 'IPF.Note' }),
        folder('hidden', { singleValueExtendedProperties: [{ id: 'Boolean 0x10f4', value: 'true' }] }),
      ];
      return { json: { value, '@odata.nextLink': url(`${base(PRIMARY.id)}/folders?$skip=2`) } };
    });
    const { client } = connectToFake(server);
    const folders = await foldersOf(client, PRIMARY);
    expect(folders.map((one) => [one.id, one.parentId, one.isHidden, one.isSearch])).toEqual([
      ['inbox', null, false, false],
      ['hidden', null, true, false],
      ['search', null, false, true],
      ['sub', 'inbox', true, false],
      ['late', 'inbox', false, false],
      ['grand', 'late', false, false],
    ]);
    expect(folders[0]).toMatchObject({
      type: 'IPF.Note',
      wellKnownName: 'inbox',
      totalItemCount: 1,
      childFolderCount: 1,
      mailbox: PRIMARY,
    });
    expect(server.requests[0]?.path).toContain('includeHiddenFolders=true');
    expect(decodeURIComponent(server.requests[0]?.path ?? '')).toContain("id eq 'Integer 0x3601'");
  });

  it('say where in an archive they are, and their children are looked for there', async () => {
    await fake((seen) => {
      const path = decodeURIComponent(seen.path);
      if (path.includes('/folders/delta')) return graphError(400, 'BadRequest');
      if (path.startsWith('/beta/admin/exchange/mailboxes/MBX:aux@t/folders/f/childFolders')) return { json: { value: [folder('sub')] } };
      if (path.startsWith('/beta/admin/exchange/mailboxes/MBX:arc@t/folders?')) {
        return {
          json: { value: [folder('f', { childFolderCount: 1, parentMailboxUrl: url('/Beta/Admin/Exchange/mailboxes/MBX:aux@t') })] },
        };
      }
      return graphError(404, 'ErrorItemNotFound');
    });
    const { client } = connectToFake(server);
    const aux = { id: 'MBX:aux@t', version: 'beta' };
    expect((await foldersOf(client, ARCHIVE)).map((one) => [one.id, one.parentId, one.mailbox])).toEqual([
      ['f', null, aux],
      ['sub', 'f', aux],
    ]);
  });

  it('end with a fault where the pages go round in a circle', async () => {
    await fake(() => ({ json: { value: [], '@odata.nextLink': url(`${base(PRIMARY.id)}/folders?$skip=1`) } }));
    const { client } = connectToFake(server);
    expect((await faultOf(collect(client.folders(PRIMARY)))).code).toBe('graph.paging-loop');
  });
});

describe('item pages', () => {
  const link = (token: string, id: string = PRIMARY.id): string => url(`${base(id)}/folders/f%3D/items/delta?$skiptoken=${token}`);
  const deltaLink = (): object => ({ '@odata.deltaLink': link('end') });

  it('hold items and removals, and use a stored link as it is', async () => {
    await fake((_, nth) =>
      nth === 1
        ? {
            json: {
              value: [
                { id: 'i1', type: 'IPM.Note', size: 75329, changeKey: 'CQ', createdDateTime: '2026-01-01T00:00:00Z' },
                { id: 'i0', '@removed': { reason: 'deleted' } },
              ],
              '@odata.nextLink': link('a%2Bb~c'),
            },
          }
        : { json: { value: [], ...deltaLink() } },
    );
    const { client } = connectToFake(server);
    const first = await client.itemPage(PRIMARY, 'f=', null, { pageSize: 50, since: '2026-01-01T00:00:00Z' });
    expect(first).toEqual({
      items: [
        { id: 'i1', type: 'IPM.Note', size: 75329, changeKey: 'CQ', createdDateTime: '2026-01-01T00:00:00Z', lastModifiedDateTime: null },
      ],
      removed: ['i0'],
      next: link('a%2Bb~c'),
      delta: null,
      mailbox: PRIMARY,
    });
    const second = await client.itemPage(PRIMARY, 'f=', first.next, { pageSize: 50 });
    expect([second.next, second.delta]).toEqual([null, link('end')]);
    expect(server.requests.map((seen) => seen.headers['prefer'])).toEqual(['odata.maxpagesize=50', 'odata.maxpagesize=50']);
    expect(server.requests[0]?.path).toContain('$filter=receivedDateTime%20ge%202026-01-01');
    expect(server.url + server.requests[1]?.path).toBe(first.next);
  });

  it.each([
    [410, 'resyncRequired'],
    [400, 'SyncStateNotFound'],
    [404, 'ErrorSyncFolderNotFound'],
  ])('say that the token is dead on %p %s', async (status, code) => {
    await fake(() => graphError(status, code));
    const { client } = connectToFake(server);
    expect(await faultOf(client.itemPage(PRIMARY, 'f', link('old'), { pageSize: 5 }))).toMatchObject({
      code: 'graph.delta-expired',
      retry: 'never',
    });
    expect(server.requests).toHaveLength(1);
  });

  it('are asked for without $select where that is refused', async () => {
    await fake((seen) => (seen.path.includes('$select') ? graphError(400, 'BadRequest') : { json: { value: [], ...deltaLink() } }));
    const { client } = connectToFake(server);
    expect((await client.itemPage(ARCHIVE, 'f', null, { pageSize: 5 })).delta).not.toBeNull();
  });

  it('get smaller when the JSON breaks off or the gateway times out', async () => {
    const sizes: string[] = [];
    await fake((seen, nth) => {
      sizes.push(String(seen.headers['prefer']));
      if (nth === 1) return { raw: (response) => response.writeHead(200).end('{"value":[{"id":"x"') };
      if (nth === 2) return { status: 504 };
      return { json: { value: [{ id: 'x' }], ...deltaLink() } };
    });
    const { client } = connectToFake(server);
    expect((await client.itemPage(PRIMARY, 'f', null, { pageSize: 200 })).items).toHaveLength(1);
    expect(sizes).toEqual(['odata.maxpagesize=200', 'odata.maxpagesize=100', 'odata.maxpagesize=50']);
  });

  it('come from where a redirect leads, and the hop is reported', async () => {
    await fake((seen) =>
      seen.path.includes('arc')
        ? { status: 308, headers: { location: url('/BETA/admin/Exchange/Mailboxes/MBX:aux@t/folders/f/items/delta?x=1') } }
        : { json: { value: [], ...deltaLink() } },
    );
    const hops: unknown[] = [];
    const { client } = connectToFake(server, { ports: { redirected: (hop) => hops.push(hop) } });
    expect((await client.itemPage(ARCHIVE, 'f', null, { pageSize: 5 })).mailbox).toEqual({ id: 'MBX:aux@t', version: 'beta' });
    expect(hops).toMatchObject([{ from: 'MBX:arc@t', to: 'MBX:aux@t' }]);
    expect(server.requests[1]?.headers.authorization).toBe(server.requests[0]?.headers.authorization);
  });

  it('end with a fault where redirects go in a circle or never end', async () => {
    await fake((seen) => ({
      status: 308,
      headers: { location: url(seen.path.includes('/MBX:b@t/') ? base('MBX:a@t') : '/v1.0/admin/exchange/mailboxes/MBX:b@t/') },
    }));
    const { client } = connectToFake(server);
    expect((await faultOf(client.itemPage(PRIMARY, 'f', null, { pageSize: 5 }))).code).toBe('graph.redirect-loop');
    await server.close();
    await fake((_, nth) => ({ status: 308, headers: { location: url(base(`MBX:${String(nth)}@t`)) } }));
    const other = connectToFake(server);
    expect((await faultOf(other.client.itemPage(PRIMARY, 'f', null, { pageSize: 5 }))).code).toBe('graph.too-many-redirects');
    expect(server.requests).toHaveLength(6);
  });
});

describe('throttling', () => {
  const page = { json: { value: [], '@odata.deltaLink': '' } };
  const good = (): Reply => ({
    json: { ...page.json, '@odata.deltaLink': url(`${base(PRIMARY.id)}/folders/f/items/delta?$deltatoken=1`) },
  });
  const list = (client: ReturnType<typeof connectToFake>['client'], mailbox: { id: string; version: 'v1.0' } = PRIMARY): Promise<unknown> =>
    client.itemPage(mailbox, 'f', null, { pageSize: 5 });

  it('is waited for as long as Retry-After says, in seconds or as a date, and written down', async () => {
    const clock = new FakeClock();
    await fake((_, nth) =>
      nth === 1
        ? graphError(429, 'ApplicationThrottled', 'over its MailboxConcurrency limit', { 'retry-after': '30' })
        : nth === 2
          ? graphError(503, '', '', { 'retry-after': 'Thu, 01 Jan 2026 00:01:00 GMT' })
          : good(),
    );
    const { client, ledger } = connectToFake(server, { clock });
    await runThroughWaits(clock, list(client));
    expect(clock.monotonicMs()).toBe(60_000);
    expect(ledger).toEqual([
      {
        mailbox: 'MBX:p@t',
        limit: 'ApplicationThrottled',
        waitMs: 30_000,
        at: '2026-01-01T00:00:00.000Z',
        until: '2026-01-01T00:00:30.000Z',
        requestId: 'req-1',
      },
      {
        mailbox: 'MBX:p@t',
        limit: 'status-503',
        waitMs: 30_000,
        at: '2026-01-01T00:00:30.000Z',
        until: '2026-01-01T00:01:00.000Z',
        requestId: 'req-2',
      },
    ]);
  });

  it('backs off by itself without Retry-After', async () => {
    const clock = new FakeClock();
    await fake((_, nth) => (nth <= 2 ? graphError(429, 'TooManyRequests') : good()));
    const { client, ledger } = connectToFake(server, { clock, ports: { limits: {} } });
    await runThroughWaits(clock, list(client));
    expect(ledger).toHaveLength(2);
    expect(ledger[0]?.waitMs).toBeGreaterThanOrEqual(12_000);
    expect(ledger[0]?.waitMs).toBeLessThanOrEqual(18_000);
    expect(ledger[1]?.waitMs).toBeGreaterThanOrEqual(24_000);
  });

  it('holds up one mailbox only', async () => {
    const clock = new FakeClock();
    await fake((seen, nth) => (nth === 1 && seen.path.includes('p%40t') ? graphError(429, 'x', '', { 'retry-after': '40' }) : good()));
    const { client } = connectToFake(server, { clock });
    const slow = list(client);
    await waitFor(() => clock.sleepers.some((one) => one.inMs === 40_000));
    await list(client, { id: 'MBX:q@t', version: 'v1.0' });
    expect(clock.monotonicMs()).toBe(0);
    await runThroughWaits(clock, slow);
    expect(clock.monotonicMs()).toBe(40_000);
  });

  it('of an hour is handed to the caller at once, and the mailbox is not asked again before', async () => {
    const clock = new FakeClock();
    await fake(() => graphError(429, 'ApplicationThrottled', '', { 'retry-after': '3600' }));
    const { client } = connectToFake(server, { clock });
    expect(await faultOf(list(client))).toMatchObject({ code: 'graph.throttled', retry: { afterMs: 3_600_000 } });
    await clock.advance(600_000);
    expect(await faultOf(list(client))).toMatchObject({ code: 'graph.throttled', retry: { afterMs: 3_000_000 } });
    expect(server.requests).toHaveLength(1);
  });

  it('never has more than four calls of a mailbox in flight', async () => {
    let now = 0;
    let peak = 0;
    await fake(async () => {
      peak = Math.max(peak, ++now);
      await new Promise((resolve) => setImmediate(resolve));
      now--;
      return good();
    });
    const { client } = connectToFake(server);
    await Promise.all(Array.from({ length: 120 }, () => list(client)));
    expect(peak).toBeGreaterThanOrEqual(2);
    expect(peak).toBeLessThanOrEqual(4);
  });

  it('stops repeating when the retry budget is used up', async () => {
    await fake(() => graphError(500, 'ErrorInternalServerError'));
    const { client } = connectToFake(server, {
      ports: { limits: { passing: { firstMs: 1, mostMs: 8 }, retries: { share: 0.1, least: 4 } } },
    });
    const faults = await Promise.all([1, 2, 3, 4, 5].map(() => faultOf(list(client))));
    expect(faults.every((fault) => fault.code === 'graph.server-error')).toBe(true);
    expect(faults.some((fault) => fault.facts['retryBudget'] === 'used up')).toBe(true);
    expect(server.requests.length).toBeLessThanOrEqual(5 * 9 + 4);
  });
});

describe('a call', () => {
  const hang: Reply = { raw: () => undefined };

  it('ends after a minute without an answer', async () => {
    const clock = new FakeClock();
    await fake(() => hang);
    const { client } = connectToFake(server, { clock, ports: { limits: { tries: 1 } } });
    const ended = faultOf(client.findUser('x'));
    await waitFor(() => server.requests.length === 1);
    await clock.advance(60_000);
    expect(await ended).toMatchObject({ code: 'graph.timed-out', facts: { deadlineMs: 60_000 } });
  });

  it("ends at once with the signal's reason", async () => {
    await fake(() => hang);
    const { client } = connectToFake(server);
    const stop = new AbortController();
    const ended = client.findUser('x', stop.signal);
    await waitFor(() => server.requests.length === 1);
    stop.abort(new Error('stopped by the operator'));
    await expect(ended).rejects.toThrow('stopped by the operator');
  });

  it('ends when the client is closed', async () => {
    await fake(() => hang);
    const { client } = connectToFake(server);
    const ended = faultOf(client.findUser('x'));
    await waitFor(() => server.requests.length === 1);
    await client.close();
    expect((await ended).code).toBe('graph.closed');
  });

  it('is repeated after a broken connection', async () => {
    await fake((_, nth) => (nth === 1 ? { raw: (response) => response.destroy() } : { json: { id: 'u' } }));
    const { client } = connectToFake(server);
    expect(await client.findUser('a b@x')).toMatchObject({ id: 'u' });
    expect(server.requests[1]?.path).toBe('/v1.0/users/a%20b%40x?$select=id,userPrincipalName,mail');
  });
});
