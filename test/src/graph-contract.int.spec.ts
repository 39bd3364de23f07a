import { jest } from '@jest/globals';
import { systemClock, systemRandom } from '@pstream/kernel';
import { connectTenant, planBatches, probeMailbox, type GraphClient, type MailboxRef } from '@pstream/graph';
import { extendedIds, fallbackKind, toMapiItem } from '@pstream/mime';
import { generatedTenant, startTenant, type FaultRule, type RunningTenant } from '@pstream/tenant-sim';
import { describeShared, GraphContract, type ObservedExchange } from '@pstream/testing';
import { contractTap, type ContractTap } from './support/contract-tap.js';

jest.setTimeout(120_000);

type Session = { readonly tap: ContractTap; readonly sim: RunningTenant; readonly client: GraphClient };

/** Runs `work` with the client at a tenant whose every exchange is checked; gives the tap once all is answered. */
const tapped = async (shared: string, rules: readonly FaultRule[], work: (session: Session) => Promise<void>): Promise<ContractTap> => {
  const tap = contractTap(shared);
  const tenant = generatedTenant({ seed: 11, mailboxes: 2, itemsPerMailbox: 60, archives: 1, itemsPerArchive: 60, sizeProfile: 'tiny' });
  const sim = await startTenant({ tenant, archives: { auxiliaries: 2 }, faults: { rules }, observe: tap.observe });
  const { tenantId, clientId, authorityUrl, graphUrl } = sim;
  const credential = { kind: 'secret', secret: sim.clientSecret } as const;
  const limits = {
    throttled: { firstMs: 10, mostMs: 1_000 },
    passing: { firstMs: 5, mostMs: 1_000 },
    tries: 10,
    retries: { share: 0.1, least: 100 },
  };
  const client = connectTenant(
    { tenantId, clientId, credential, authorityUrl, graphUrl },
    { clock: systemClock, random: systemRandom, limits },
  );
  try {
    await work({ tap, sim, client });
  } finally {
    await client.close();
    await sim.close();
  }
  return tap;
};

/** Everything of one mailbox, page by page; returns ids to how often they were exported. */
const exportAll = async (client: GraphClient, mailbox: MailboxRef, since?: string): Promise<Map<string, number>> => {
  const times = new Map<string, number>();
  for await (const folder of client.folders(mailbox)) {
    if ('fault' in folder) throw folder.fault;
    if (folder.isSearch) continue;
    for (let cursor: string | null = null; ; ) {
      const page = await client.itemPage(folder.mailbox, folder.id, cursor, { pageSize: 7, ...(since === undefined ? {} : { since }) });
      const fresh = new Map(page.items.filter(({ id }) => !times.has(id)).map((item) => [item.id, item]));
      for (const batch of planBatches([...fresh.values()]))
        for await (const answer of client.exportItems(
          page.mailbox,
          batch.map(({ id }) => id),
        ))
          if ('data' in answer) times.set(answer.itemId, (times.get(answer.itemId) ?? 0) + 1);
      cursor = page.next;
      if (cursor === null) {
        // The catch-up pass uses the stored link as it is.
        await client.itemPage(page.mailbox, folder.id, page.delta, { pageSize: 7 });
        break;
      }
    }
  }
  return times;
};

const wholeJob = async ({ client }: Session): Promise<void> => {
  const user = await client.findUser('user1@fabrikam.test');
  const { primary, archive } = await client.mailboxes(user.id);
  const exported = [await exportAll(client, primary), await exportAll(client, archive!)];
  await exportAll(client, primary, '2026-01-01T00:00:00Z');
  expect(exported.map((each) => new Set(each.values()))).toEqual([new Set([1]), new Set([1])]);
};

