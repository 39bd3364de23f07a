import type { SourceMailbox } from '@pstream/contracts';
import type { Doubt } from '@pstream/fasttransfer';
import { Fault } from '@pstream/kernel';
import type { CheckedItem, CheckedStream, Source } from '../source/source.js';
import { doubtsOf, lookAgain } from './doubted.js';

const PRIMARY: SourceMailbox = { id: 'MBX:1', version: 'v1.0' };
const ARCHIVE: SourceMailbox = { id: 'MBX:2', version: 'beta' };
const signal = new AbortController().signal;

const stream = (
  itemId: string,
  bytes: number,
  doubts: readonly Doubt[],
  sha256 = `${itemId}/${bytes}`,
  mailbox = PRIMARY,
): CheckedStream => ({
  itemId,
  changeKey: null,
  mailbox,
  data: new Uint8Array(bytes),
  sha256,
  doubts,
  attachments: 0,
});
const piece = (id: string) => ({ id, item: { size: 10 } });

/** A tenant that gives these answers, round by round, and the calls that it got. */
const tenant = (...rounds: readonly (readonly CheckedItem[])[]) => {
  const calls: string[] = [];
  const exportItems: Source['exportItems'] = async function* (mailbox, ids) {
    calls.push(`${mailbox.id} ${ids.join()}`);
    yield* (rounds[calls.length - 1] ?? []).filter(({ itemId }) => ids.includes(itemId));
  };
  return { client: { exportItems }, calls };
};
const CUT: readonly Doubt[] = ['attachments-section-missing', 'attachments-expected'];

describe('a doubted item', () => {
  it('is exported again, and taken as it comes whole then', async () => {
    const a = piece('a');
    const { client, calls } = tenant([stream('a', 20, [])]);
    const best = await lookAgain(client, new Map([[a, stream('a', 10, CUT)]]), signal);
    expect([calls, best.get(a)?.doubts, best.get(a)?.data.length]).toEqual([['MBX:1 a'], [], 20]);
  });

  it('that comes back byte for byte is not asked for a third time', async () => {
    const a = piece('a');
    const { client, calls } = tenant([stream('a', 10, CUT)]);
    const best = await lookAgain(client, new Map([[a, stream('a', 10, CUT)]]), signal);
    expect([calls.length, best.get(a)?.doubts]).toEqual([1, CUT]);
  });

  it('is asked for twice at most, and the fullest stream is kept', async () => {
    const a = piece('a');
    const { client, calls } = tenant([stream('a', 30, CUT.slice(1))], [stream('a', 20, CUT)], [stream('a', 40, [])]);
    const best = await lookAgain(client, new Map([[a, stream('a', 10, CUT)]]), signal);
    expect([calls.length, best.get(a)?.data.length]).toEqual([2, 30]);
  });

  it('that fails this time stays as it came', async () => {
    const a = piece('a');
    const fault = new Fault('graph.item-failed', { retry: 'never' });
    const damage = new Fault('fasttransfer.truncated', { retry: 'now' });
    const damaged = { itemId: 'a', changeKey: null, mailbox: PRIMARY, data: new Uint8Array(5), sha256: 's', damage };
    const { client, calls } = tenant([{ itemId: 'a', fault }], [damaged]);
    const best = await lookAgain(client, new Map([[a, stream('a', 10, CUT)]]), signal);
    expect([calls.length, best.get(a)?.data.length]).toEqual([2, 10]);
  });

  it('is asked for together with others, each in the mailbox that has it', async () => {
    const pieces = ['a', 'b', 'c'].map(piece);
    const [a, b, c] = pieces as [ReturnType<typeof piece>, ReturnType<typeof piece>, ReturnType<typeof piece>];
    const { client, calls } = tenant([stream('a', 9, []), stream('c', 9, [])], [stream('b', 9, [], 'x', ARCHIVE)]);
    const before = new Map([
      [a, stream('a', 10, CUT)],
      [b, stream('b', 10, CUT, 'b', ARCHIVE)],
      [c, stream('c', 10, CUT)],
    ]);
    const best = await lookAgain(client, before, signal);
    expect(calls).toEqual(['MBX:1 a,c', 'MBX:2 b']);
    expect([...best.values()].flatMap(({ doubts }) => doubts)).toEqual([]);
  });
});

describe('the doubts of an exported item', () => {
  it('are those of its stream, and a size that the listing contradicts', () => {
    expect(doubtsOf(stream('a', 5, []), { size: 16_389 })).toEqual([]);
    expect(doubtsOf(stream('a', 4, CUT), { size: 16_389 })).toEqual([...CUT, 'smaller-than-listed']);
  });
});
