import { UNICODE, blockBytes } from '../../format/index.js';
import { decodeBlock, isInternal } from '../../reader/decode-block.js';
import type { BlockRef } from '../../reader/entries.js';
import { CRYPT, MAX_BLOCK_BYTES } from '../../shared/index.js';
import type { BlockTable } from '../block-table.js';
import type { Chunks } from '../chunks.js';

/** Thrown where the quick check cannot vouch for an item. Says nothing about what is wrong, or whether anything is: the thorough check has to look. */
export class Doubt extends Error {}

const DOUBT = new Doubt('look closer');

/** Gives up on the item under the quick check. */
export const doubt = (): never => {
  throw DOUBT;
};

/** 16 bits, little-endian. */
export const get16 = (from: Uint8Array, at: number): number => (from[at] as number) | ((from[at + 1] as number) << 8);

/** 32 bits, little-endian, unsigned. */
export const get32 = (from: Uint8Array, at: number): number =>
  ((from[at] as number) | ((from[at + 1] as number) << 8) | ((from[at + 2] as number) << 16) | ((from[at + 3] as number) << 24)) >>> 0;

/** A block id: 64 bits, of which 53 count. */
const getBid = (from: Uint8Array, at: number): number => get32(from, at) + 0x1_0000_0000 * get32(from, at + 4);

/** Subnodes of one level that the quick check takes: more need a second level. [MS-PST] 2.2.2.8.3.3.1. */
const MAX_SUBNODES = 340;
const XBLOCK_HEAD = 8;

/** Blocks decoded for one item; ordinary ones have a dozen at most besides the leaves of long values, which are not read. */
const MAX_DECODED = 256;

/** Blocks and data trees that the flat pass has judged and that are still in memory. Nothing waits, and nothing is copied that is not encoded. */
export class QuickStore {
  /** Positions in the block table of the leaves of all trees opened since `reset`. */
  leaves = new Int32Array(1024);
  private leafCount = 0;
  /** The block opened last: `length` bytes of data at `at`. */
  bytes: Uint8Array = new Uint8Array(0);
  at = 0;
  length = 0;
  /** The tree opened last: its leaves from `treeStart`, their number and bytes. */
  treeStart = 0;
  treeCount = 0;
  treeBytes = 0;

  private readonly decoded: Uint8Array[] = [];
  private decodedCount = 0;

  constructor(
    readonly blocks: BlockTable,
    private readonly chunks: Chunks,
    private readonly bCryptMethod: number,
  ) {}

  /** Begins another item: what was opened before is not held any more. */
  reset(): void {
    this.leafCount = 0;
    this.decodedCount = 0;
  }

  /** Opens a block by its position in the table. */
  open(position: number): void {
    const { blocks, chunks } = this;
    const length = blocks.cbAt(position);
    if (!chunks.find(blocks.ibAt(position), length)) doubt();
    this.bytes = chunks.bytes;
    this.at = chunks.at;
    this.length = length;
    if (this.bCryptMethod !== CRYPT.none) this.decode(blocks.ref(position));
  }

  private decode(ref: BlockRef): void {
    if (isInternal(ref.bid)) return;
    if (this.decodedCount === MAX_DECODED) doubt();
    const into = (this.decoded[this.decodedCount++] ??= new Uint8Array(MAX_BLOCK_BYTES));
    decodeBlock(this.bytes.subarray(this.at, this.at + this.length), ref, this.bCryptMethod, into);
    this.bytes = into;
    this.at = 0;
  }

  /** Position of a block that the flat pass has judged. */
  judged(bid: number): number {
    const { blocks, chunks } = this;
    const position = blocks.find(bid);
    if (position < 0 || blocks.ibAt(position) + blockBytes(UNICODE, blocks.cbAt(position)) > chunks.end) doubt();
    return position;
  }

