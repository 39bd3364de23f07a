import type { MailboxView, RecordedEvent, Totals } from '@pstream/contracts';
import type { Document } from '@pstream/projections';
import { mailboxes } from './projection.js';

const at = '2026-03-01T00:00:00.000Z';
const event = (type: string, passId: string, data: object): RecordedEvent =>
  ({
    type,
    data: { workgroupId: 'w', customerId: 'c', projectId: 'p', mailboxJobId: 'm', passId, at, ...data },
  }) as unknown as RecordedEvent;
const totalsAfter = (...events: readonly RecordedEvent[]): Totals =>
  (events.reduce<Document | null>((document, each) => mailboxes.evolve(document, each, 'm'), null) as unknown as MailboxView).totals;
const sum = (discovered: number, exported: number): Totals => ({ discovered, exported, skipped: 0, failed: 0 });

describe('a mailbox that an update goes through', () => {
  const first = [
    event('PassStarted', '1', { number: 1, kind: 'full' }),
    event('PassCompleted', '1', { kind: 'full', pass: sum(60, 60), mailbox: sum(60, 60) }),
  ];
  const begun = [...first, event('PassStarted', '2', { number: 2, kind: 'full', settings: { update: true } }), event('PassBegun', '2', {})];
  // One was changed, one was moved here and looks new, one is new.
  const listed = event('PageListed', '2', { items: 3, again: false, next: null, superseded: { email: { items: 1, bytes: 5 } } });
  const finished = event('ExtractionFinished', '2', { update: { changed: 1, moved: 1, gone: 0, lists: [], folders: {}, types: {} } });
  const sealed = event('PartSealed', '2', { items: 3 });
  const completed = event('PassCompleted', '2', { kind: 'full', pass: sum(3, 3), mailbox: sum(61, 61), superseded: 2 });

  it('has each item once in its sums at any moment, as far as it is known', () => {
    expect(totalsAfter(...begun)).toEqual(sum(60, 60));
    expect(totalsAfter(...begun, listed)).toEqual(sum(62, 59));
    expect(totalsAfter(...begun, listed, finished)).toEqual(sum(61, 58));
    expect(totalsAfter(...begun, listed, finished, sealed)).toEqual(sum(61, 61));
    expect(totalsAfter(...begun, listed, finished, sealed, completed)).toEqual(sum(61, 61));
  });
  it('keeps these sums where the pass is stopped or fails on the way', () => {
    expect(totalsAfter(...begun, listed, event('PassStopRequested', '2', { attempt: 1 }), event('PassStopped', '2', {}))).toEqual(
      sum(62, 59),
    );
    expect(totalsAfter(...begun, listed, finished, event('PassFailed', '2', { kind: 'full', cause: { code: 'x.y' } }))).toEqual(
      sum(61, 58),
    );
  });
});
