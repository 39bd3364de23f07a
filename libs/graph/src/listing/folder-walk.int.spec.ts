import { FakeClock } from '@pstream/testing';
import {
  collect,
  connectToFake,
  faultOf,
  graphError,
  runThroughWaits,
  startFake,
  type FakeServer,
  type Reply,
} from '../fake-graph.fixture.js';

const MAILBOX = { id: 'MBX:p@t', version: 'v1.0' } as const;
const BASE = `/v1.0/admin/exchange/mailboxes/${encodeURIComponent(MAILBOX.id)}`;

const folder = (id: string, children = 0, parent = 'root') => ({
  id,
  displayName: id,
  parentFolderId: parent,
  childFolderCount: children,
  totalItemCount: 1,
});
const TREE = {
  root: [folder('a', 2), folder('b', 1), folder('c')],
  a: [folder('a1', 0, 'a'), folder('a2', 0, 'a')],
  b: [folder('b1', 0, 'b')],
};
const ALL = Object.values(TREE).flat();

let server: FakeServer;
afterEach(() => server.close());

type Rule = (path: string, nth: number) => Reply | undefined;

/** What a walk of the tree gives while some calls answer differently: `a` for a folder, `!a code` for what was not found below it. */
const walk = async (rule: Rule, { shownByDelta = ALL }: { readonly shownByDelta?: typeof ALL } = {}): Promise<string[]> => {
  const counts = new Map<string, number>();
  server = await startFake((seen) => {
    const path = decodeURIComponent(seen.path).slice(decodeURIComponent(BASE).length);
    const bare = path.split('?')[0]!;
    counts.set(bare, (counts.get(bare) ?? 0) + 1);
    const answer = rule(path, counts.get(bare)!);
    if (answer !== undefined) return answer;
    if (bare === '/folders/delta') return { json: { value: shownByDelta, '@odata.deltaLink': `${server.url}${BASE}/folders/delta?t=1` } };
    const below = /^\/folders\/(\w+)\/childFolders$/.exec(bare)?.[1] ?? (bare === '/folders' ? 'root' : undefined);
    if (below !== undefined) return { json: { value: TREE[below as keyof typeof TREE] ?? [] } };
    return { json: ALL.find(({ id }) => bare === `/folders/${id}`) };
  });
  const clock = new FakeClock();
  const { client } = connectToFake(server, { clock, ports: { limits: { retries: { share: 1, least: 1_000 } } } });
  const entries = await runThroughWaits(clock, collect(client.folders(MAILBOX)));
  return entries.map((entry) => ('fault' in entry ? `!${entry.subfoldersOf ?? 'root'} ${entry.fault.code}` : entry.id)).toSorted();
};

const EVERY_FOLDER = ALL.map(({ id }) => id).toSorted();
const children: Rule = (path) => (path.startsWith('/folders/a/childFolders') ? graphError(403, 'ErrorAccessDenied') : undefined);
const noDelta: Rule = (path) => (path.startsWith('/folders/delta') ? graphError(403, 'ErrorQuotaExceeded') : undefined);
const reset: Reply = { raw: (response) => response.destroy() };
const cutOff: Reply = { raw: (response) => response.writeHead(200, { 'content-type': 'application/json' }).end('{"value":[') };

/** Every line of the fault table, as the answer of one folder. */
const ANSWERS: readonly (readonly [string, Reply])[] = [
  ...(
    [
      [400, 'BadRequest'],
      [400, 'InefficientFilter'],
      [400, 'ErrorInvalidIdMalformed'],
      [401, 'InvalidAuthenticationToken'],
      [403, 'ErrorAccessDenied'],
      [403, 'ErrorQuotaExceeded'],
      [403, 'Authorization_RequestDenied'],
      [403, 'insufficient_claims'],
      [404, 'ErrorItemNotFound'],
      [404, 'ErrorFolderNotFound'],
      [404, 'MailboxNotEnabledForRESTAPI'],
      [404, 'Request_ResourceNotFound'],
      [409, 'conflict'],
      [410, 'SyncStateNotFound'],
      [412, ''],
      [429, 'ApplicationThrottled'],
      [500, 'ErrorInternalServerError'],
      [500, 'ErrorCorruptData'],
      [503, 'ErrorServerBusy'],
      [503, 'ErrorMailboxMoveInProgress'],
      [504, ''],
      [507, 'ErrorQuotaExceeded'],
    ] as const
  ).map(([status, code]): [string, Reply] => [`${String(status)} ${code}`.trim(), graphError(status, code, '', { 'retry-after': '1' })]),
  ['connection reset', reset],
  ['JSON cut off', cutOff],
  ['a link to itself', { json: { value: [], '@odata.nextLink': 'http://self' } }],
];

