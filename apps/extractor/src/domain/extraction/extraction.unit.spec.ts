import type { ExtractionEvent, PassRefs } from '@pstream/contracts';
import { evolve } from './evolve.js';
import { newExtraction } from './state.js';
import { cutSlices, isDrained, outstanding, unitName } from './units.js';

const at = '2026-03-01T00:00:00.000Z';
const refs: PassRefs = { workgroupId: 'w', customerId: 'c', projectId: 'p', mailboxJobId: 'm', passId: 'x' };
const mailbox = { id: 'MBX:1', version: 'v1.0' as const };
const folder = (key: string, left?: 'search-folder') => ({
  key,
  parent: null,
  name: key,
  containerClass: null,
  wellKnownName: null,
  hidden: false,
  expected: 1,
  id: key,
  mailbox,
  ...(left === undefined ? {} : { left }),
});
const discovered: ExtractionEvent = {
  type: 'FoldersDiscovered',
  data: { ...refs, folders: [folder('a'), folder('b'), folder('s', 'search-folder')], last: true, at },
};
const listed = (folderKey: string, page: number, slices: number[], next: string | null): ExtractionEvent => ({
  type: 'PageListed',
  data: {
    ...refs,
    folderKey,
    page,
    mailbox,
    items: slices.length * 10,
    bytes: 1,
    again: false,
    repeats: 0,
    slices,
    manifest: slices.length === 0 ? null : { key: 'k', sha256: 'h' },
    next,
    delta: null,
    at,
  },
});
const exported = (folderKey: string, page: number, from: number): ExtractionEvent => ({
  type: 'SliceExported',
  data: { ...refs, folderKey, page, from, items: 9, bytes: 5, skipped: 1, failed: 0, at },
});
const state = (...events: ExtractionEvent[]) => {
  const extraction = newExtraction();
  for (const event of events) evolve(extraction, event);
  return extraction;
};
const names = (...events: ExtractionEvent[]) => outstanding(state(...events), refs).map(unitName);

describe('what is left of an extraction', () => {
  it('is the plan while the folders are not known', () => expect(names()).toEqual(['plan']));
  it('is the first page of each folder, search folders left out', () => expect(names(discovered)).toEqual(['page/a/0', 'page/b/0']));
  it('is open slices before the next page', () =>
    expect(names(discovered, listed('a', 0, [0, 10], 'next'))).toEqual(['slice/a/0/0', 'slice/a/0/10', 'page/a/1', 'page/b/0']));
  it('is the end when every page is listed and every slice exported', () => {
    expect(names(discovered, listed('a', 0, [0], null), exported('a', 0, 0), listed('b', 0, [], null))).toEqual(['finish']);
  });
  it('is nothing after the end', () => {
    const done: ExtractionEvent = {
      type: 'ExtractionFinished',
      data: { ...refs, discovered: 0, published: 0, skipped: 0, failed: 0, bytes: 0, at },
    };
    expect(names(discovered, listed('a', 0, [], null), listed('b', 0, [], null), done)).toEqual([]);
  });
});

describe('an extraction', () => {
  it('counts what was discovered, published and skipped', () => {
    expect(state(discovered, listed('a', 0, [0], null), exported('a', 0, 0))).toMatchObject({
      discovered: 10,
      published: 9,
      skipped: 1,
      failed: 0,
      bytes: 5,
    });
  });
  it('is not drained while a slice is open', () => {
    expect(isDrained(state(discovered, listed('a', 0, [0], null), listed('b', 0, [], null)))).toBe(false);
  });
});

describe('cutting a page into slices', () => {
  it('bounds items and bytes, and gives a large item a slice of its own', () => {
    expect(cutSlices([1, 1, 1, 100, 1], { items: 2, bytes: 10 })).toEqual([0, 2, 3, 4]);
  });
  it('of nothing is no slice', () => expect(cutSlices([], { items: 2, bytes: 10 })).toEqual([]));
});
