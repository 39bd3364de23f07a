import { PstCorrupt } from '../format/index.js';
import type { BlockRef } from '../reader/entries.js';
import type { NodeDatabase } from '../reader/node-database.js';

const grown = <T extends Float64Array | Uint16Array>(array: T): T => {
  const next = new (array.constructor as new (length: number) => T)(array.length * 2);
  next.set(array);
  return next;
};

/** The block B-tree in flat arrays, 28 bytes a block, with a counter of the references that are found. */
export class BlockTable {
  private bids = new Float64Array(1024);
  private ibs = new Float64Array(1024);
  private cbs = new Uint16Array(1024);
  private cRefs = new Uint16Array(1024);
  private found = new Uint32Array(0);
  private crcs = new Uint32Array(0);
  count = 0;

  /** Reads the whole BBT. Damaged pages are recorded and missing. */
  static async load(ndb: NodeDatabase, onPage: (ib: number) => void): Promise<BlockTable> {
    const table = new BlockTable();
    for await (const refs of ndb.blockPages((page) => onPage(page.ib))) for (const ref of refs) table.add(ref);
    table.found = new Uint32Array(table.count);
    table.crcs = new Uint32Array(table.count);
    return table;
  }

  private add(ref: BlockRef): void {
    if (this.count === this.bids.length) {
      this.bids = grown(this.bids);
      this.ibs = grown(this.ibs);
      this.cbs = grown(this.cbs);
      this.cRefs = grown(this.cRefs);
    }
    this.bids[this.count] = ref.bid - (ref.bid % 2);
    this.ibs[this.count] = ref.ib;
    this.cbs[this.count] = ref.cb;
    this.cRefs[this.count] = ref.cRef;
    this.count++;
  }

  ref(index: number): BlockRef {
    const cb = this.cbs[index] as number;
    return { bid: this.bids[index] as number, ib: this.ibs[index] as number, cb, size: cb, cRef: this.cRefs[index] as number };
  }

  bidAt(index: number): number {
    return this.bids[index] as number;
  }

  ibAt(index: number): number {
    return this.ibs[index] as number;
  }

  cbAt(index: number): number {
    return this.cbs[index] as number;
  }

  crcAt(index: number): number {
    return this.crcs[index] as number;
  }

  /** Position of a block id, or -1. Its low bit has no meaning. [MS-PST] 2.2.2.2. */
  find(id: number): number {
    const bid = id - (id % 2);
    // where ids were given one after the other, and none was taken back, the place follows from the id
    const likely = (bid - (bid % 4) - (this.bids[0] as number)) / 4;
    if (this.bids[likely] === bid && likely < this.count) return likely;
    let low = 0;
    let high = this.count - 1;
    while (low <= high) {
      const middle = (low + high) >>> 1;
      const at = this.bids[middle] as number;
      if (at === bid) return middle;
      if (at < bid) low = middle + 1;
      else high = middle - 1;
    }
    return -1;
  }

  /** Remembers the CRC of a block's decoded data. */
  setCrc(index: number, crc: number): void {
    this.crcs[index] = crc;
  }

  /** CRC of the decoded data of a block that was read. */
  crcOf(bid: number): number | undefined {
    return this.crcs[this.find(bid)];
  }

  /** Block positions by file offset. */
  byOffset(): Uint32Array {
    const order = new Uint32Array(this.count);
    let sorted = true;
    for (let i = 1; i < this.count; i++) {
      order[i] = i;
      if ((this.ibs[i] as number) <= (this.ibs[i - 1] as number)) sorted = false;
    }
    return sorted ? order : order.sort((a, b) => (this.ibs[a] as number) - (this.ibs[b] as number));
  }

  /** Counts a reference; false if there is no such block. bid 0 refers to nothing. */
  refer(bid: number): boolean {
    if (bid === 0) return true;
    const index = this.find(bid);
    if (index < 0) return false;
    (this.found[index] as number)++;
    return true;
  }

  /** Compares the stored reference counts with those found: one more than there are references. [MS-PST] 2.2.2.7.7.3.1. */
  judgeReferences(flaw: (error: PstCorrupt) => void): void {
    for (let i = 0; i < this.count; i++) {
      const references = this.found[i] as number;
      if (references > 0 && this.cRefs[i] === references + 1) continue;
      const { bid, ib, cRef } = this.ref(i);
      if (references === 0) flaw(new PstCorrupt('block-unreferenced', 'BBTENTRY/cRef', { bid, ib, actual: cRef }));
      else flaw(new PstCorrupt('reference-count', 'BBTENTRY/cRef', { bid, ib, expected: references + 1, actual: cRef }));
    }
  }
}
