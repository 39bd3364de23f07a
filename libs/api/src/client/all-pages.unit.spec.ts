import { allPages, type PageQuery } from './all-pages.js';

describe('all pages of a list', () => {
  type Page = { readonly items: readonly number[]; readonly next: string | null };
  const list = (pages: Readonly<Record<string, Page>>) => {
    const asked: PageQuery[] = [];
    const read = async (query: PageQuery): Promise<Page> => {
      asked.push(query);
      return pages[query.cursor ?? ''] ?? { items: [], next: null };
    };
    return { all: () => allPages(read), asked };
  };

  it('are read one after another', async () => {
    const { all, asked } = list({ '': { items: [1, 2], next: 'a' }, a: { items: [3], next: 'b' }, b: { items: [], next: null } });
    expect(await all()).toEqual({ items: [1, 2, 3], total: 3 });
    expect(asked.map(({ cursor }) => cursor)).toEqual([undefined, 'a', 'b']);
  });

  it('end where they lead in a circle', async () => {
    const { all, asked } = list({ '': { items: [1], next: 'a' }, a: { items: [2], next: 'b' }, b: { items: [3], next: 'a' } });
    await expect(all()).rejects.toThrow('A list: its pages do not end');
    expect(asked).toHaveLength(3);
  });

  it('end where they are empty and still go on', async () => {
    const { all, asked } = list({ '': { items: [], next: 'a' } });
    await expect(all()).rejects.toThrow('A list: its pages do not end');
    expect(asked).toHaveLength(1);
  });
});
