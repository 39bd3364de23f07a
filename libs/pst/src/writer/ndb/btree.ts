import { assert } from '@pstream/kernel';

import { MAX_ENTRIES, PAGE_BODY_BYTES, PAGE_TYPE, pstCrc, put16, put32, put64, signature } from '../../shared/index.js';
import { GrowingU32 } from '../growing.js';
import { putPageTrailer, type Extents } from './extents.js';

/** A B-tree page as its parent refers to it (BREF). [MS-PST] 2.2.2.4. */
export type PageRef = { readonly bid: number; readonly ib: number };

/** Gives out page bids, one after another from a low start. [MS-PST] 2.2.2.2. */
export class PageBids {
  /** The next page bid: bidNextP of the header. */
  next = 4;

  take(): number {
    return this.next++;
  }
}

const ENTRIES_BYTES = 488;
const INDEX_ENTRY_BYTES = 24;
const NBT_ENTRY_BYTES = 32;
const BBT_ENTRY_BYTES = 24;

/** Builds a B-tree bottom-up from entries in ascending order: pages are written as they fill, and of each its first key and place are
 *  kept for the level above. [MS-PST] 2.2.2.7.7. */
class BulkLoader {
  readonly #extents: Extents;
  readonly #bids: PageBids;
  readonly #type: number;
  readonly #page = new Uint8Array(PAGE_BODY_BYTES);
  #entries = 0;
  #firstKey = 0;

  constructor(extents: Extents, bids: PageBids, type: number) {
    this.#extents = extents;
    this.#bids = bids;
    this.#type = type;
  }

  readonly #keys = new GrowingU32(64);
  readonly #refs: PageRef[] = [];

  /** Room for one more leaf entry: the page to write into and where. */
  leaf(key: number, entryBytes: number, max: number): { page: Uint8Array; at: number } {
    if (this.#entries === max) this.#flush(0, entryBytes, max);
    if (this.#entries === 0) this.#firstKey = key;
    return { page: this.#page, at: this.#entries++ * entryBytes };
  }

  /** Writes the last leaf and the levels above; returns the root. */
  finish(entryBytes: number, max: number): PageRef {
    this.#flush(0, entryBytes, max);
    for (let level = 1; this.#refs.length > 1; level++) {
      const keys = this.#keys.data.slice(0, this.#keys.length);
      const refs = this.#refs.splice(0);
      this.#keys.clear();
      refs.forEach((ref, i) => {
        const key = keys[i] as number;
        const { page, at } = this.#indexEntry(level, key);
        put32(page, at, key); // btkey
        put64(page, at + 8, ref.bid); // BREF.bid
        put64(page, at + 16, ref.ib); // BREF.ib
      });
      this.#flush(level, INDEX_ENTRY_BYTES, MAX_ENTRIES.btreeIndex);
    }
    const root = this.#refs[0];
    assert(root !== undefined, 'empty B-tree');
    return root;
  }

  #indexEntry(level: number, key: number): { page: Uint8Array; at: number } {
    if (this.#entries === MAX_ENTRIES.btreeIndex) this.#flush(level, INDEX_ENTRY_BYTES, MAX_ENTRIES.btreeIndex);
    if (this.#entries === 0) this.#firstKey = key;
    return { page: this.#page, at: this.#entries++ * INDEX_ENTRY_BYTES };
  }

  #flush(level: number, entryBytes: number, max: number): void {
    const page = this.#page;
    page[ENTRIES_BYTES] = this.#entries; // cEnt
    page[ENTRIES_BYTES + 1] = max; // cEntMax
    page[ENTRIES_BYTES + 2] = entryBytes; // cbEnt
    page[ENTRIES_BYTES + 3] = level; // cLevel
    const ib = this.#extents.takePage();
    const bid = this.#bids.take();
    const at = ib - this.#extents.start;
    this.#extents.buffer.set(page, at);
    putPageTrailer(this.#extents.buffer, at, this.#type, signature(ib, bid), pstCrc(page), bid);
    this.#keys.push(this.#firstKey);
    this.#refs.push({ bid, ib });
    page.fill(0);
    this.#entries = 0;
  }
}

/** Writes the node B-tree. [MS-PST] 2.2.2.7.7.4. */
export class NodeBTree {
  readonly #loader: BulkLoader;

  constructor(extents: Extents, bids: PageBids) {
    this.#loader = new BulkLoader(extents, bids, PAGE_TYPE.nbt);
  }

  /** Adds a node; nids ascend. */
  add(nid: number, bidData: number, bidSub: number, nidParent: number): void {
    const { page, at } = this.#loader.leaf(nid, NBT_ENTRY_BYTES, MAX_ENTRIES.nbtLeaf);
    put32(page, at, nid); // nid, upper half 0
    put32(page, at + 8, bidData); // bidData
    put32(page, at + 16, bidSub); // bidSub
    put32(page, at + 24, nidParent); // nidParent; dwPadding 0
  }

  finish(): PageRef {
    return this.#loader.finish(NBT_ENTRY_BYTES, MAX_ENTRIES.nbtLeaf);
  }
}

/** One reference by a node, tree or subnode block, and one more that the format counts always. */
const REF_COUNT = 2;

/** Writes the block B-tree. [MS-PST] 2.2.2.7.7.3. */
export class BlockBTree {
  readonly #loader: BulkLoader;

  constructor(extents: Extents, bids: PageBids) {
    this.#loader = new BulkLoader(extents, bids, PAGE_TYPE.bbt);
  }

  /** Adds a block; bids ascend. */
  add(bid: number, ib: number, cb: number): void {
    const { page, at } = this.#loader.leaf(bid, BBT_ENTRY_BYTES, MAX_ENTRIES.bbtLeaf);
    put32(page, at, bid); // BREF.bid, upper half 0
    put64(page, at + 8, ib); // BREF.ib
    put16(page, at + 16, cb); // cb
    put16(page, at + 18, REF_COUNT); // cRef; dwPadding 0
  }

  finish(): PageRef {
    return this.#loader.finish(BBT_ENTRY_BYTES, MAX_ENTRIES.bbtLeaf);
  }
}
