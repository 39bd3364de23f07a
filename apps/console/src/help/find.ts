import MiniSearch, { type Options } from 'minisearch';

/** A section of the manual as it is searched. */
export type Passage = { readonly id: string; readonly title: string; readonly page: string; readonly text: string };

/** The same where the index is made and where it is read. Nothing of the text is kept in it: the pages have that. */
const OPTIONS: Options<Passage> = {
  fields: ['title', 'page', 'text'],
  storeFields: [],
  // A code such as `graph.throttled` is found whole and by its words.
  tokenize: (text) => text.split(/[^\p{L}\p{N}.-]+/u).flatMap((word) => (/[.-]/.test(word) ? [word, ...word.split(/[.-]+/)] : [word])),
  searchOptions: { prefix: true, fuzzy: (term) => (term.length > 5 ? 0.2 : false), boost: { title: 3, page: 2 }, combineWith: 'AND' },
};

/** The index of the manual, as text. Made when the console is bundled. */
export const makeIndex = (passages: readonly Passage[]): string => {
  const index = new MiniSearch<Passage>(OPTIONS);
  index.addAll(passages);
  return JSON.stringify(index);
};

/** The index in the browser: gives the ids of passages, the best first. */
export const openIndex = (made: string): ((wanted: string) => readonly string[]) => {
  const index = MiniSearch.loadJSON<Passage>(made, OPTIONS);
  return (wanted) => index.search(wanted).map(({ id }) => String(id));
};
