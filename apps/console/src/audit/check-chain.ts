import { ChainCheck, readAuditLine, type ChainReport } from '@pstream/api/client';

/** Hashes that are computed at the same time; one by one, the browser would mostly wait. */
const AT_ONCE = 500;

/** The SHA-256 of a text in hexadecimal. */
export type Sha256 = (text: string) => Promise<string>;

/** Checks an export of the record piece by piece as it comes; `progress` hears how many records were checked. With a head that was noted
 *  before, that record must still be there. */
export const checkChain = async (
  pieces: AsyncIterable<Uint8Array>,
  sha256: Sha256,
  head: string | undefined,
  progress: (records: number) => void,
): Promise<ChainReport> => {
  const check = new ChainCheck(1, head);
  let waiting: string[] = [];
  let checked = 0;
  const flush = async (): Promise<void> => {
    const stored = waiting.map((line) => readAuditLine(line) ?? { record: line, sha256: '' });
    const hashes = await Promise.all(stored.map(({ record }) => sha256(record)));
    for (const [at, one] of stored.entries()) check.add(one, hashes[at] ?? '');
    checked += stored.length;
    waiting = [];
    progress(checked);
  };
  const text = new TextDecoder();
  let rest = '';
  for await (const piece of pieces) {
    const lines = (rest + text.decode(piece, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    waiting.push(...lines);
    if (waiting.length >= AT_ONCE) await flush();
  }
  if (rest !== '') waiting.push(rest);
  await flush();
  return check.report();
};
