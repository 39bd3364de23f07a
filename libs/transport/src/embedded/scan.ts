import { HEAD_BYTES, isIntact, readHead, type Framed } from './record.js';
import type { LogFile } from './files.js';

/** Where a segment's intact content ends, as found by reading all of it. */
export type Scanned = { readonly bytes: number; readonly end: bigint };

const CHUNK_BYTES = 4 * 1024 * 1024;

/** Walks over the records of a file between two positions, with their checksums, and tells each. Stops at the first
 *  that is cut short, damaged or out of order; returns where that is, and the offset that would come next. */
export const scan = async (
  file: LogFile,
  from: { readonly position: number; readonly offset: bigint },
  size: number,
  found: (head: Framed, position: number) => void,
  check: 'checksums' | 'heads' = 'checksums',
): Promise<Scanned> => {
  let position = from.position;
  let offset = from.offset;
  let chunk = Buffer.alloc(0);
  let chunkAt = position;
  const load = async (bytes: number): Promise<void> => {
    const length = Math.min(Math.max(bytes, CHUNK_BYTES), size - position);
    chunk = Buffer.allocUnsafeSlow(Math.max(length, 0));
    chunkAt = position;
    const got = await file.read(chunk, position);
    chunk = chunk.subarray(0, got);
  };
  while (position < size) {
    if (position + HEAD_BYTES > chunkAt + chunk.length || position < chunkAt) await load(HEAD_BYTES);
    let head = readHead(chunk, position - chunkAt);
    if (head === undefined || head.offset !== offset || position + head.bytes > size) break;
    if (check === 'checksums') {
      if (head.at + head.bytes > chunk.length) {
        await load(head.bytes);
        head = { ...head, at: 0 };
      }
      if (!isIntact(chunk, head)) break;
    }
    found(head, position);
    position += head.bytes;
    offset += 1n;
  }
  return { bytes: position, end: offset };
};

/** Looks behind a bad record for one that proves that the bad one had been written safely: an intact record
 *  whose `synced` is above the bad one's offset. Returns its position and offset; undefined means a torn tail. */
export const findBehindDamage = async (
  file: LogFile,
  bad: Scanned,
  size: number,
): Promise<{ readonly position: number; readonly offset: bigint } | undefined> => {
  const overlap = HEAD_BYTES - 1;
  const chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES);
  for (let start = bad.bytes; start < size; start += CHUNK_BYTES - overlap) {
    const got = await file.read(chunk.subarray(0, Math.min(CHUNK_BYTES, size - start)), start);
    const view = chunk.subarray(0, got);
    for (let at = 0; at + HEAD_BYTES <= view.length; at++) {
      const head = readHead(view, at);
      if (head === undefined || head.synced <= bad.end || head.offset < head.synced || head.offset - bad.end > BigInt(size)) continue;
      if (start + at + head.bytes > size) continue;
      const record = Buffer.allocUnsafe(head.bytes);
      await file.read(record, start + at);
      if (isIntact(record, { ...head, at: 0 })) return { position: start + at, offset: head.offset };
    }
  }
  return undefined;
};
