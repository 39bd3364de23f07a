import { noItems, type MailboxView, type PassKind, type RecordedEvent } from '@pstream/contracts';
import type { Document } from '@pstream/projections';
import { mailboxes } from './projection.js';

const at = '2026-03-01T00:00:00.000Z';
const event = (type: string, passId: string, data: object): RecordedEvent =>
  ({
    type,
    data: { workgroupId: 'w', customerId: 'c', projectId: 'p', mailboxJobId: 'm', passId, at, ...data },
  }) as unknown as RecordedEvent;
const pass = (passId: string, number: number, kind: PassKind, leftOut?: number): RecordedEvent[] => [
  event('PassStarted', passId, { number, kind }),
  event('PassBegun', passId, {}),
  ...(leftOut === undefined ? [] : [event('PageListed', passId, { items: 1, again: false, next: null, leftOut: { trial: leftOut } })]),
  event('PassCompleted', passId, { kind, pass: noItems, mailbox: noItems }),
];
const leftOutAfter = (...events: readonly RecordedEvent[]): number =>
  (events.reduce<Document | null>((document, each) => mailboxes.evolve(document, each, 'm'), null) as unknown as MailboxView).leftOut;

describe('what a pass left out', () => {
  const trial = pass('1', 1, 'trial', 7);
  it('is shown until a later pass has listed the mailbox', () => {
    expect(leftOutAfter(...trial)).toBe(7);
    expect(leftOutAfter(...trial, ...pass('2', 2, 'verify'))).toBe(7);
    expect(leftOutAfter(...trial, ...pass('2', 2, 'retry-errors'), ...pass('3', 3, 'verify'))).toBe(7);
    expect(leftOutAfter(...trial, ...pass('2', 2, 'full', 2))).toBe(2);
  });
  it('is what the open pass leaves out while that is listing', () => {
    expect(leftOutAfter(...trial, ...pass('2', 2, 'full', 2).slice(0, -1))).toBe(2);
  });
});
