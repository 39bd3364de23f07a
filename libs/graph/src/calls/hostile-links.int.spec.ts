import { collect, connectToFake, faultOf, startFake, type FakeServer, type Reply } from '../fake-graph.fixture.js';
import { hostileUrls } from '../http/hostile-urls.fixture.js';

const MAILBOX = { id: 'MBX:a@t', version: 'beta' } as const;
let evil: FakeServer;
let server: FakeServer;
/** What the right server answers, with the hostile URL in it. */
let reply: (path: string) => Reply = () => ({});

beforeAll(async () => {
  evil = await startFake(() => ({ json: { value: [] } }));
  server = await startFake((seen) => reply(seen.path));
});
afterAll(async () => {
  await evil.close();
  await server.close();
});

/** Each place where a reply holds a URL, and a call that would use it. */
const places = (
  url: string,
): readonly (readonly [string, (path: string) => Reply, (client: ReturnType<typeof connectToFake>['client']) => Promise<unknown>])[] => [
  ['nextLink of folders', () => ({ json: { value: [], '@odata.nextLink': url } }), (client) => collect(client.folders(MAILBOX))],
  [
    'parentMailboxUrl',
    () => ({ json: { value: [{ id: 'f', childFolderCount: 1, parentMailboxUrl: url }] } }),
    (client) => collect(client.folders(MAILBOX)),
  ],
  [
    'nextLink of items',
    () => ({ json: { value: [], '@odata.nextLink': url } }),
    (client) => client.itemPage(MAILBOX, 'f', null, { pageSize: 5 }),
  ],
  ['deltaLink', () => ({ json: { value: [], '@odata.deltaLink': url } }), (client) => client.itemPage(MAILBOX, 'f', null, { pageSize: 5 })],
  ['stored link', () => ({}), (client) => client.itemPage(MAILBOX, 'f', url, { pageSize: 5 })],
  [
    'nextLink of an export',
    () => ({ json: { value: [], '@odata.nextLink': url } }),
    (client) => collect(client.exportItems(MAILBOX, ['i'])),
  ],
  [
    'redirect message of an item',
    () => ({ json: { value: [{ itemId: 'i', error: { code: 'ErrorArchiveFolderMovedPermanently', message: url } }] } }),
    async (client) => {
      for (const answer of await collect(client.exportItems(MAILBOX, ['i']))) if ('fault' in answer) throw answer.fault;
    },
  ],
];
/** A Location header cannot hold control characters, so it has its own list. */
const location = (url: string): Reply => ({ status: 308, headers: { location: url } });

describe('a hostile link', () => {
  const forms = hostileUrls(new URL('http://127.0.0.1:1'), 'placeholder');
  it.each(forms.map(([name], at) => [name, at] as const))('that is %s gets no credential', async (_, at) => {
    const [, url] = hostileUrls(new URL(server.url), evil.url.slice('http://'.length))[at] ?? ['', ''];
    const { client } = connectToFake(server);
    for (const [place, answer, use] of places(url)) {
      // An empty link is no link: the call ends without it.
      if (url === '' && place !== 'stored link' && place !== 'redirect message of an item') continue;
      reply = answer;
      expect({ place, code: (await faultOf(use(client))).code }).toEqual({ place, code: 'graph.foreign-url' });
    }
    if (!/[^\x20-\x7e]/.test(url)) {
      // White space around a header's value is not part of it.
      reply = (path) => (path.includes('/delta') ? location(url) : {});
      if (url === url.trim()) expect((await faultOf(client.itemPage(MAILBOX, 'f', null, { pageSize: 5 }))).code).toBe('graph.foreign-url');
    }
    expect([...evil.requests, ...evil.tokenRequests]).toEqual([]);
    expect(server.requests.every((seen) => seen.headers.host === new URL(server.url).host)).toBe(true);
    await client.close();
  });

  it('comes in at least forty forms', () => {
    expect(forms.length).toBeGreaterThanOrEqual(40);
  });
});
