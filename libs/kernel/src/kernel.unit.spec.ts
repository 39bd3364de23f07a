import { amountOf } from './amount.js';
import { chunksOf } from './chunks.js';
import { Fault, faultFromText, faultToText, isFault, retryDelayMs } from './fault.js';
import { countingIds, seededRandom } from './seeded.js';
import { freeNow } from './free-now.js';
import { deriveId, encodeUlid, isUlid } from './ids.js';
import { systemIds } from './system.js';

describe('ids', () => {
  it('are ULIDs, sorted by the time of their making', () => {
    const ids = [systemIds.ulid(), systemIds.ulid()];
    expect(ids.every(isUlid)).toBe(true);
    expect(ids[0]!.slice(0, 10) <= ids[1]!.slice(0, 10)).toBe(true);
  });
  it('hold all 128 bits', () => {
    expect(encodeUlid(new Uint8Array(16))).toBe('0'.repeat(26));
    expect(encodeUlid(new Uint8Array(16).fill(0xff))).toBe(`7${'Z'.repeat(25)}`);
    expect(encodeUlid(Uint8Array.from({ length: 16 }, (_, n) => (n === 15 ? 33 : 0)))).toBe(`${'0'.repeat(24)}11`);
  });
  it('that are derived follow from their parts, which are kept apart', () => {
    expect(deriveId('x', 'ab', 'c')).toBe(deriveId('x', 'ab', 'c'));
    expect(deriveId('x', 'ab', 'c')).not.toBe(deriveId('x', 'a', 'bc'));
    expect(isUlid(deriveId('x', 1))).toBe(true);
  });
  it('for tests count upwards', () => {
    const ids = countingIds();
    expect(ids.ulid() < ids.ulid()).toBe(true);
  });
});

describe('a seeded generator', () => {
  it('gives the same sequence for the same seed', () => {
    expect(Array.from(seededRandom(3).bytes(8))).toEqual(Array.from(seededRandom(3).bytes(8)));
    expect(Array.from(seededRandom(3).bytes(8))).not.toEqual(Array.from(seededRandom(4).bytes(8)));
  });
});

describe('a fault', () => {
  const fault = new Fault('graph.throttled', { retry: { afterMs: 5 }, facts: { status: 429 } });
  it('says what it is in its message', () => expect(fault.message).toBe('graph.throttled: status 429'));
  it('is recognised, and says when to try again', () => {
    expect(isFault(fault)).toBe(true);
    expect(isFault(new Error('x'))).toBe(false);
    expect([retryDelayMs('now'), retryDelayMs(fault.retry), retryDelayMs('never')]).toEqual([0, 5, undefined]);
  });
  it.each([
    [
      'with everything',
      new Fault('graph.throttled', {
        message: 'Slow down',
        retry: { afterMs: 5 },
        facts: { status: 429, limits: ['a', 'b'] },
        advice: 'Wait.',
      }),
    ],
    ['with no more than it must have', new Fault('blob.gone', { retry: 'never' })],
  ])('%s is the same after it was sent to another thread', (_, sent) => {
    const received = faultFromText(structuredClone(faultToText(sent)));
    expect(isFault(received)).toBe(true);
    const { code, message, retry, facts, advice } = sent;
    expect(received).toMatchObject({ code, message, retry, facts, advice });
  });
});

describe('memory that is given back', () => {
  it('is empty afterwards where it stood alone, and untouched where it is part of more', () => {
    const whole = Uint8Array.of(1, 2, 3);
    const part = Uint8Array.of(1, 2, 3).subarray(1);
    freeNow(whole);
    freeNow(part);
    expect([whole.length, part.length]).toEqual([0, 2]);
  });
});

describe('a list in pieces', () => {
  it('keeps its order, and only the last piece is shorter', () => {
    expect(chunksOf([1, 2, 3, 4, 5], 2)).toEqual([[1, 2], [3, 4], [5]]);
    expect(chunksOf([1, 2], 2)).toEqual([[1, 2]]);
    expect(chunksOf([], 2)).toEqual([]);
  });
});

describe('an amount', () => {
  it('has the noun that fits its number', () =>
    expect([amountOf(0, 'row'), amountOf(1, 'mailbox', 'mailboxes'), amountOf(1_204, 'item')]).toEqual([
      '0 rows',
      '1 mailbox',
      '1,204 items',
    ]));
});
