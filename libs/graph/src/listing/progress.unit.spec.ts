import { ListingProgress } from './progress.js';

const page = (...ids: readonly string[]) => ids.map((id) => ({ id }));
/** What becomes of these pages: each is new or not, until it has gone on for too long. */
const notes = (pages: readonly (readonly string[])[]): string => {
  const progress = new ListingProgress();
  let seen = '';
  try {
    for (const ids of pages) seen += progress.note(page(...ids)) ? 'n' : '-';
  } catch (error) {
    seen += (error as { code: string }).code;
  }
  return seen;
};

describe('a listing', () => {
  it('makes progress with every page that it has not had', () => expect(notes([['a'], ['b'], ['a', 'b'], ['c']])).toBe('nnnn'));
  it('may repeat a page, and have empty ones', () => expect(notes([['a'], ['a'], [], ['b'], [], ['b']])).toBe('n--n--'));
  it('tells a changed item from the same one', () => {
    const progress = new ListingProgress();
    const changes = Array.from({ length: 9 }, (_, n) => progress.note([{ id: 'a', changeKey: String(n) }]));
    expect(changes.every((isNew) => isNew)).toBe(true);
  });
  it('leads nowhere when the same page comes under new links', () => expect(notes(Array(9).fill(['a']))).toBe('n--graph.no-progress'));
  it('leads nowhere when its pages go round', () =>
    expect(notes([['a'], ['b'], ['c'], ['a'], ['b'], ['c'], ['a']])).toBe('nnn--graph.no-progress'));
  it('leads nowhere when it is empty for ever', () => expect(notes(Array(500).fill([]))).toMatch(/^-{100}graph\.no-progress$/));
  it('counts removals as something', () => {
    const progress = new ListingProgress();
    expect([progress.note([], ['gone']), progress.note([], ['gone'])]).toEqual([true, false]);
  });
});
