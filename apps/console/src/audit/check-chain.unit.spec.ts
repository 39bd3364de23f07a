import { createHash } from 'node:crypto';
import { checkChain } from './check-chain.js';

const hash = (text: string): string => createHash('sha256').update(text).digest('hex');
const sha256 = (text: string): Promise<string> => Promise.resolve(hash(text));

const lines: string[] = [];
const hashes: string[] = [];
for (let seq = 1; seq <= 1_200; seq++) {
  const record = JSON.stringify({ chain: 'default', seq, previous: hashes.at(-1) ?? '0'.repeat(64), is: 'ended' });
  hashes.push(hash(record));
  lines.push(`${record.slice(0, -1)},"sha256":"${hash(record)}"}`);
}

async function* inPieces(text: string): AsyncGenerator<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length; at += 1_001) yield await Promise.resolve(bytes.subarray(at, at + 1_001));
}
const check = (all: readonly string[], head?: string) => checkChain(inPieces(`${all.join('\n')}\n`), sha256, head, () => undefined);

describe('a record that a browser checks', () => {
  it('is whole, and reports its head', async () => {
    const seen: number[] = [];
    const report = await checkChain(inPieces(lines.join('\n')), sha256, undefined, (records) => seen.push(records));
    expect(report).toEqual({ records: 1_200, head: `1200:${hashes[1_199]}`, breaks: [] });
    expect(seen.at(-1)).toBe(1_200);
    expect(seen.length).toBeGreaterThan(2);
  });

  it('is broken where a line was removed, altered or cut off', async () => {
    expect((await check(lines.toSpliced(700, 1))).breaks).toEqual([{ seq: 701, what: 'missing' }]);
    expect((await check(lines.with(9, lines[9]!.replace('ended', 'begun')))).breaks).toEqual([{ seq: 10, what: 'altered' }]);
    expect((await check([...lines.slice(0, 4), lines[4]!.slice(0, -9)])).breaks).toEqual([{ seq: 5, what: 'altered' }]);
  });

  it('misses what was taken from its end, if a head was noted', async () => {
    const head = `1200:${hashes[1_199]}`;
    expect((await check(lines, head)).breaks).toEqual([]);
    expect((await check(lines.slice(0, 1_100), head)).breaks).toEqual([{ seq: 1_200, what: 'missing' }]);
  });
});
