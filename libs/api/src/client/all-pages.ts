import { ApiError } from './api-error.js';

/** What a page of a list is asked for with. */
export type PageQuery = { readonly limit: number; readonly cursor?: string };

type PageOf<T> = { readonly items: readonly T[]; readonly next: string | null };

const LARGEST_PAGE = 1_000;

/** Reads a list to its end: `allPages((query) => client.listCustomers({ query }))`. Throws an ApiError where the pages lead in a circle or nowhere. */
export const allPages = async <T>(
  read: (query: PageQuery) => Promise<PageOf<T>>,
): Promise<{ readonly items: T[]; readonly total: number }> => {
  const items: T[] = [];
  const seen = new Set<string>();
  for (let query: PageQuery = { limit: LARGEST_PAGE }; ; ) {
    const page = await read(query);
    items.push(...page.items);
    if (page.next === null) return { items, total: items.length };
    if (seen.has(page.next) || page.items.length === 0)
      throw new ApiError('A list', 200, undefined, 'its pages do not end; what answers is no gateway of this release');
    seen.add(page.next);
    query = { ...query, cursor: page.next };
  }
};
