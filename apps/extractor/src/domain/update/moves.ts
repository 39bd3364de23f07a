import type { ManifestItem } from '@pstream/contracts';

/** An item of a folder, and which pass was the first to take it. */
export type Placed = { readonly folderKey: string; readonly item: ManifestItem; readonly first: number };

/** What an item keeps in a move: type, size and date; undefined where nobody knows the date. */
export const likenessOf = ({ type, size, date }: Pick<ManifestItem, 'type' | 'size' | 'date'>): string | undefined =>
  date === undefined ? undefined : `${type}/${String(size)}/${date}`;

/** The items that are gone in one folder and came later in another, as pairs. Ids change with a move, so type, size and date have to be the same, and no
 *  other item that is gone or came later may have them: as the drift of a mailbox is read. */
export const movedTo = <G extends Placed, A extends Placed>(gone: readonly G[], arrived: readonly A[]): ReadonlyMap<G, A> => {
  const alike = new Map<string, { readonly gone: G[]; readonly arrived: A[] }>();
  const groupOf = ({ item }: Placed): { readonly gone: G[]; readonly arrived: A[] } | undefined => {
    const name = likenessOf(item);
    if (name === undefined) return undefined;
    const group = alike.get(name) ?? { gone: [], arrived: [] };
    alike.set(name, group);
    return group;
  };
  for (const item of gone) groupOf(item)?.gone.push(item);
  for (const item of arrived) groupOf(item)?.arrived.push(item);
  const pairs = new Map<G, A>();
  for (const group of alike.values()) {
    const [from, ...others] = group.gone;
    if (from === undefined || others.length > 0) continue;
    const [to, ...more] = group.arrived.filter(({ first }) => first > from.first);
    if (to !== undefined && more.length === 0) pairs.set(from, to);
  }
  return pairs;
};
