import { FakeClock, waitFor } from '@pstream/testing';
import type { ExportedItem } from '../client.js';
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

const ARCHIVE = { id: 'MBX:arc@t', version: 'beta' } as const;
const ids = (count: number): string[] => Array.from({ length: count }, (_, at) => `id-${String(at)}=`);
const asked = (seen: Seen): string[] => (JSON.parse(seen.body) as { itemIds: string[] }).itemIds;
const stream = (id = ''): string => Buffer.from(`stream of ${id}`).toString('base64');
const entry = (id = ''): object => ({ itemId: id, changeKey: `ck-${id}`, data: stream(id) });
const failed = (id: string, code: string, message = 'no'): object => ({ itemId: id, error: { code, message } });
const exported = (id: string, mailbox: string = ARCHIVE.id): object => ({
  itemId: id,
  changeKey: `ck-${id}`,
  data: new Uint8Array(Buffer.from(`stream of ${id}`)),
  mailbox: { id: mailbox, version: 'beta' },
});
const byId = (answers: readonly ExportedItem[]): ExportedItem[] =>
  [...answers].sort((a, b) => Number(a.itemId.replace(/\D/g, '')) - Number(b.itemId.replace(/\D/g, '')));
const codes = (answers: readonly ExportedItem[]): string[] => byId(answers).map((one) => ('fault' in one ? one.fault.code : 'good'));

let server: FakeServer;
afterEach(() => server.close());
/** A fake whose export replies are made by `value`. */
const fake = async (value: (asked: string[], nth: number, seen: Seen) => Reply | object[]): Promise<FakeServer> =>
  (server = await startFake((seen, nth) => {
    const made = value(seen.method === 'POST' ? asked(seen) : [], nth, seen);
    return Array.isArray(made) ? { json: { value: made } } : made;
  }));
const calls = (): number[] => server.requests.map((seen) => asked(seen).length);
const run = (all: readonly string[], options: Parameters<typeof connectToFake>[1] = {}): Promise<ExportedItem[]> =>
  collect(connectToFake(server, options).client.exportItems(ARCHIVE, all));

