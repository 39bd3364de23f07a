import type { GraphClient, ItemPage } from '../client.js';
import { connectToFake, faultOf, graphError, startFake, type FakeServer, type Reply } from '../fake-graph.fixture.js';
import { PLAIN_LISTING } from './plain.js';

const MAILBOX = { id: 'MBX:p@t', version: 'v1.0' } as const;

/** A folder whose delta answers that the mailbox is full. */
class FullFolder {
  items: string[];
  /** What the folder says of itself, where that is not so. */
  claims: number | undefined;
  readonly corrupt = new Set<string>();
  /** Entries of a page at most, whatever is asked for. */
  most = 1000;
  ignoresSkip = false;
  readonly refuses: RegExp | undefined;
  /** Called before each page. */
  before: (skip: number) => void = () => undefined;

  constructor(count: number, refuses?: RegExp) {
    this.items = Array.from({ length: count }, (_, n) => `i${String(n)}`);
    this.refuses = refuses;
  }

  reply(path: string): Reply {
    const url = new URL(path, 'http://x');
    if (url.pathname.endsWith('/items/delta')) return graphError(403, 'ErrorQuotaExceeded');
    if (url.pathname.endsWith('/folders/f')) return { json: { id: 'f', totalItemCount: this.claims ?? this.items.length } };
    if (this.refuses?.test(decodeURIComponent(path)) === true) return graphError(400, 'ErrorInvalidUrlQuery');
    const [skip, top] = ['$skip', '$top'].map((name) => Number(url.searchParams.get(name)));
    this.before(skip!);
    const from = this.ignoresSkip ? 0 : skip!;
    const page = this.items.slice(from, from + Math.min(top!, this.most));
    if (page.some((id) => this.corrupt.has(id))) return graphError(500, 'ErrorInternalServerError');
    const more = from + page.length < this.items.length ? { '@odata.nextLink': `${url.href}&more` } : {};
    return { json: { value: page.map((id) => ({ id, size: 1 })), ...more } };
  }
}

let server: FakeServer;
afterEach(() => server.close());
const open = async (folder: FullFolder): Promise<GraphClient> => {
  server = await startFake((seen) => folder.reply(seen.path));
  return connectToFake(server, { ports: { limits: { passing: { firstMs: 1, mostMs: 2 }, retries: { share: 1, least: 1_000 } } } }).client;
};
/** Every page of a plain listing. */
const pagesOf = async (client: GraphClient, pageSize = 4): Promise<ItemPage[]> => {
  const pages: ItemPage[] = [];
  for (let cursor: string | null = PLAIN_LISTING; cursor !== null; cursor = pages.at(-1)!.next) {
    pages.push(await client.itemPage(MAILBOX, 'f', cursor, { pageSize }));
    expect(pages.length).toBeLessThan(100);
  }
  return pages;
};
const idsOf = (pages: readonly ItemPage[]): string[] => pages.flatMap(({ items }) => items.map(({ id }) => id));

describe('a folder that is listed without a delta', () => {
  it('is what a full mailbox needs: its delta is refused at once, with advice about the quota', async () => {
    const client = await open(new FullFolder(1));
    const fault = await faultOf(client.itemPage(MAILBOX, 'f', null, { pageSize: 4 }));
    expect(fault).toMatchObject({ code: 'graph.quota-exceeded', advice: expect.stringContaining('quota') });
    expect(server.requests).toHaveLength(1);
  });

  it.each([0, 1, 3, 4, 5, 17])('gives each of %p items once and ends without a link', async (count) => {
    const folder = new FullFolder(count);
    const pages = await pagesOf(await open(folder));
    expect(idsOf(pages)).toEqual(folder.items);
    expect(pages.at(-1)).toMatchObject({ next: null, delta: null });
    expect(pages.at(-1)!.short).toBeUndefined();
  });

  it('gets along with a server that gives less than it was asked for', async () => {
    const folder = new FullFolder(11);
    folder.most = 3;
    expect(idsOf(await pagesOf(await open(folder)))).toEqual(folder.items);
  });

  it('gets along without $select and $orderby', async () => {
    const folder = new FullFolder(6, /\$orderby|\$select/);
    expect(idsOf(await pagesOf(await open(folder)))).toEqual(folder.items);
  });

  it('notices that an item was deleted before the page', async () => {
    const folder = new FullFolder(12);
    folder.before = (skip) => {
      if (skip > 0) folder.items = folder.items.filter((id) => id !== 'i1');
    };
    const client = await open(folder);
    const first = await client.itemPage(MAILBOX, 'f', PLAIN_LISTING, { pageSize: 4 });
    expect(await faultOf(client.itemPage(MAILBOX, 'f', first.next, { pageSize: 4 }))).toMatchObject({
      code: 'graph.listing-shifted',
      retry: 'now',
    });
  });

  it('notices a server that gives the same page whatever it is asked for', async () => {
    const folder = new FullFolder(12);
    folder.ignoresSkip = true;
    expect((await faultOf(pagesOf(await open(folder)))).code).toBe('graph.listing-shifted');
  });

  it('takes mail that arrives during the listing', async () => {
    const folder = new FullFolder(8);
    folder.before = (skip) => {
      if (skip === 3) folder.items.push('late');
    };
    const pages = await pagesOf(await open(folder));
    expect(idsOf(pages)).toContain('late');
    expect(pages.at(-1)!.short).toBeUndefined();
  });

  it('leaves out the item that breaks its page, and says that one is missing', async () => {
    const folder = new FullFolder(11);
    folder.corrupt.add('i6');
    const pages = await pagesOf(await open(folder));
    expect(idsOf(pages)).toEqual(folder.items.filter((id) => id !== 'i6'));
    expect(pages.at(-1)!.short).toEqual({ listed: 10, expected: 11 });
  });

  it('takes no item for corrupt while nothing can be listed', async () => {
    const folder = new FullFolder(11);
    for (const id of folder.items) folder.corrupt.add(id);
    expect((await faultOf(pagesOf(await open(folder)))).code).toBe('graph.server-error');
  });

  it('says how many items the folder counts that were not listed', async () => {
    const folder = new FullFolder(5);
    folder.claims = 9;
    const pages = await pagesOf(await open(folder));
    expect([idsOf(pages).length, pages.at(-1)!.short]).toEqual([5, { listed: 5, expected: 9 }]);
  });
});