describeShared('every request of the client and every answer of the simulator fits the API description', (shared) => {
  it('in an undisturbed export of a primary mailbox and a split archive', async () => {
    const tap = await tapped(shared, [], wholeJob);
    expect([...tap.complaints]).toEqual([]);
    const mailbox = '/admin/exchange/mailboxes/{mailbox-id}';
    expect([...tap.called].toSorted()).toEqual(
      [
        'GET /beta/users/{user-id}/settings/exchange',
        'GET /v1.0/users/{user-id}',
        'POST /{tenant}/oauth2/v2.0/token',
        ...['v1.0', 'beta'].flatMap((version) => [
          `GET /${version}${mailbox}/folders`,
          `GET /${version}${mailbox}/folders/delta`,
          `GET /${version}${mailbox}/folders/{mailboxFolder-id}/childFolders`,
          `GET /${version}${mailbox}/folders/{mailboxFolder-id}/items/delta`,
          `POST /${version}${mailbox}/exportItems`,
        ]),
      ].toSorted(),
    );
  });

  it('where recoverable items are listed and exported, of a user and of an archive', async () => {
    const tap = await tapped(shared, [], async ({ client }) => {
      const user = await client.findUser('user1@fabrikam.test');
      const { primary, archive } = await client.mailboxes(user.id);
      for (const [mailbox, owner] of [[primary, user.id] as const, [archive!, archive!.id] as const]) {
        const folders = await client.recoverableFolders(mailbox, owner);
        expect(folders.map(({ displayName }) => displayName)).toEqual(['Deletions', 'Purges', 'Versions', 'DiscoveryHolds']);
        const page = await client.recoverablePage(mailbox, owner, folders[0]!.id, null);
        expect([page.items.length, page.next, page.delta]).toEqual([3, null, null]);
        for await (const answer of client.exportItems(
          mailbox,
          page.items.map(({ id }) => id),
        ))
          expect(answer).toHaveProperty('data');
      }
    });
    expect([...tap.complaints]).toEqual([]);
    expect(tap.called).toContain('GET /v1.0/users/{user-id}/mailFolders/{mailFolder-id}/childFolders');
    expect(tap.called).toContain('GET /v1.0/users/{user-id}/mailFolders/{mailFolder-id}/messages');
  });

  it('when calls are throttled, redirected, cut, refused and expired', async () => {
    const rules: FaultRule[] = [
      { on: 'settings', effect: 'error', status: 400, code: 'BadRequest', times: 1 },
      { on: 'users', effect: 'reset', times: 1 },
      { on: 'user', effect: 'error', status: 401, code: 'InvalidAuthenticationToken', emptyBody: true, times: 1 },
      { on: 'folders', effect: 'truncate', times: 1 },
      { on: 'foldersDelta', effect: 'timeout', times: 1 },
      { on: 'itemsDelta', effect: 'error', status: 400, code: 'BadRequest', version: 'beta', times: 1 },
      { on: 'itemsDelta', effect: 'empty-page', every: 3 },
      { on: 'itemsDelta', effect: 'repeat', every: 4 },
      { on: 'itemsDelta', effect: 'removed', every: 5 },
      { on: 'exportItems', effect: 'throttle', every: 6, times: 3 },
      { on: 'exportItems', effect: 'throttle', every: 7, retryAfterSeconds: 0, times: 3 },
      { on: 'exportItems', effect: 'unavailable', retryAfterSeconds: 0, nth: 3, times: 1 },
      { on: 'exportItems', effect: 'cut', nth: 5, times: 2 },
      { on: 'exportItems', itemIndex: 3, effect: 'item-missing', times: 1 },
      { on: 'exportItems', itemIndex: 5, effect: 'item-without-data', times: 1 },
      { on: 'exportItems', itemIndex: 9, effect: 'item-error', code: 'ErrorItemCorrupt', spelling: 'Error', times: 1 },
      { on: 'exportItems', kind: 'archive', itemIndex: 1, effect: 'item-moved', to: 'auxiliary:1', mixedCase: true, times: 1 },
    ];
    const tap = await tapped(shared, rules, async (session) => {
      const user = await session.client.findUser('user1@fabrikam.test');
      const { primary } = await session.client.mailboxes(user.id);
      await exportAll(session.client, primary);
      const again = await session.client.mailboxes(user.id);
      await exportAll(session.client, again.archive!);
      expect(session.sim.requests.filter(({ status }) => status >= 300).length).toBeGreaterThan(8);
    });
    expect([...tap.complaints]).toEqual([]);
  });

  it('in reading messages and events without their streams, an archive by its mailbox id', async () => {
    const rules: FaultRule[] = [{ on: 'message', effect: 'error', status: 404, code: 'ErrorItemNotFound', times: 1 }];
    const tap = await tapped(shared, rules, async ({ client }) => {
      const user = await client.findUser('user1@fabrikam.test');
      const { primary, archive } = await client.mailboxes(user.id);
      const read = { message: 0, event: 0 };
      for (const [mailbox, owner] of [
        [primary, user.id],
        [archive!, null],
      ] as const)
        for await (const folder of client.folders(mailbox)) {
          if ('fault' in folder) throw folder.fault;
          if (folder.isSearch) continue;
          const { items } = await client.itemPage(folder.mailbox, folder.id, null, { pageSize: 3 });
          for (const { id, type } of items) {
            const kind = fallbackKind(type ?? '');
            if (kind !== 'message' && kind !== 'event') continue;
            const request = {
              itemId: id,
              folderId: folder.id,
              owner: owner ?? folder.mailbox.id,
              kind,
              extendedIds: extendedIds(kind, type ?? ''),
            };
            const plain = await client.plainItem(folder.mailbox, request);
            expect((await toMapiItem({ kind, itemType: type ?? '', ...plain })).properties.length).toBeGreaterThan(10);
            read[kind]++;
          }
        }
      expect([read.message > 10, read.event > 0]).toEqual([true, true]);
    });
    expect([...tap.complaints]).toEqual([]);
  });

  it('in a verification of a user with an archive', async () => {
    const tap = await tapped(shared, [], async ({ client }) => {
      const options = { userPrincipalName: 'user1@fabrikam.test', wantArchive: true, decode: () => undefined };
      const verdicts: string[] = [];
      for await (const { verdict } of probeMailbox(client, options)) verdicts.push(verdict);
      expect(verdicts).not.toContain('fail');
    });
    expect([...tap.complaints]).toEqual([]);
  });

  it('and would not if a request were wrong', () => {
    const contract = new GraphContract(shared);
    const box = '/v1.0/admin/exchange/mailboxes/MBX%3Aa%40b';
    const headers = { authorization: 'Bearer x' };
    const call: ObservedExchange = {
      method: 'GET',
      target: `${box}/folders?$top=5`,
      headers,
      body: '',
      status: 200,
      answer: { value: [] },
    };
    const post = { ...call, method: 'POST', target: `${box}/exportItems`, headers: { ...headers, 'content-type': 'application/json' } };
    const complaints = (change: Partial<ObservedExchange>): readonly string[] =>
      contract.exchange({ ...call, ...change }).map((each) => each.replace(/^.* \d+: /, ''));
    expect(complaints({})).toEqual([]);
    expect(complaints({ target: `${box}/folders?$top=-1` })).toEqual(['query $top: too small']);
    expect(complaints({ target: `${box}/folders?$top=many` })).toEqual(['query $top: is not integer but null']);
    expect(complaints({ target: `${box}/folders?pages=5` })).toEqual(['query pages is not described']);
    expect(complaints({ target: `${box}/folders?$search=x` })).toEqual(['query $search is documented as unsupported']);
    expect(complaints({ target: `${box}/rules` })).toEqual(['the path is not described']);
    expect(complaints({ method: 'DELETE' })).toEqual(['the method is not described']);
    expect(complaints({ headers: {} })).toEqual(['header Authorization is no bearer token']);
    expect(complaints({ body: '{}' })).toEqual(['a body is not described']);
    expect(complaints({ ...post, body: '{"itemIds":["a"]}' })).toEqual([]);
    expect(complaints({ ...post, body: '{"itemIds":[]}' })).toEqual(['body: fits not exactly one of oneOf']);
    expect(complaints({ ...post, body: JSON.stringify({ itemIds: Array.from({ length: 21 }, String) }) })).toEqual([
      'body: fits not exactly one of oneOf',
    ]);
    expect(complaints({ ...post, body: 'ids=a', headers: { ...headers, 'content-type': 'text/plain' } })).toEqual([
      'the content type text/plain is not described',
    ]);
  });
});
