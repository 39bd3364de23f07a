import { withMoves, type DriftItem, type ManifestItem } from '@pstream/contracts';
import { Listing, type ListedNow } from './compare.js';

const T0 = '2026-01-01T00:00:00Z';
const T1 = '2026-02-01T00:00:00Z';
const then = (id: string, more: Partial<ManifestItem> = {}): ManifestItem => ({
  key: `k-${id}`,
  id,
  changeKey: 'c0',
  type: 'IPM.Note',
  size: 100,
  date: T0,
  changed: T0,
  ...more,
});
const now = (id: string, more: Partial<ListedNow> = {}): ListedNow => ({
  id,
  changeKey: 'c0',
  type: 'IPM.Note',
  size: 100,
  createdDateTime: T0,
  lastModifiedDateTime: T0,
  ...more,
});
const exported = new Map([then('a'), then('b'), then('c')].map((item) => [item.id, item]));
const all = { whole: false, takes: () => true };
const compare = (listing: Listing, how = all): string[] =>
  listing.compare('Inbox', exported, how).map(({ what, itemId }) => `${what} ${itemId}`);

describe('what has changed in a folder since its export', () => {
  it('is what has another change key, what was removed, and what no pass took', () => {
    const listing = new Listing();
    listing.add([now('a', { changeKey: 'c1', lastModifiedDateTime: T1 }), now('b'), now('d')], ['c', 'x']);
    expect(compare(listing)).toEqual(['changed a', 'gone c', 'new d']);
    expect(listing.compare('Inbox', exported, all)[0]).toMatchObject({ folder: 'Inbox', exportedAsOf: T0, changedAt: T1 });
  });

  it('says nothing of what a delta does not list, unless the whole folder was listed', () => {
    const listing = new Listing();
    listing.add([now('a')], []);
    expect(compare(listing)).toEqual([]);
    expect(compare(listing, { ...all, whole: true })).toEqual(['gone b', 'gone c']);
  });

  it('goes by the last word on an item: removed and listed again is there', () => {
    const listing = new Listing();
    listing.add([], ['a', 'b']);
    listing.add([now('a')], []);
    expect(compare(listing)).toEqual(['gone b']);
    listing.add([now('b', { changeKey: 'c1' })], []);
    listing.add([], ['b']);
    expect(compare(listing)).toEqual(['gone b']);
  });

  it('leaves out new items that an export would not take, and changes that nobody can tell', () => {
    const listing = new Listing();
    listing.add([now('d'), now('a', { changeKey: null })], []);
    expect(compare(listing, { ...all, takes: () => false })).toEqual([]);
  });
});

describe('moved items', () => {
  const item = (what: DriftItem['what'], folder: string, more: Partial<DriftItem> = {}): DriftItem => ({
    what,
    folder,
    to: null,
    itemId: `${what}-${folder}`,
    itemType: 'IPM.Note',
    itemDate: T0,
    sizeBytes: 100,
    exportedAsOf: T0,
    changedAt: null,
    ...more,
  });

  it('are gone in one folder and new in another, with the same type, size and date', () => {
    const moved = withMoves([item('gone', 'Inbox'), item('changed', 'Inbox'), item('new', 'Archive', { changedAt: T1 })]);
    expect(moved.map(({ what, folder, to, changedAt }) => [what, folder, to, changedAt])).toEqual([
      ['moved', 'Inbox', 'Archive', T1],
      ['changed', 'Inbox', null, null],
    ]);
  });

  it.each([
    ['two of a kind are new', [item('gone', 'a'), item('new', 'b'), item('new', 'c')]],
    ['the date is not known', [item('gone', 'a', { itemDate: null }), item('new', 'b', { itemDate: null })]],
    ['the size differs', [item('gone', 'a'), item('new', 'b', { sizeBytes: 101 })]],
    ['both are gone', [item('gone', 'a'), item('gone', 'b')]],
  ])('are not guessed where %s', (_title, items) => expect(withMoves(items)).toEqual(items));
});