describe('a folder whose subfolders cannot be listed', () => {
  it.each(ANSWERS)('because of %s: the delta finds them', async (_name, answer) => {
    expect(await walk((path) => (path.startsWith('/folders/a/childFolders') ? answer : undefined))).toEqual(EVERY_FOLDER);
  });

  it.each(ANSWERS)('because of %s: without the delta, it is named, and the others are there', async (_name, answer) => {
    const entries = await walk((path) => (path.startsWith('/folders/a/childFolders') ? answer : noDelta(path, 1)));
    expect(entries.slice(1)).toEqual(['a', 'b', 'b1', 'c']);
    expect(entries[0]).toMatch(/^!a (graph|entra)\./);
  });

  it('is named when the delta does not show all of them', async () => {
    expect(await walk(children, { shownByDelta: ALL.filter(({ id }) => id !== 'a2') })).toEqual([
      '!a graph.mailbox-forbidden',
      ...EVERY_FOLDER.filter((id) => id !== 'a2'),
    ]);
  });

  it('is named with others of its kind, however many follow each other', async () => {
    const sick: Rule = (path, nth) =>
      /^\/folders\/[ab]\/childFolders/.test(path) ? graphError(500, 'ErrorInternalServerError') : noDelta(path, nth);
    expect(await walk(sick)).toEqual(['!a graph.server-error', '!b graph.server-error', 'a', 'b', 'c']);
  });

  it('is asked again for a while when the fault may pass', async () => {
    const failing: Rule = (path, nth) =>
      path.startsWith('/folders/a/childFolders') && nth <= 6 ? graphError(500, 'ErrorInternalServerError') : noDelta(path, nth);
    expect(await walk(failing)).toEqual(EVERY_FOLDER);
  });
});

describe('the folders of a mailbox', () => {
  it('do without the delta where the counts of the folders agree with what was found', async () => {
    expect(await walk(noDelta)).toEqual(EVERY_FOLDER);
  });

  it('are listed in smaller pages where one breaks', async () => {
    const breaking: Rule = (path) =>
      path.startsWith('/folders?') && path.includes('$top=200') ? graphError(500, 'ErrorCorruptData') : undefined;
    expect(await walk(breaking)).toEqual(EVERY_FOLDER);
  });

  it('are known to be incomplete where the root leads nowhere', async () => {
    const endless: Rule = (path, nth) =>
      path.startsWith('/folders?')
        ? { json: { value: TREE.root, '@odata.nextLink': `${server.url}${BASE}/folders?n=${String(nth)}` } }
        : undefined;
    expect(await walk(endless)).toEqual(['!root graph.no-progress', ...EVERY_FOLDER]);
  });

  it('end where the last page of the root is empty and names itself', async () => {
    const self: Rule = (path) => {
      if (!path.startsWith('/folders?')) return undefined;
      const next = { '@odata.nextLink': `${server.url}${BASE}/folders?last` };
      return { json: { value: path.includes('last') ? [] : TREE.root, ...next } };
    };
    expect(await walk(self)).toEqual(EVERY_FOLDER);
  });

  it('are not made up of nothing: a root that cannot be listed is thrown', async () => {
    for (const answer of [graphError(403, 'ErrorAccessDenied'), graphError(500, 'ErrorInternalServerError')]) {
      const fault = await faultOf(walk((path) => (path.startsWith('/folders?') ? answer : undefined)));
      expect(fault.code).toMatch(/^graph\.(mailbox-forbidden|server-error)$/);
      await server.close();
    }
  });

  it('are not taken for the fault of one folder when nothing answers any more', async () => {
    let isDown = false;
    const down: Rule = (path) => {
      if (path.startsWith('/folders/a/childFolders')) isDown = true;
      return isDown ? graphError(500, 'ErrorInternalServerError') : undefined;
    };
    expect((await faultOf(walk(down))).code).toBe('graph.server-error');
  });
});
