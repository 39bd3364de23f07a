import type { PassRefs, RecordedEvent, StatisticsView } from '@pstream/contracts';
import type { Document } from '@pstream/projections';
import { statistics } from './projection.js';

const minute = (n: number): string => new Date(Date.UTC(2026, 2, 1, 10, n)).toISOString();
const refs = (passId: string): PassRefs => ({ workgroupId: 'w', customerId: 'c', projectId: 'p', mailboxJobId: 'm', passId });
const event = (type: string, at: number, data: object = {}, passId = 'x'): RecordedEvent =>
  ({ type, data: { ...refs(passId), ...data, at: minute(at) } }) as unknown as RecordedEvent;
const viewOf = (...events: readonly RecordedEvent[]): StatisticsView =>
  events.reduce<Document | null>((document, each) => statistics.evolve(document, each, 'm'), null) as unknown as StatisticsView;

const started = (at: number, kind = 'full', number = 1, passId = 'x'): RecordedEvent => event('PassStarted', at, { kind, number }, passId);
const slice = (at: number, items: number): RecordedEvent =>
  event('SliceExported', at, { items, bytes: items * 1_000, skipped: 0, failed: 0 });
const waited = (at: number, minutes: number): RecordedEvent =>
  event('ExtractionWaited', at, { waits: { a: { times: 1, ms: minutes * 30_000 }, b: { times: 2, ms: minutes * 30_000 } } });
const sealed = (at: number, items: number, types?: object, passId = 'x'): RecordedEvent =>
  event('PartSealed', at, { items, bytes: 1, ...(types === undefined ? {} : { types }) }, passId);
const failed = (at: number, itemType: string, sizeBytes: number, passId = 'x'): RecordedEvent =>
  event('ItemFailed', at, { itemType, sizeBytes }, passId);

describe('how long a mailbox took', () => {
  it('is the time from the first to the last fact of each side, without what limits took from the source', () => {
    const { source, destination } = viewOf(
      started(0),
      event('ExtractionStarted', 5),
      slice(10, 3),
      waited(12, 4),
      event('PartOpened', 8),
      event('ExtractionFinished', 25),
      sealed(28, 3),
      event('PartVerified', 30),
      event('PassCompleted', 31),
    );
    expect(source).toEqual({ activeMs: 16 * 60_000, passiveMs: 4 * 60_000, items: 3, bytes: 3_000 });
    expect(destination).toMatchObject({ activeMs: 22 * 60_000, passiveMs: null, items: 3 });
  });

  it('is without the time in which the pass was stopped or failed', () => {
    const { source } = viewOf(
      started(0),
      event('ExtractionStarted', 1),
      slice(5, 1),
      event('PassStopped', 6),
      event('PassResumed', 20, { attempt: 2 }),
      slice(22, 1),
      event('PassFailed', 23),
      event('PassResumed', 40, { attempt: 3 }),
      event('ExtractionFinished', 45),
      event('PassCompleted', 46),
    );
    expect(source.activeMs).toBe((5 + 3 + 5) * 60_000);
  });

  it('is what went by so far while a pass is open', () =>
    expect(viewOf(started(0), event('ExtractionStarted', 1), slice(4, 1)).source.activeMs).toBe(3 * 60_000));

  it('is never less than nothing, however many mailboxes of an archive waited at once', () => {
    expect(viewOf(started(0), event('ExtractionStarted', 0), slice(2, 1), waited(3, 10)).source).toMatchObject({
      activeMs: 0,
      passiveMs: 3 * 60_000,
    });
  });

  it('is the sum over all passes', () => {
    const again = [
      started(50, 'full', 2, 'y'),
      event('ExtractionStarted', 51, {}, 'y'),
      event('ExtractionFinished', 53, {}, 'y'),
      event('PassCompleted', 54, {}, 'y'),
    ];
    expect(
      viewOf(started(0), event('ExtractionStarted', 1), event('ExtractionFinished', 4), event('PassCompleted', 5), ...again).source
        .activeMs,
    ).toBe(5 * 60_000);
  });
});