  /** Opens a data tree: one block, or an XBLOCK over whole ones. [MS-PST] 2.2.2.8.3.2.1. */
  tree(bid: number): void {
    const { blocks } = this;
    const root = this.judged(bid);
    this.treeStart = this.leafCount;
    if (!isInternal(bid)) {
      this.treeCount = 1;
      this.treeBytes = blocks.cbAt(root);
      this.push(root);
      return;
    }
    this.open(root);
    const { bytes, at, length } = this;
    const count = length < XBLOCK_HEAD ? 0 : get16(bytes, at + 2);
    if (count === 0 || bytes[at] !== 1 || bytes[at + 1] !== 1 || XBLOCK_HEAD + 8 * count !== length) doubt();
    let held = 0;
    for (let i = 0; i < count; i++) {
      const child = getBid(bytes, at + XBLOCK_HEAD + 8 * i);
      if (isInternal(child)) doubt();
      const position = this.judged(child);
      held += blocks.cbAt(position);
      this.push(position);
    }
    if (held !== get32(bytes, at + 4)) doubt();
    this.treeCount = count;
    this.treeBytes = held;
  }

  private push(position: number): void {
    if (this.leafCount === this.leaves.length) {
      const more = new Int32Array(2 * this.leaves.length);
      more.set(this.leaves);
      this.leaves = more;
    }
    this.leaves[this.leafCount++] = position;
  }
}

/** The subnodes of a node: one SLBLOCK. [MS-PST] 2.2.2.8.3.3.1. */
export class QuickSubnodes {
  count = 0;
  readonly nids = new Float64Array(MAX_SUBNODES);
  readonly bidData = new Float64Array(MAX_SUBNODES);
  readonly bidSub = new Float64Array(MAX_SUBNODES);
  /** Data of each: leaves from `starts`, their number, their bytes. */
  readonly starts = new Int32Array(MAX_SUBNODES);
  readonly counts = new Int32Array(MAX_SUBNODES);
  readonly bytes = new Float64Array(MAX_SUBNODES);
  /** 1 for those that something refers to. */
  readonly used = new Uint8Array(MAX_SUBNODES);

  /** Opens the tree `bid`, which is 0 for none. */
  open(store: QuickStore, bid: number): void {
    this.count = 0;
    if (bid === 0) return;
    if (!isInternal(bid)) doubt();
    store.open(store.judged(bid));
    const { bytes, at, length } = store;
    const start = UNICODE.subnodeEntriesAt;
    const width = UNICODE.subnodeEntryBytes;
    const count = length < start ? 0 : get16(bytes, at + 2);
    if (count === 0 || count > MAX_SUBNODES || bytes[at] !== 2 || bytes[at + 1] !== 0 || start + width * count !== length) doubt();
    let last = -1;
    for (let i = 0; i < count; i++) {
      const entry = at + start + width * i;
      const nid = get32(bytes, entry);
      if (nid <= last) doubt();
      last = nid;
      this.nids[i] = nid;
      this.bidSub[i] = getBid(bytes, entry + 16);
      const data = getBid(bytes, entry + 8);
      this.bidData[i] = data;
      store.tree(data);
      this.starts[i] = store.treeStart;
      this.counts[i] = store.treeCount;
      this.bytes[i] = store.treeBytes;
      this.used[i] = 0;
    }
    this.count = count;
  }

  /** Position of a subnode, or -1. */
  find(nid: number): number {
    let low = 0;
    let high = this.count - 1;
    while (low <= high) {
      const middle = (low + high) >>> 1;
      const at = this.nids[middle] as number;
      if (at === nid) return middle;
      if (at < nid) low = middle + 1;
      else high = middle - 1;
    }
    return -1;
  }

  /** True if a value's data is cut as [MS-PST] 2.3.3.2 wants: all blocks but the last full. */
  isCutRight(store: QuickStore, i: number): boolean {
    const start = this.starts[i] as number;
    const end = start + (this.counts[i] as number) - 1;
    for (let k = start; k < end; k++) if (store.blocks.cbAt(store.leaves[k] as number) !== MAX_BLOCK_BYTES) return false;
    return true;
  }

  /** True if all are in use. */
  get allUsed(): boolean {
    for (let i = 0; i < this.count; i++) if (this.used[i] !== 1) return false;
    return true;
  }
}
