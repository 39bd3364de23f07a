import { createHash } from 'node:crypto';
import { BLOCKTRAILER, PstCorrupt, SLBLOCK, UNICODE, XBLOCK, blockBytes } from '../format/index.js';
import { readId } from '../reader/b-tree.js';
import { checkBlock, decodeBlock, isInternal, type BlockRef } from '../reader/decode-block.js';
import type { ByteSource } from '../reader/source.js';
import type { Strictness } from '../reader/strictness.js';
import { CRYPT, PAGE_BYTES, pstCrc } from '../shared/index.js';
import type { Allocation, MapPage } from './allocation.js';
import type { BlockTable } from './block-table.js';

/** Bytes read at a time; the next read runs while these are judged. */
const CHUNK_BYTES = 4 * 1024 * 1024;

type Extent = { readonly ib: number; readonly bytes: number; readonly judge: (raw: Uint8Array) => void };

/** What the flat pass needs to know and whom to tell. */
export type FlatPass = {
  readonly source: ByteSource;
  readonly blocks: BlockTable;
  readonly allocation: Allocation;
  readonly strictness: Strictness;
  readonly bCryptMethod: number;
  readonly sha256: boolean;
  readonly signal?: AbortSignal | undefined;
  readonly onBytes?: (bytes: number) => void;
};

/** Reads the file once from start to end: hashes it, judges every block and map page, counts references, notes the CRCs of decoded data. Returns the SHA-256 in hex, if
 *  asked for. Holds two chunks. */
export const flatPass = async (pass: FlatPass): Promise<string | undefined> => {
  const { source, signal } = pass;
  const hash = pass.sha256 ? createHash('sha256') : undefined;
  const extents = inFileOrder(pass);
  let next = extents.next();
  let cut: { extent: Extent; bytes: Uint8Array; filled: number } | undefined;
  let reading = source.size > 0 ? source.read(0, Math.min(CHUNK_BYTES, source.size)) : undefined;
  for (let at = 0; reading !== undefined; ) {
    signal?.throwIfAborted();
    const chunk = await reading;
    const end = at + chunk.length;
    reading = end < source.size ? source.read(end, Math.min(CHUNK_BYTES, source.size - end)) : undefined;
    hash?.update(chunk);
    if (cut !== undefined) {
      const part = chunk.subarray(0, cut.bytes.length - cut.filled);
      cut.bytes.set(part, cut.filled);
      cut.filled += part.length;
      if (cut.filled === cut.bytes.length) {
        cut.extent.judge(cut.bytes);
        cut = undefined;
      }
    }
    while (next.done !== true && next.value.ib < end) {
      const extent = next.value;
      if (extent.ib >= at && extent.ib + extent.bytes <= end) extent.judge(chunk.subarray(extent.ib - at, extent.ib - at + extent.bytes));
      else if (extent.ib < at || cut !== undefined) extent.judge(await source.read(extent.ib, extent.bytes));
      else {
        cut = { extent, bytes: new Uint8Array(extent.bytes), filled: end - extent.ib };
        cut.bytes.set(chunk.subarray(extent.ib - at));
      }
      next = extents.next();
    }
    at = end;
    pass.onBytes?.(end);
  }
  return hash?.digest('hex');
};

const inFileOrder = function* (pass: FlatPass): Generator<Extent, void> {
  const { blocks, allocation, source } = pass;
  const order = blocks.byOffset();
  const pages = allocation.mapPages();
  let page = pages.next();
  let index = 0;
  while (page.done !== true || index < order.length) {
    const position = order[index] ?? -1;
    const ref = index < order.length ? blocks.ref(position) : undefined;
    if (page.done !== true && (ref === undefined || page.value.ib <= ref.ib)) {
      const place: MapPage = page.value;
      if (place.ib + PAGE_BYTES <= source.size) yield { ib: place.ib, bytes: PAGE_BYTES, judge: (raw) => allocation.judge(raw, place) };
      page = pages.next();
    } else if (ref !== undefined) {
      yield { ib: ref.ib, bytes: blockBytes(UNICODE, ref.cb), judge: (raw) => judgeBlock(raw, ref, position, pass) };
      index++;
    }
  }
};

const scratch = new Uint8Array(UNICODE.maxBlockBytes);

const judgeBlock = (raw: Uint8Array, ref: BlockRef, position: number, { blocks, strictness, bCryptMethod }: FlatPass): void => {
  const crc = checkBlock(raw, ref, UNICODE, strictness);
  const encoded = bCryptMethod !== CRYPT.none && !isInternal(ref.bid);
  blocks.setCrc(position, encoded ? pstCrc(decodeBlock(raw, ref, bCryptMethod, scratch)) : crc);
  for (let i = ref.cb; i < raw.length - BLOCKTRAILER.size; i++) {
    if (raw[i] !== 0) {
      strictness.flaw(new PstCorrupt('gap-not-zero', 'BLOCK/padding', { bid: ref.bid, ib: ref.ib }));
      break;
    }
  }
  if (isInternal(ref.bid)) countReferences(raw.subarray(0, ref.cb), ref, blocks, strictness);
};

/** Counts what an XBLOCK, XXBLOCK, SLBLOCK or SIBLOCK refers to. [MS-PST] 2.2.2.8.3. */
const countReferences = (data: Uint8Array, { bid, ib }: BlockRef, blocks: BlockTable, strictness: Strictness): void => {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const kind = data.length >= 8 ? data[0] : undefined;
  const level = data[1] as number;
  if ((kind !== 1 && kind !== 2) || (kind === 1 ? level !== 1 && level !== 2 : level > 1)) {
    strictness.flaw(new PstCorrupt('wrong-block-kind', 'XBLOCK/btype', { bid, ib, actual: kind ?? -1 }));
    return;
  }
  const count = view.getUint16(SLBLOCK.offset.cEnt, true);
  const width = kind === 1 ? 8 : level === 0 ? UNICODE.subnodeEntryBytes : UNICODE.subnodeIndexBytes;
  const start = kind === 1 ? XBLOCK.size : UNICODE.subnodeEntriesAt;
  if (count === 0 || start + count * width !== data.length) {
    strictness.flaw(new PstCorrupt('size-mismatch', 'XBLOCK/cEnt', { bid, ib, expected: (data.length - start) / width, actual: count }));
    return;
  }
  const refer = (at: number, internal: boolean | undefined): void => {
    const child = readId(view, at, true);
    if (internal !== undefined && isInternal(child) !== internal)
      strictness.flaw(new PstCorrupt('wrong-block-kind', 'XBLOCK/rgbid', { bid, ib, actual: child }));
    if (!blocks.refer(child)) strictness.flaw(new PstCorrupt('block-missing', 'XBLOCK/rgbid', { bid, ib, actual: child }));
  };
  for (let i = 0, at = start; i < count; i++, at += width) {
    if (kind === 1) refer(at, level === 2);
    else refer(at + 8, level === 1 ? true : undefined);
    if (kind === 2 && level === 0 && readId(view, at + 16, true) !== 0) refer(at + 16, true);
  }
};
