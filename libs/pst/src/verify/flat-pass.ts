import { BLOCKTRAILER, PstCorrupt, SLBLOCK, UNICODE, XBLOCK, blockBytes } from '../format/index.js';
import { checkBlock, decodeBlock, isInternal } from '../reader/decode-block.js';
import { readId, type BlockRef } from '../reader/entries.js';
import type { Strictness } from '../reader/strictness.js';
import { CRYPT, PAGE_BYTES, pstCrc, signature } from '../shared/index.js';
import type { Allocation } from './allocation.js';
import type { BlockTable } from './block-table.js';
import type { Chunks } from './chunks.js';

/** What the flat pass needs to know and whom to tell. */
export type FlatPassSpec = {
  readonly chunks: Chunks;
  readonly fileBytes: number;
  readonly blocks: BlockTable;
  readonly allocation: Allocation;
  readonly strictness: Strictness;
  readonly bCryptMethod: number;
};

/** Judges every block and map page in file order as the chunks come by, counts references, notes the CRCs of decoded data. */
export class FlatPass {
  private readonly order: Uint32Array;
  private nextBlock = 0;
  private readonly pages: { readonly ib: number; readonly ptype: number }[];
  private nextPage = 0;
  private readonly scratch = new Uint8Array(UNICODE.maxBlockBytes);

  constructor(private readonly spec: FlatPassSpec) {
    this.order = spec.blocks.byOffset();
    this.pages = [...spec.allocation.mapPages()].filter(({ ib }) => ib + PAGE_BYTES <= spec.fileBytes);
  }

  /** Judges what ends within the chunks handed out so far. */
  advance(): void {
    const { chunks, blocks, allocation } = this.spec;
    const { order, pages } = this;
    for (; this.nextBlock < order.length; this.nextBlock++) {
      const position = order[this.nextBlock] as number;
      const ib = blocks.ibAt(position);
      const length = blockBytes(UNICODE, blocks.cbAt(position));
      if (ib + length > chunks.end) break;
      if (chunks.find(ib, length)) this.judge(position, ib, length);
    }
    for (; this.nextPage < pages.length; this.nextPage++) {
      const page = pages[this.nextPage] as { ib: number; ptype: number };
      if (page.ib + PAGE_BYTES > chunks.end) break;
      if (chunks.find(page.ib, PAGE_BYTES)) allocation.judge(chunks.bytes.subarray(chunks.at, chunks.at + PAGE_BYTES), page);
    }
  }

  private judge(position: number, ib: number, length: number): void {
    const { blocks, strictness, chunks, bCryptMethod } = this.spec;
    const { bytes, view, at } = chunks;
    const cb = blocks.cbAt(position);
    const bid = blocks.bidAt(position);
    const internal = isInternal(bid);
    const trailer = at + length - BLOCKTRAILER.size;
    const data = bytes.subarray(at, at + cb);
    let crc = pstCrc(data);
    const storedBid = readId(view, trailer + BLOCKTRAILER.offset.bid, true);
    const sound =
      view.getUint16(trailer + BLOCKTRAILER.offset.cb, true) === cb &&
      storedBid - (storedBid % 2) === bid &&
      view.getUint16(trailer + BLOCKTRAILER.offset.wSig, true) === signature(ib, storedBid) &&
      view.getUint32(trailer + BLOCKTRAILER.offset.dwCRC, true) === crc;
    const ref: BlockRef | undefined = sound && !internal && bCryptMethod === CRYPT.none ? undefined : blocks.ref(position);
    if (ref !== undefined) {
      const raw = bytes.subarray(at, at + length);
      // says what exactly is wrong
      if (!sound) checkBlock(raw, ref, UNICODE, strictness);
      if (bCryptMethod !== CRYPT.none && !internal) crc = pstCrc(decodeBlock(raw, ref, bCryptMethod, this.scratch));
    }
    blocks.setCrc(position, crc);
    for (let i = at + cb; i < trailer; i++) {
      if (bytes[i] !== 0) {
        strictness.flaw(new PstCorrupt('gap-not-zero', 'BLOCK/padding', { bid, ib }));
        break;
      }
    }
    if (ref !== undefined && internal) countReferences(data, ref, blocks, strictness);
  }
}

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
