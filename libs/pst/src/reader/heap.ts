import { HNHDR, HNPAGEMAP, PstCorrupt } from '../format/index.js';
import { MAX_HEAP_ITEM_BYTES } from '../shared/index.js';
import type { DataTree, NodeDatabase } from './node-database.js';
import type { BlockRef } from './entries.js';

type HeapBlock = { readonly bytes: Uint8Array; readonly map: DataView; readonly items: number };

/** Blocks a heap keeps in memory unless told otherwise: 512 of 8 KiB, more than a property context ever has. */
const MAX_KEPT = 512;

/** Most items in a heap block: hidIndex has 11 bits. [MS-PST] 2.3.1.1. */
const MAX_ITEMS = 2047;

/** Client signatures. [MS-PST] 2.3.1.2. */
export const CLIENT = { table: 0x7c, properties: 0xbc } as const;

/** First block, blocks 8 + 128k and all others start with headers of different length. [MS-PST] 2.3.1.2 to 2.3.1.4. */
const headerBytes = (index: number): number => (index === 0 ? HNHDR.size : index >= 8 && (index - 8) % 128 === 0 ? 66 : 2);

/** Heap-on-node. [MS-PST] 2.3.1. Blocks are read and checked when first needed. */
export class Heap {
  private readonly kept = new Map<number, HeapBlock>();
  private root = 0;

  private constructor(
    private readonly ndb: NodeDatabase,
    private readonly tree: DataTree,
    readonly nid: number,
    private readonly mostKept: number,
  ) {}

  /** Opens the heap in a data tree. `nid` is only for messages; `mostKept` blocks stay in memory. Throws PstCorrupt 'pst.not-a-heap', 'pst.wrong-client'. */
  static async open(ndb: NodeDatabase, bidData: number, client: number, nid: number, mostKept = MAX_KEPT): Promise<Heap> {
    const tree = await ndb.dataTree(bidData);
    const heap = new Heap(ndb, tree, nid, mostKept);
    if (tree.blocks.length === 0) throw new PstCorrupt('not-a-heap', 'HNHDR', { nid });
    const { bytes } = await heap.block(0);
    const { bSig, bClientSig, hidUserRoot } = HNHDR.decode(bytes);
    if (bSig !== 0xec) throw new PstCorrupt('not-a-heap', 'HNHDR/bSig', { nid, expected: 0xec, actual: bSig });
    if (bClientSig !== client) throw new PstCorrupt('wrong-client', 'HNHDR/bClientSig', { nid, expected: client, actual: bClientSig });
    heap.root = hidUserRoot;
    return heap;
  }

  get hidUserRoot(): number {
    return this.root;
  }

  /** Bytes of all blocks. */
  get bytes(): number {
    return this.tree.bytes;
  }

  get blockCount(): number {
    return this.tree.blocks.length;
  }

  /** The item, if its block is in memory. */
  peek(hid: number): Uint8Array | undefined {
    const block = this.kept.get(hid >>> 16);
    return block === undefined ? undefined : this.slice(block, hid);
  }

  /** The item as a view into its block. hid 0 is the empty item. */
  async item(hid: number): Promise<Uint8Array> {
    if (hid === 0) return new Uint8Array(0);
    if ((hid & 0x1f) !== 0) throw new PstCorrupt('not-a-heap-id', 'HID', { nid: this.nid, hid });
    return this.peek(hid) ?? this.slice(await this.block(hid >>> 16), hid);
  }

  /** Reads every block, so that `peek` answers for all of a heap of up to 512 blocks. */
  async load(): Promise<void> {
    for (let i = 0; i < Math.min(this.tree.blocks.length, this.mostKept); i++) await this.block(i);
  }

  private slice(block: HeapBlock, hid: number): Uint8Array {
    const index = (hid >>> 5) & 0x7ff;
    if (index === 0 || index > block.items)
      throw new PstCorrupt('no-such-item', 'HID/hidIndex', { nid: this.nid, hid, expected: block.items, actual: index });
    const at = HNPAGEMAP.size + 2 * (index - 1);
    return block.bytes.subarray(block.map.getUint16(at, true), block.map.getUint16(at + 2, true));
  }

  private async block(index: number): Promise<HeapBlock> {
    const hit = this.kept.get(index);
    if (hit !== undefined) return hit;
    const ref = this.tree.blocks[index];
    if (ref === undefined)
      throw new PstCorrupt('no-such-item', 'HID/hidBlockIndex', { nid: this.nid, expected: this.tree.blocks.length, actual: index });
    const bytes = await this.ndb.block(ref);
    const block = this.check(bytes, index, ref);
    if (this.kept.size >= this.mostKept) this.kept.delete(this.kept.keys().next().value as number);
    this.kept.set(index, block);
    return block;
  }

  private check(bytes: Uint8Array, index: number, { bid }: BlockRef): HeapBlock {
    const { nid } = this;
    const header = headerBytes(index);
    const wrong = (field: string, actual: number): PstCorrupt => new PstCorrupt('heap-page-map', field, { nid, bid, actual });
    if (bytes.length < header + HNPAGEMAP.size) throw wrong('HNHDR', bytes.length);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const ibHnpm = view.getUint16(0, true);
    if (ibHnpm < header || ibHnpm + HNPAGEMAP.size + 2 > bytes.length) throw wrong('HNHDR/ibHnpm', ibHnpm);
    const items = view.getUint16(ibHnpm, true);
    if (ibHnpm + HNPAGEMAP.size + 2 * (items + 1) > bytes.length) throw wrong('HNPAGEMAP/cAlloc', items);
    const map = new DataView(bytes.buffer, bytes.byteOffset + ibHnpm, HNPAGEMAP.size + 2 * (items + 1));
    let last = map.getUint16(HNPAGEMAP.size, true);
    const { strictness } = this.ndb;
    strictness.expect(last === header, () => wrong('HNPAGEMAP/rgibAlloc', last));
    if (strictness.picky) {
      strictness.expect(ibHnpm % 2 === 0, () => wrong('HNHDR/ibHnpm', ibHnpm));
      strictness.expect(items <= MAX_ITEMS, () => wrong('HNPAGEMAP/cAlloc', items));
    }
    for (let i = 1; i <= items; i++) {
      const next = map.getUint16(HNPAGEMAP.size + 2 * i, true);
      if (next < last) throw wrong('HNPAGEMAP/rgibAlloc', next);
      if (next - last > MAX_HEAP_ITEM_BYTES && strictness.picky) strictness.flaw(wrong('HNPAGEMAP/rgibAlloc', next - last));
      last = next;
    }
    if (last > ibHnpm) throw wrong('HNPAGEMAP/rgibAlloc', last);
    return { bytes, map, items };
  }
}