describe('exporting items', () => {
  it('sends the ids once and hands the streams on', async () => {
    await fake((all) => all.map(entry));
    expect(await run(ids(20))).toEqual(ids(20).map((id) => exported(id)));
    expect(server.requests[0]).toMatchObject({ method: 'POST', path: '/beta/admin/exchange/mailboxes/MBX%3Aarc%40t/exportItems' });
    expect(calls()).toEqual([20]);
  });

  it('refuses more ids than the service takes, none, or the same twice', async () => {
    await fake(() => []);
    for (const wrong of [ids(21), [], ['a', 'a']]) await expect(run(wrong)).rejects.toThrow('1 to 20 different ids');
    expect(server.requests).toHaveLength(0);
  });

  it('asks for missing entries and entries without a stream once more, one at a time', async () => {
    await fake((all, nth) => (nth === 1 ? [entry(all[2]), { itemId: all[1] }] : all.map(entry)));
    expect(byId(await run(ids(3)))).toEqual(ids(3).map((id) => exported(id)));
    expect(calls()).toEqual([3, 1, 1]);
  });

  it('counts an id as failed that is left out also when asked for alone', async () => {
    await fake((all) => all.filter((id) => id !== 'id-1=').map(entry));
    expect(codes(await run(ids(3)))).toEqual(['good', 'graph.item-unanswered', 'good']);
  });

  it('answers nothing twice and nothing that was not asked for', async () => {
    await fake((all) => [...all.map(entry), ...all.map(entry), entry('stranger')]);
    expect(await run(ids(2))).toEqual(ids(2).map((id) => exported(id)));
  });

  it('halves a call that fails as a whole until the item at fault stands alone', async () => {
    await fake((all) => (all.includes('id-13=') ? { status: 504 } : all.map(entry)));
    const answers = await run(ids(20));
    expect(codes(answers)).toEqual(ids(20).map((id) => (id === 'id-13=' ? 'graph.too-much-at-once' : 'good')));
    expect(Math.max(...calls().slice(1))).toBe(10);
    expect(calls().length).toBeLessThanOrEqual(12);
  });

  it.each([
    [
      'JSON that breaks off',
      (id: string): Reply => ({ raw: (response) => response.end(`{"value":[{"itemId":"${id}","data":"${stream(id).slice(0, 5)}`) }),
    ],
    [
      'a connection that breaks off',
      (id: string): Reply => ({
        raw: (response) =>
          response.writeHead(200, { 'content-length': '99999' }).write(`{"value":[${JSON.stringify(entry(id))},`, () => response.destroy()),
      }),
    ],
    ['base64 that is none', (id: string): Reply => ({ json: { value: [{ itemId: id, data: '?!' }] } })],
  ])('keeps what came before %s and asks for the rest in smaller calls', async (_, broken) => {
    await fake((all, nth) => (nth === 1 ? broken(all[0] ?? '') : all.map(entry)));
    expect(byId(await run(ids(8)))).toEqual(ids(8).map((id) => exported(id)));
    expect(Math.max(...calls().slice(1))).toBeLessThanOrEqual(4);
  });

  it('takes an outage of three calls for no fault of the one item that was asked for', async () => {
    await fake((all, nth) => (nth <= 3 ? { status: 504 } : all.map(entry)));
    expect(codes(await run(ids(1)))).toEqual(['good']);
    expect(calls()).toEqual([1, 1, 1, 1]);
  });

  it('stops halving when nothing at all comes through', async () => {
    await fake(() => ({ status: 504 }));
    expect(await faultOf(run(ids(20)))).toMatchObject({ code: 'graph.too-much-at-once', retry: { afterMs: 15_000 } });
    expect(server.requests).toHaveLength(6);
  });

  it('asks once more alone for a damaged item, and not for one that is gone', async () => {
    await fake((all) =>
      all.map((id) =>
        id === 'id-0='
          ? failed(id, 'ErrorCorruptData')
          : id === 'id-1='
            ? failed(id, 'ErrorItemNotFound')
            : id === 'id-2='
              ? failed(id, 'ErrorInvalidIdMalformed')
              : entry(id),
      ),
    );
    expect(codes(await run(ids(4)))).toEqual(['graph.item-corrupt', 'graph.item-gone', 'graph.item-id-invalid', 'good']);
    expect(calls()).toEqual([4, 1]);
  });

  it('waits with the whole mailbox for items that are busy, and asks for them together', async () => {
    const clock = new FakeClock();
    await fake((all, nth) => all.map((id) => (nth === 1 && id !== 'id-0=' ? failed(id, 'ErrorMailboxStoreUnavailable') : entry(id))));
    const { client, ledger } = connectToFake(server, { clock, ports: { limits: {} } });
    expect(codes(await runThroughWaits(clock, collect(client.exportItems(ARCHIVE, ids(3)))))).toEqual(['good', 'good', 'good']);
    expect(calls()).toEqual([3, 2]);
    expect(ledger).toMatchObject([{ mailbox: 'MBX:arc@t', limit: 'item-busy' }]);
  });

  it('throws what concerns the mailbox, without blaming an item', async () => {
    await fake(() => graphError(403, 'ErrorAccessDenied'));
    expect(await faultOf(run(ids(20)))).toMatchObject({ code: 'graph.mailbox-forbidden', facts: { permission: 'MailboxItem.Export.All' } });
    expect(server.requests).toHaveLength(1);
  });

  it('finds the id that makes the service refuse a call', async () => {
    await fake((all) => (all.includes('id-3=') ? graphError(400, 'ErrorInvalidIdMalformed') : all.map(entry)));
    expect(codes(await run(ids(5)))).toEqual(['good', 'good', 'good', 'graph.bad-request', 'good']);
  });

  it('follows the link to the rest of a reply', async () => {
    await fake((all, _, seen) =>
      seen.method === 'GET'
        ? [entry('id-1=')]
        : {
            json: {
              value: [entry(all[0])],
              '@odata.nextLink': `${server.url}/beta/admin/exchange/mailboxes/MBX:arc@t/exportItems?$skip=1`,
            },
          },
    );
    expect(codes(await run(ids(2)))).toEqual(['good', 'good']);
  });
});

