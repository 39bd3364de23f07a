/** Puts things that have the same key together, in the order in which keys and things come. */
export const groupBy = <T, K>(things: readonly T[], keyOf: (thing: T) => K): ReadonlyMap<K, readonly T[]> => {
  const groups = new Map<K, T[]>();
  for (const thing of things) {
    const key = keyOf(thing);
    const group = groups.get(key);
    // Copied for each thing, a group of thousands would block the page.
    if (group === undefined) groups.set(key, [thing]);
    else group.push(thing);
  }
  return groups;
};
