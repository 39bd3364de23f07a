import type { ItemOutcome, PassRefs, RecordedEvent } from '@pstream/contracts';
import { itemErrors } from './projection.js';

const refs: PassRefs = { workgroupId: 'w', customerId: 'c', projectId: 'p', mailboxJobId: 'm', passId: 'x' };
const outcome: ItemOutcome = {
  itemKey: 'k',
  itemId: 'AAMk=',
  folderKey: 'f',
  mailbox: { id: 'MBX', version: 'v1.0' },
  itemType: 'IPM.Note',
  sizeBytes: 5,
  code: 'fasttransfer.bad-marker',
  at: '2026-03-01T00:00:00.000Z',
};
const event = (type: string, change: Partial<ItemOutcome> = {}): RecordedEvent =>
  ({ type, data: { ...refs, ...outcome, ...change } }) as unknown as RecordedEvent;
const readAsMime = event('ItemReadAsMime');
const unbuilt = event('ItemUnbuilt', { code: 'item.too-large', fidelity: 'mime' });
const outcomeOf = (...events: RecordedEvent[]): unknown =>
  events.reduce<unknown>((view, each) => itemErrors.evolve(view as never, each, 'x/k'), null);

describe('what is shown of an item', () => {
  it('that was read as MIME is that, with the reason', () =>
    expect(outcomeOf(readAsMime)).toMatchObject({ outcome: 'mime', code: 'fasttransfer.bad-marker', fallback: null }));
  it('that could not be had either way is both reasons', () => {
    expect(outcomeOf(event('ItemFailed', { fallback: 'graph.mailbox-forbidden' }))).toMatchObject({
      outcome: 'failed',
      code: 'fasttransfer.bad-marker',
      fallback: 'graph.mailbox-forbidden',
    });
  });
  it('that was read as MIME and then not built is a failure, whichever is heard of first', () => {
    expect(outcomeOf(readAsMime, unbuilt)).toMatchObject({ outcome: 'failed', code: 'item.too-large' });
    expect(outcomeOf(unbuilt, readAsMime)).toMatchObject({ outcome: 'failed', code: 'item.too-large' });
  });
  it('that was exported with doubts is that, with all of them and the code of the strongest', () => {
    const doubts = ['doubt.attachments-expected', 'doubt.smaller-than-listed'];
    const doubted = event('ItemDoubted', { code: doubts[0]!, doubts });
    expect(outcomeOf(doubted)).toMatchObject({ outcome: 'doubts', code: 'doubt.attachments-expected', doubts });
    expect(outcomeOf(event('ItemReadAsMime', { doubts }))).toMatchObject({ outcome: 'mime', code: 'fasttransfer.bad-marker', doubts });
    const failed = { outcome: 'failed', code: 'item.too-large', doubts: [] };
    const lost = event('ItemUnbuilt', { code: 'item.too-large', doubts });
    expect(outcomeOf(doubted, lost)).toMatchObject(failed);
    expect(outcomeOf(lost, doubted)).toMatchObject(failed);
  });
  it('has its own entry for each pass', () => expect(itemErrors.keys(readAsMime as never)).toEqual(['x/k']));
});