describe('items that moved to another part of an archive', () => {
  const exportUrl = (mailbox: string): string => `${server.url}/Beta/admin/exchange/Mailboxes/${mailbox}/exportItems`;
  const moved = (id: string, mailbox: string, key = 'error'): object => ({
    itemId: id,
    [key]: { code: 'ErrorArchiveFolderMovedPermanently', message: exportUrl(mailbox) },
  });

  it('are asked for there, grouped, whatever the spelling of the error', async () => {
    await fake((all, _, seen) =>
      seen.path.includes('aux')
        ? all.map(entry)
        : all.map((id, at) => (at % 3 === 0 ? entry(id) : moved(id, `MBX:aux${String(at % 3)}@t`, at % 2 === 0 ? 'error' : 'Error'))),
    );
    const answers = byId(await run(ids(9)));
    expect(answers).toEqual(ids(9).map((id, at) => exported(id, at % 3 === 0 ? ARCHIVE.id : `MBX:aux${String(at % 3)}@t`)));
    expect(calls()).toEqual([9, 3, 3]);
  });

  it('are reported where the way leads in a circle', async () => {
    await fake((all, _, seen) => all.map((id) => moved(id, seen.path.includes('aux') ? 'MBX%3Aarc%40t' : 'aux')));
    expect(codes(await run(ids(2)))).toEqual(['graph.redirect-loop', 'graph.redirect-loop']);
    expect(calls()).toEqual([2, 2]);
  });

  it('are reported after five hops', async () => {
    await fake((all, nth) => all.map((id) => moved(id, `MBX:aux${String(nth)}@t`)));
    expect(codes(await run(ids(1)))).toEqual(['graph.too-many-redirects']);
    expect(calls()).toHaveLength(6);
  });

  it('are not followed to anything but an export', async () => {
    await fake((all) =>
      all.map((id) => failed(id, 'ErrorArchiveFolderMovedPermanently', `${server.url}/beta/admin/exchange/mailboxes/MBX:x/importItems`)),
    );
    expect(codes(await run(ids(1)))).toEqual(['graph.item-moved']);
    expect(calls()).toEqual([1]);
  });

  it('are found through a 308 with method and body kept', async () => {
    await fake((all, _, seen) =>
      seen.path.includes('aux') ? all.map(entry) : { status: 308, headers: { location: exportUrl('MBX:aux@t') } },
    );
    expect(await run(ids(2))).toEqual(ids(2).map((id) => exported(id, 'MBX:aux@t')));
    expect(server.requests[1]).toMatchObject({ method: 'POST', body: server.requests[0]?.body });
  });
});

describe('a slow export', () => {
  it('counts the time that the network takes, not the time that the consumer takes', async () => {
    const clock = new FakeClock();
    const gate = Promise.withResolvers<void>();
    await fake((all) => ({
      raw: (response) => {
        response.write(`{"value":[${JSON.stringify(entry(all[0]))},`);
        void gate.promise.then(() => response.end(`${JSON.stringify(entry(all[1]))}]}`));
      },
    }));
    const { client } = connectToFake(server, { clock });
    const answers = client.exportItems(ARCHIVE, ids(2))[Symbol.asyncIterator]();
    await answers.next();
    await clock.advance(3_600_000);
    const second = answers.next();
    gate.resolve();
    expect((await second).value).toEqual(exported('id-1='));
    expect((await answers.next()).done).toBe(true);
  });

  it('ends after five minutes of waiting, then asks for less', async () => {
    const clock = new FakeClock();
    await fake((all, nth) => (nth === 1 ? { raw: (response) => response.write('{"value":[') } : all.map(entry)));
    const { client } = connectToFake(server, { clock });
    const answers = collect(client.exportItems(ARCHIVE, ids(4)));
    await waitFor(() => server.requests.length === 1 && clock.sleepers.length === 1);
    await clock.advance(300_000);
    expect(codes(await answers)).toEqual(['good', 'good', 'good', 'good']);
    expect(calls()).toEqual([4, 2, 2]);
  });

  it('is cut, and its place given back, when the consumer leaves', async () => {
    let cut = false;
    await fake((all, nth) =>
      nth === 1
        ? {
            raw: (response) => {
              response.on('close', () => (cut = true));
              response.write(`{"value":[${JSON.stringify(entry(all[0]))},`);
            },
          }
        : all.map(entry),
    );
    const { client } = connectToFake(server, { ports: { maxConcurrentPerMailbox: 1 } });
    for await (const answer of client.exportItems(ARCHIVE, ids(2))) {
      expect(answer.itemId).toBe('id-0=');
      break;
    }
    expect(codes(await collect(client.exportItems(ARCHIVE, ids(2))))).toEqual(['good', 'good']);
    await waitFor(() => cut);
  });

  it("ends with the signal's reason", async () => {
    await fake(() => ({ raw: (response) => response.write('{"value":[') }));
    const { client } = connectToFake(server);
    const stop = new AbortController();
    const ended = collect(client.exportItems(ARCHIVE, ids(2), stop.signal));
    await waitFor(() => server.requests.length === 1);
    stop.abort(new Error('pass stopped'));
    await expect(ended).rejects.toThrow('pass stopped');
    expect(server.requests).toHaveLength(1);
  });
});
