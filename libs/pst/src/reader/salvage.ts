import {
  BLOCKTRAILER,
  BLOCKTRAILER_4K,
  BLOCKTRAILER_ANSI,
  BTPAGE_META,
  BTPAGE_META_4K,
  blockBytes,
  type FileForm,
} from '../format/index.js';
import { PAGE_TYPE, pstCrc, signature } from '../shared/index.js';
import { pageTrailer } from './b-tree.js';
import { blockEntry, nodeEntry, readId, type BlockRef, type NodeRef } from './entries.js';
import type { WindowCache } from './window-cache.js';

/** What a store holds by its pages and blocks themselves, whatever its B-trees say: blocks found by their own trailers, and nodes by the leaf pages
 *  of the node B-tree that are still whole, stale ones included. Memory: some 150 bytes a block or node. */
export type Salvage = { readonly nodes: ReadonlyMap<number, NodeRef>; readonly blocks: ReadonlyMap<number, BlockRef> };

const PIECE_BYTES = 4 * 1024 * 1024;
const PAGE_STEP = 512;

/** Reads a store from its first byte to its last for pages and blocks with sound signature and checksum. [MS-PST] 2.2.2.7.1, 2.2.2.8.1. */
export const salvage = async (cache: WindowCache, form: FileForm): Promise<Salvage> => {
  const scan = new Scan(form);
  // What ends in a piece may begin in the one before it.
  const most = Math.max(blockBytes(form, form.maxBlockBytes), form.pageBytes);
  for (let from = 0; from < cache.size; from += PIECE_BYTES) {
    const base = Math.max(0, from - most);
    const end = Math.min(from + PIECE_BYTES, cache.size);
    scan.piece(await cache.read(base, end - base), base, from, end);
  }
  return scan.result();
};

class Scan {
  readonly #form: FileForm;
  readonly #blocks = new Map<number, BlockRef>();
  /** By the tree's own pages, for blocks whose bytes are damaged; `pageBid` tells the newest. */
  readonly #listed = new Map<number, { readonly ref: BlockRef; readonly pageBid: number }>();
  readonly #nodes = new Map<number, { readonly ref: NodeRef; readonly pageBid: number }>();

  constructor(form: FileForm) {
    this.#form = form;
  }

  /** Everything that ends behind `from` and not behind `end`; `base` is the offset of the first byte. */
  piece(bytes: Uint8Array, base: number, from: number, end: number): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const { blockAlignment } = this.#form;
    for (let to = from + blockAlignment; to <= end; to += blockAlignment) {
      this.#block(bytes, view, base, to);
      if (to % PAGE_STEP === 0) this.#page(bytes, view, base, to);
    }
  }

  result(): Salvage {
    const blocks = this.#blocks;
    for (const [bid, { ref }] of this.#listed) if (!blocks.has(bid)) blocks.set(bid, ref);
    return { nodes: new Map([...this.#nodes].map(([nid, { ref }]) => [nid, ref])), blocks };
  }

  #block(bytes: Uint8Array, view: DataView, base: number, to: number): void {
    const form = this.#form;
    const at = to - base - form.blockTrailerBytes;
    if (at < 0) return;
    const offset = form.wide ? BLOCKTRAILER.offset : BLOCKTRAILER_ANSI.offset;
    const cb = view.getUint16(at + offset.cb, true);
    if (cb === 0 || cb > form.maxBlockBytes) return;
    const ib = to - blockBytes(form, cb);
    const bid = readId(view, at + offset.bid, form.wide);
    if (ib < base || bid === 0 || view.getUint16(at + offset.wSig, true) !== signature(ib, bid)) return;
    if (view.getUint32(at + offset.dwCRC, true) !== pstCrc(bytes.subarray(ib - base, ib - base + cb))) return;
    const size = form.pageBytes > PAGE_STEP ? view.getUint16(at + BLOCKTRAILER_4K.offset.cbInflated, true) : cb;
    this.#blocks.set(bid - (bid % 2), { bid, ib, cb, size, cRef: 0 });
  }

  #page(bytes: Uint8Array, view: DataView, base: number, to: number): void {
    const form = this.#form;
    const at = to - base - form.pageBytes;
    if (at < 0) return;
    const { ptype, twice, wSig, dwCRC, bid } = pageTrailer(view, at + form.pageTrailerAt, form);
    if (!twice || (ptype !== PAGE_TYPE.nbt && ptype !== PAGE_TYPE.bbt) || wSig !== signature(to - form.pageBytes, bid)) return;
    if (dwCRC !== pstCrc(bytes.subarray(at, at + form.pageTrailerAt))) return;
    const entryBytes = ptype === PAGE_TYPE.nbt ? form.nodeEntryBytes : form.blockEntryBytes;
    const count = leafCount(view, at + form.pageMetaAt, form, entryBytes);
    for (let i = 0; i < count; i++) {
      const place = at + i * entryBytes;
      if (ptype === PAGE_TYPE.nbt) {
        const ref = nodeEntry(view, place, form);
        if (bid >= (this.#nodes.get(ref.nid)?.pageBid ?? 0)) this.#nodes.set(ref.nid, { ref, pageBid: bid });
      } else {
        const ref = blockEntry(view, place, form);
        const key = ref.bid - (ref.bid % 2);
        if (bid >= (this.#listed.get(key)?.pageBid ?? 0)) this.#listed.set(key, { ref, pageBid: bid });
      }
    }
  }
}

/** The entries of a page of the lowest level; 0 for any other. [MS-PST] 2.2.2.7.7.1. */
const leafCount = (view: DataView, at: number, form: FileForm, entryBytes: number): number => {
  const wide = form.pageBytes > PAGE_STEP;
  const meta = wide ? BTPAGE_META_4K.offset : BTPAGE_META.offset;
  const count = wide ? view.getUint16(at + meta.cEnt, true) : view.getUint8(at + meta.cEnt);
  const isLeaf = view.getUint8(at + meta.cLevel) === 0 && view.getUint8(at + meta.cbEnt) === entryBytes;
  return isLeaf && count <= Math.floor(form.pageMetaAt / entryBytes) ? count : 0;
};
