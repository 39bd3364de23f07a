import { type FolderSumsView, type MailboxView, type RecordedEvent, type StatisticsView } from '@pstream/contracts';
import type { Document, Projection } from '@pstream/projections';
import fc from 'fast-check';
import { folderSums } from './folder-sums/projection.js';
import { mailboxes } from './mailboxes/projection.js';
import { statistics } from './statistics/projection.js';

const at = '2026-03-01T00:00:00.000Z';
const refs = { workgroupId: 'w', customerId: 'c', projectId: 'p', mailboxJobId: 'm' };
const event = (type: string, data: object): RecordedEvent => ({ type, data: { ...refs, at, ...data } }) as unknown as RecordedEvent;

/** The streams of a pass that listed so many items in a folder, and failed to export some of them. */
const pass = (passId: string, number: number, kind: string, items: number, failing: number) => {
  const totals = { discovered: items, exported: items - failing, skipped: 0, failed: failing };
  const outcome = { passId, itemType: 'IPM.Note', sizeBytes: 5 };
  return {
    job: [event('PassStarted', { passId, number, kind }), event('PassCompleted', { passId, kind, pass: totals, mailbox: totals })],
    extraction: [
      event('FoldersDiscovered', { passId, folders: [{ key: 'a', parent: null, name: 'A', containerClass: null, expected: items }] }),
      event('PageListed', { passId, folderKey: 'a', items, again: false, next: null }),
      event('SliceExported', { passId, folderKey: 'a', items: totals.exported, bytes: 9, skipped: 0, failed: failing, doubts: 1 }),
      ...Array.from({ length: failing }, (_, n) => event('ItemFailed', { ...outcome, itemKey: `k${n}` })),
    ],
    build: [
      event('PartSealed', {
        passId,
        items: totals.exported,
        bytes: 1,
        types: { email: { items: totals.exported, bytes: totals.exported * 5 } },
      }),
      event('BuildFinished', { passId, totals, bytes: totals.exported * 5, parts: 1, folders: { a: totals.exported } }),
    ],
  };
};

const trial = pass('x', 1, 'trial', 4, 1);
const full = pass('y', 2, 'full', 10, 2);
const startedOver = event('MailboxStartedOver', { passIds: ['x'], parts: 'keep', destination: 'm.pst' });
/** Each in its own order; those of a pass never before the pass was started, which the view of the mailbox needs. */
const streams = [[...trial.job, startedOver, ...full.job], trial.extraction, trial.build, full.extraction, full.build];

/** The streams dealt out in any order. */
const anyOrder: fc.Arbitrary<readonly RecordedEvent[]> = fc.array(fc.nat(4), { minLength: 60, maxLength: 60 }).map((turns) => {
  const left = streams.map((stream) => [...stream]);
  const order = turns.flatMap((turn) => left[turn]?.splice(0, 1) ?? []);
  return [...order, ...left.flat()];
});

const viewOf = <V>(projection: Projection, events: readonly RecordedEvent[]): V =>
  events.reduce<Document | null>(
    (document, each) => (projection.keys(each).includes('m') ? projection.evolve(document, each, 'm') : document),
    null,
  ) as unknown as V;

describe('a mailbox that starts over', () => {
  it('counts what it exports from then on, and nothing of before, whatever is heard first', () => {
    fc.assert(
      fc.property(anyOrder, (events) => {
        expect(viewOf<MailboxView>(mailboxes, events)).toMatchObject({
          status: 'Completed with errors',
          totals: { discovered: 10, exported: 8, skipped: 0, failed: 2 },
          parts: 1,
          doubts: 1,
        });
        expect(viewOf<StatisticsView>(statistics, events)).toMatchObject({
          migrations: 2,
          total: { exported: { items: 8, bytes: 40 }, failed: { items: 2, bytes: 10 } },
          source: { items: 8 },
        });
        expect(viewOf<FolderSumsView>(folderSums, events).folders).toEqual({
          a: expect.objectContaining({ totals: { discovered: 10, exported: 8, skipped: 0, failed: 2 }, doubts: 1 }),
        });
      }),
    );
  });

  it('has nothing at first', () => {
    const before = [...trial.job, ...trial.extraction, ...trial.build];
    expect(viewOf<MailboxView>(mailboxes, [...before, startedOver])).toMatchObject({
      status: 'Not Submitted',
      totals: { discovered: 0, exported: 0, skipped: 0, failed: 0 },
      parts: 0,
      leftOut: 0,
      destination: 'm.pst',
    });
  });
});
