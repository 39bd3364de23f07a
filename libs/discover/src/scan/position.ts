/** Where a walk is: which root, and the names from there. Entries of a folder come in the order of their names, a folder before what is in it. */
export type Position = { readonly root: number; readonly names: readonly string[] };

/** Below 0 if `a` comes before `b`, 0 if they are the same place, above 0 otherwise. */
export const comparePositions = (a: Position, b: Position): number => {
  if (a.root !== b.root) return a.root - b.root;
  const length = Math.min(a.names.length, b.names.length);
  for (let at = 0; at < length; at++) {
    const order = compareNames(a.names[at] as string, b.names[at] as string);
    if (order !== 0) return order;
  }
  return a.names.length - b.names.length;
};

/** The order of names in a folder: that of their code units, the same on every machine. */
export const compareNames = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
