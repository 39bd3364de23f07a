import { type ItemOutcome, type PassRefs, type RecordedEvent } from '@pstream/contracts';
import { itemErrors, type ItemErrorDocument } from './projection.js';

const refs: PassRefs = { workgroupId: 'w', customerId: 'c', projectId: 'p', mailboxJobId: 'm', passId: 'x' };
const day = (n: number): string => `2026-03-0${n}T00:00:00.000Z`;
const outcome: ItemOutcome = {
  itemKey: 'k',
  itemId: 'AAMk=',
  folderKey: 'f',
  mailbox: { id: 'MBX', version: 'v1.0' },
  itemType: 'IPM.Note',
  itemDate: '2019-04-01T08:15:00Z',
  sizeBytes: 5,
  code: 'fasttransfer.bad-marker',
  at: day(1),
};
const event = (type: string, change: Partial<ItemOutcome> & { passId?: string } = {}): RecordedEvent =>
  ({ type, data: { ...refs, ...outcome, ...change } }) as unknown as RecordedEvent;
const failed = event('ItemFailed', { attempts: 3 });
const readAsMime = event('ItemReadAsMime');
const unbuilt = event('ItemUnbuilt', { code: 'item.too-large', fidelity: 'mime' });
const again = event('ItemFailed', { passId: 'y', code: 'graph.item-corrupt', at: day(2) });
const mended = { type: 'ItemsMended', data: { ...refs, passId: 'y', number: 2, itemKeys: ['k'], at: day(3) } } as unknown as RecordedEvent;
const acknowledged = {
  type: 'ItemErrorsAcknowledged',
  data: { ...refs, itemKeys: ['k', 'l'], by: 'T', reason: 'Agreed.', at: day(2) },
} as unknown as RecordedEvent;

const after = (...events: RecordedEvent[]): ItemErrorDocument =>
  events.reduce<ItemErrorDocument | null>((view, each) => itemErrors.evolve(view, each, 'm/k') as ItemErrorDocument, null)!;
/** Streams come in any order. */
const orders = (...events: RecordedEvent[]): RecordedEvent[][] =>
  events.length <= 1
    ? [events]
    : events.flatMap((first) => orders(...events.filter((other) => other !== first)).map((rest) => [first, ...rest]));

describe('what is shown of an item', () => {
  it('that failed is what the pass said of it, and it is open', () => {
    const { passes: _passes, ...shown } = after(failed);
    expect(shown).toEqual({
      projectId: 'p',
      customerId: 'c',
      mailboxJobId: 'm',
      passId: 'x',
      itemKey: 'k',
      itemId: 'AAMk=',
      folderKey: 'f',
      outcome: 'failed',
      state: 'open',
      itemType: 'IPM.Note',
      itemDate: '2019-04-01T08:15:00Z',
      sizeBytes: 5,
      code: 'fasttransfer.bad-marker',
      advice: null,
      fallback: null,
      doubts: [],
      attempts: 3,
      firstSeenAt: day(1),
      lastSeenAt: day(1),
      mended: null,
      acknowledged: null,
    });
  });
  it('of a release that kept neither date nor attempts has no date and one attempt', () => {
    const { itemDate: _date, ...before } = outcome;
    expect(after({ type: 'ItemFailed', data: { ...refs, ...before } } as unknown as RecordedEvent)).toMatchObject({
      itemDate: null,
      attempts: 1,
    });
  });
  it('that was read as MIME is that, with the reason', () =>
    expect(after(readAsMime)).toMatchObject({ outcome: 'mime', code: 'fasttransfer.bad-marker', fallback: null, state: 'open' }));
  it('that could not be obtained either way is both reasons', () => {
    expect(after(event('ItemFailed', { fallback: 'graph.mailbox-forbidden' }))).toMatchObject({
      outcome: 'failed',
      code: 'fasttransfer.bad-marker',
      fallback: 'graph.mailbox-forbidden',
    });
  });
  it('that was read as MIME and then not built is a failure, whichever is heard of first', () => {
    for (const order of orders(readAsMime, unbuilt))
      expect(after(...order)).toMatchObject({ outcome: 'failed', code: 'item.too-large', attempts: 1 });
  });
  it('that fails again is open with the newer cause, and remembers when it was first seen', () => {
    for (const order of orders(failed, again))
      expect(after(...order)).toMatchObject({
        passId: 'y',
        code: 'graph.item-corrupt',
        state: 'open',
        attempts: 4,
        firstSeenAt: day(1),
        lastSeenAt: day(2),
      });
  });
  it('that a later pass exported is mended by it', () => {
    for (const order of orders(failed, mended))
      expect(after(...order)).toMatchObject({
        state: 'mended',
        passId: 'x',
        attempts: 4,
        lastSeenAt: day(1),
        mended: { passId: 'y', number: 2, at: day(3) },
      });
  });
  it('that a later pass could only read as MIME, or with doubts, is open as that', () => {
    for (const [type, outcome] of [
      ['ItemReadAsMime', 'mime'],
      ['ItemDoubted', 'doubts'],
    ] as const)
      for (const order of orders(failed, event(type, { passId: 'y', at: day(2) }), mended))
        expect(after(...order)).toMatchObject({ outcome, state: 'open', mended: null });
  });
  it('that somebody accepted is acknowledged, unless it is mended', () => {
    for (const order of orders(failed, again, acknowledged))
      expect(after(...order)).toMatchObject({ state: 'acknowledged', acknowledged: { by: 'T', reason: 'Agreed.', at: day(2) } });
    for (const order of orders(failed, acknowledged, mended)) expect(after(...order)).toMatchObject({ state: 'mended' });
  });
  it('has one entry for all passes of its mailbox', () => {
    expect([failed, again, mended, acknowledged].map((each) => itemErrors.keys(each))).toEqual([['m/k'], ['m/k'], ['m/k'], ['m/k', 'm/l']]);
  });
  it('that was exported with doubts is that, with all of them and the code of the strongest', () => {
    const doubts = ['doubt.attachments-expected', 'doubt.smaller-than-listed'];
    const doubted = event('ItemDoubted', { code: doubts[0]!, doubts });
    expect(after(doubted)).toMatchObject({ outcome: 'doubts', code: 'doubt.attachments-expected', doubts, state: 'open' });
    expect(after(event('ItemReadAsMime', { doubts }))).toMatchObject({ outcome: 'mime', code: 'fasttransfer.bad-marker', doubts });
    for (const order of orders(doubted, event('ItemUnbuilt', { code: 'item.too-large', doubts })))
      expect(after(...order)).toMatchObject({ outcome: 'failed', code: 'item.too-large', doubts: [] });
  });
});

describe('what an item counts for', () => {
  const counts = (...events: RecordedEvent[]): unknown => itemErrors.announce?.(after(...events), 'm/k');
  const scopes = ['project:p/mailbox:m', 'project:p', 'customer:c', 'workgroup'];
  it('is an open error while it is failed and nobody mended or accepted it', () => {
    expect(counts(failed)).toEqual({ projectId: 'p', customerId: 'c', share: { scopes, amounts: { open: 1 } } });
    for (const events of [[readAsMime], [failed, mended], [failed, acknowledged]])
      expect(counts(...events)).toMatchObject({ share: { scopes, amounts: {} } });
  });
  it('is nothing while only somebody has spoken of it', () => expect(counts(acknowledged)).toEqual({}));
});
