import type { ManifestItem } from '@pstream/contracts';
import { FolderCopies, isChanged, markOf } from './copies.js';
import { movedTo, type Placed } from './moves.js';

const item = (id: string, more: Partial<ManifestItem> = {}): ManifestItem => ({
  key: `k-${id}`,
  id,
  changeKey: 'c0',
  type: 'IPM.Note',
  size: 100,
  date: '2026-01-01T00:00:00Z',
  ...more,
});
const whole = { missing: new Set<string>(), again: false };
const [FIRST, SECOND, THIRD] = ['a', 'b', 'c'].map((passId, nth) => ({ passId, nth }));

describe('the copies of a folder', () => {
  it('are of the last pass that exported each item', () => {
    const copies = new FolderCopies((one) => one);
    copies.add(FIRST!, [item('x'), item('y')], whole);
    copies.add(SECOND!, [item('x', { changeKey: 'c1' })], whole);
    expect(copies.of(markOf('x'))).toMatchObject({ passId: 'b', exported: true, first: 0, item: { changeKey: 'c1' } });
    expect(copies.of(markOf('y'))).toMatchObject({ passId: 'a' });
    expect(copies.of(markOf('z'))).toBeUndefined();
  });

  it('leave an item that failed to Retry Errors, which makes it good as it was listed', () => {
    const copies = new FolderCopies((one) => one);
    copies.add(FIRST!, [item('x')], { missing: new Set(['k-x']), again: false });
    const now = { changeKey: 'c1' };
    expect(isChanged(copies.of(markOf('x'))!, now)).toBe(false);
    expect(copies.notIn(new Set())).toEqual([]);
    copies.add(SECOND!, [item('x', { changeKey: null })], { missing: new Set(['k-x']), again: true });
    expect(isChanged(copies.of(markOf('x'))!, now)).toBe(false);
    copies.add(THIRD!, [item('x', { changeKey: null })], { missing: new Set(), again: true });
    expect(copies.of(markOf('x'))).toMatchObject({ passId: 'c', exported: true, item: { changeKey: 'c0' } });
    expect(isChanged(copies.of(markOf('x'))!, now)).toBe(true);
  });

  it('keep of an item what is asked for, and of most only that it was taken', () => {
    const copies = new FolderCopies(({ changeKey, id }, _mark, nth) => (nth > 0 || id === 'y' ? { changeKey } : undefined));
    copies.add(FIRST!, [item('x'), item('y')], whole);
    copies.add(SECOND!, [item('x'), item('z')], whole);
    const there = new Set(['x', 'y', 'z'].map(markOf));
    expect(copies.of(markOf('x'))).toBeUndefined();
    expect(copies.of(markOf('y'))).toEqual({ item: { changeKey: 'c0' }, passId: 'a', exported: true, first: 0 });
    // Taken by the first pass too, so that it did not come later.
    expect(copies.arrivedLater(there)).toEqual([copies.of(markOf('z'))]);
  });

  it('count as changed only where both versions have a name', () => {
    const copy = { item: item('x'), passId: 'a', exported: true, first: 0 };
    expect(isChanged(copy, { changeKey: 'c0' })).toBe(false);
    expect(isChanged(copy, { changeKey: null })).toBe(false);
    expect(isChanged({ ...copy, item: item('x', { changeKey: null }) }, { changeKey: 'c1' })).toBe(false);
  });
});

describe('a moved item', () => {
  const placed = (id: string, first: number, more: Partial<ManifestItem> = {}): Placed => ({ folderKey: 'f', item: item(id, more), first });
  const pairs = (gone: Placed[], arrived: Placed[]): string[] =>
    [...movedTo(gone, arrived)].map(([from, to]) => `${from.item.id}>${to.item.id}`);

  it('is one that is gone and came later, with type, size and date the same', () =>
    expect(pairs([placed('x', 0), placed('y', 0, { size: 5 })], [placed('z', 1)])).toEqual(['x>z']));

  it.each([
    ['a twin is gone as well', [placed('x', 0), placed('y', 0)], [placed('z', 1)]],
    ['two have come', [placed('x', 0)], [placed('z', 1), placed('w', 1)]],
    ['the other was there at the same time', [placed('x', 0)], [placed('z', 0)]],
    ['nobody knows the date', [{ ...placed('x', 0), item: undated('x') }], [{ ...placed('z', 1), item: undated('z') }]],
    ['it is of another kind', [placed('x', 0)], [placed('z', 1, { type: 'IPM.Contact' })]],
  ])('is not guessed where %s', (_title, gone, arrived) => expect(pairs(gone, arrived)).toEqual([]));
});

function undated(id: string): ManifestItem {
  const { date: _date, ...rest } = item(id);
  return rest;
}