describe('items by type', () => {
  const email = (items: number): object => ({ email: { items, bytes: items * 100 } });

  it('of parts that an earlier release sealed are not known; their bytes are once the build has ended', () => {
    const open = viewOf(started(0), sealed(1, 2));
    expect(open.types.email.exported).toEqual({ items: null, bytes: null });
    expect(open.total.exported).toEqual({ items: 2, bytes: null });
    const ended = viewOf(
      started(0),
      sealed(1, 2),
      event('BuildFinished', 2, { totals: { discovered: 2, exported: 2, skipped: 0, failed: 0 }, bytes: 77 }),
    );
    expect(ended.total.exported).toEqual({ items: 2, bytes: 77 });
  });

  const full = [started(0), sealed(1, 5, email(5)), failed(2, 'IPM.Note', 40), failed(2, 'IPM.Task', 60), event('PassCompleted', 3)];

  it('that failed carry the sizes that the mailbox gives', () => {
    const { types, total } = viewOf(...full);
    expect([types.email.failed, types.tasks.failed, total.failed]).toEqual([
      { items: 1, bytes: 40 },
      { items: 1, bytes: 60 },
      { items: 2, bytes: 100 },
    ]);
  });

  it('that a retry mends leave the errors at once, and the sizes of the others are shown when it has ended', () => {
    const retry = [started(4, 'retry-errors', 2, 'y'), sealed(5, 1, email(1), 'y')];
    const open = viewOf(...full, ...retry);
    expect([open.types.email.failed.items, open.types.tasks.failed, open.total.failed]).toEqual([
      0,
      { items: 1, bytes: null },
      { items: 1, bytes: null },
    ]);
    const done = viewOf(...full, ...retry, failed(6, 'IPM.Task', 61, 'y'), event('PassCompleted', 7, {}, 'y'));
    expect([done.types.email.exported, done.types.tasks.failed, done.total.failed]).toEqual([
      { items: 6, bytes: 600 },
      { items: 1, bytes: 61 },
      { items: 1, bytes: 61 },
    ]);
  });

  it('are not touched by a verification, which counts as a migration', () => {
    expect(viewOf(...full, started(8, 'verify', 2, 'v'), event('PassCompleted', 9, {}, 'v'))).toMatchObject({
      migrations: 2,
      total: { exported: { items: 5 }, failed: { items: 2 } },
    });
  });
});

it('has no document for what is not about a pass', () => {
  expect(statistics.keys({ type: 'LineItemsAdded', data: { ...refs('x'), items: [] } } as unknown as RecordedEvent)).toEqual([]);
  expect(statistics.keys(failed(1, 'IPM.Note', 1))).toEqual(['m']);
});

describe('what an update exports again', () => {
  it('leaves the sums when it is listed, and is in them again when it is sealed', () => {
    const listed = event('PageListed', 4, { items: 2, bytes: 30, again: false, superseded: { email: { items: 1, bytes: 11 } } }, 'y');
    const before = [
      started(0),
      sealed(1, 2, { email: { items: 2, bytes: 20 } }),
      event('PassCompleted', 2),
      started(3, 'full', 2, 'y'),
      listed,
    ];
    const exported = (...events: readonly RecordedEvent[]): unknown => viewOf(...events).total.exported.items;
    expect(exported(...before)).toBe(1);
    // A moved one is known at the end only; what was said before is in the sums of the end.
    const types = { email: { items: 2, bytes: 18 } };
    const finished = event(
      'ExtractionFinished',
      5,
      { update: { changed: 1, moved: 1, gone: 0, lists: [], folders: { f: 2 }, types } },
      'y',
    );
    expect(exported(...before, finished)).toBe(0);
    expect(exported(...before, finished, sealed(6, 2, { email: { items: 2, bytes: 30 } }, 'y'))).toBe(2);
  });
  it('counts once, with the bytes of both copies', () => {
    const update = { changed: 1, moved: 0, gone: 0, lists: [], folders: { f: 1 }, types: { email: { items: 1, bytes: 7 } } };
    const { types, total } = viewOf(
      started(0),
      sealed(1, 2, { email: { items: 2, bytes: 20 } }),
      event('PassCompleted', 2),
      started(3, 'full', 2, 'y'),
      event('ExtractionFinished', 4, { update }, 'y'),
      sealed(5, 1, { email: { items: 1, bytes: 11 } }, 'y'),
    );
    expect([types.email.exported, total.exported]).toEqual([
      { items: 2, bytes: 31 },
      { items: 2, bytes: 31 },
    ]);
  });
});
