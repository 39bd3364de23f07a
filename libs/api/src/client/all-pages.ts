/** What a page of a list is asked for with. */
export type PageQuery = { readonly limit: number; readonly cursor?: string };

type PageOf<T> = { readonly items: readonly T[]; readonly next: string | null };

const LARGEST_PAGE = 1_000;

/** Reads a list to its end: `allPages((query) => client.listCustomers({ query }))`. */
export const allPages = async <T>(
  read: (query: PageQuery) => Promise<PageOf<T>>,
): Promise<{ readonly items: T[]; readonly total: number }> => {
  const items: T[] = [];
  for (let query: PageQuery = { limit: LARGEST_PAGE }; ; ) {
    const page = await read(query);
    items.push(...page.items);
    if (page.next === null) return { items, total: items.length };
    query = { ...query, cursor: page.next };
  }
};
