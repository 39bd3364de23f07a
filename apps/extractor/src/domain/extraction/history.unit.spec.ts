import type { ExtractionEvent, LeftOut, PassRefs } from '@pstream/contracts';
import { History } from './history.js';

const at = '2026-03-01T00:00:00.000Z';
const refs: PassRefs = { workgroupId: 'w', customerId: 'c', projectId: 'p', mailboxJobId: 'm', passId: 'x' };
const mailbox = { id: 'MBX:1', version: 'v1.0' as const };
const found = (from?: string): ExtractionEvent => ({
  type: 'FoldersDiscovered',
  data: {
    ...refs,
    folders: [
      {
        key: 'a',
        parent: null,
        name: 'a',
        containerClass: null,
        wellKnownName: null,
        hidden: false,
        expected: 1,
        id: 'a',
        mailbox,
        ...(from === undefined ? {} : { from }),
      },
    ],
    last: true,
    at,
  },
});
const listed = (page: number, end: { readonly delta: string } | { readonly next: string }, leftOut?: LeftOut): ExtractionEvent => ({
  type: 'PageListed',
  data: {
    ...refs,
    folderKey: 'a',
    page,
    mailbox,
    items: 1,
    bytes: 1,
    again: false,
    repeats: 0,
    ...(leftOut === undefined ? {} : { leftOut }),
    slices: [0],
    manifest: { key: `m/${page}`, sha256: 'h' },
    next: null,
    delta: null,
    ...end,
    at,
  },
});
const history = (...passes: readonly (readonly [scope: string, events: readonly ExtractionEvent[]])[]): History => {
  const made = new History();
  for (const [scope, events] of passes) made.add(scope, events);
  return made;
};

describe('where a folder is listed from', () => {
  it('is its beginning when no pass has listed it', () => expect(history().startOf('a', mailbox.id, 'all')).toBeUndefined());
  it('is where the last pass left off, when that took everything', () => {
    expect(history(['all', [found(), listed(0, { next: 'n' }), listed(1, { delta: 'd1' })]]).startOf('a', mailbox.id, 'other')).toBe('d1');
  });
  it('is its beginning when a pass left something out, on whichever page', () => {
    const left = history(['old mail', [found(), listed(0, { next: 'n' }, { date: 1 }), listed(1, { delta: 'd1' })]]);
    expect(left.startOf('a', mailbox.id, 'all')).toBeUndefined();
    expect(left.startOf('a', mailbox.id, 'old mail')).toBe('d1');
  });
  it('stays its beginning after a pass that went on from there and left nothing more out', () => {
    const twice = history(
      ['old mail', [found(), listed(0, { delta: 'd1' }, { date: 1 })]],
      ['old mail', [found('d1'), listed(0, { delta: 'd2' })]],
    );
    expect(twice.startOf('a', mailbox.id, 'all')).toBeUndefined();
    expect(twice.startOf('a', mailbox.id, 'old mail')).toBe('d2');
  });
  it('is where a pass left off that listed everything again', () => {
    expect(
      history(['old mail', [found(), listed(0, { delta: 'd1' }, { date: 1 })]], ['all', [found(), listed(0, { delta: 'd2' })]]).startOf(
        'a',
        mailbox.id,
        'other',
      ),
    ).toBe('d2');
  });
  it('is its beginning when the folder lives in another mailbox by now', () => {
    expect(history(['all', [found(), listed(0, { delta: 'd1' })]]).startOf('a', 'MBX:2', 'all')).toBeUndefined();
  });
});

describe('what was taken before', () => {
  it('is in the manifests of all passes', () => {
    const twice = history(
      ['all', [found(), listed(0, { next: 'n' }), listed(1, { delta: 'd1' })]],
      ['all', [found('d1'), listed(0, { delta: 'd2' })]],
    );
    expect(twice.manifests('a').map(({ key }) => key)).toEqual(['m/0', 'm/1', 'm/0']);
    expect(twice.manifests('b')).toEqual([]);
  });
});
