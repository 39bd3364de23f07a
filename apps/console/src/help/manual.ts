/** A piece of a page: text, or an element with what is in it. */
export type Node = string | Element;
export type Element = {
  readonly is: string;
  readonly id?: string;
  /** Where a link leads. */
  readonly to?: string;
  readonly in?: readonly Node[];
  /** Cells of a table. */
  readonly head?: readonly (readonly Node[])[];
  readonly rows?: readonly (readonly (readonly Node[])[])[];
};

/** A page of the manual. */
export type ManualPage = { readonly id: string; readonly title: string; readonly blocks: readonly Element[] };

/** The manual: pages in reading order, the places that can be found, and the index that finds them. */
export type Manual = {
  readonly pages: readonly ManualPage[];
  readonly places: readonly { readonly id: string; readonly title: string; readonly page: string }[];
  readonly index: string;
};

/** Empty as it is compiled: tools/bundle-console.mjs puts the manual in its place. */
export const manual: Manual = { pages: [], places: [], index: '{}' };
