import { HNHDR, HNPAGEMAP } from '../../format/index.js';
import { MAX_HEAP_ITEM_BYTES } from '../../shared/index.js';
import { doubt, get16, get32, type QuickStore } from './store.js';

/** Blocks of a heap that the quick check takes; the bodies of items seldom need more than three. */
const MAX_BLOCKS = 64;
const MAX_ITEMS = 2047;

/** Heap-on-node in blocks that are in memory. [MS-PST] 2.3.1. */
export class QuickHeap {
  private count = 0;
  private readonly buffers: Uint8Array[] = [];
  private readonly starts = new Int32Array(MAX_BLOCKS);
  private readonly maps = new Int32Array(MAX_BLOCKS);
  private readonly items = new Int32Array(MAX_BLOCKS);
  /** Bytes of all blocks. */
  bytes = 0;
  root = 0;
  /** The item found last. */
  buffer: Uint8Array = new Uint8Array(0);
  from = 0;
  length = 0;

  /** Opens the heap in a data tree and judges its page maps. */
  open(store: QuickStore, bidData: number, client: number): void {
    store.tree(bidData);
    const { treeStart, treeCount } = store;
    if (treeCount > MAX_BLOCKS) doubt();
    this.bytes = store.treeBytes;
    this.count = treeCount;
    for (let i = 0; i < treeCount; i++) {
      store.open(store.leaves[treeStart + i] as number);
      this.judge(store, i);
    }
    const first = this.buffers[0] as Uint8Array;
    const at = this.starts[0] as number;
    if (first[at + HNHDR.offset.bSig] !== 0xec || first[at + HNHDR.offset.bClientSig] !== client) doubt();
    this.root = get32(first, at + HNHDR.offset.hidUserRoot);
  }

  private judge({ bytes, at, length }: QuickStore, index: number): void {
    const head = index === 0 ? HNHDR.size : index === 8 ? 66 : 2;
    if (length < head + HNPAGEMAP.size) doubt();
    const ibHnpm = get16(bytes, at);
    if (ibHnpm < head || ibHnpm % 2 !== 0 || ibHnpm + HNPAGEMAP.size + 2 > length) doubt();
    const map = at + ibHnpm;
    const items = get16(bytes, map);
    if (items > MAX_ITEMS || ibHnpm + HNPAGEMAP.size + 2 * (items + 1) > length) doubt();
    let place = map + HNPAGEMAP.size;
    let last = get16(bytes, place);
    if (last !== head) doubt();
    for (let i = 0; i < items; i++) {
      place += 2;
      const next = get16(bytes, place);
      if (next < last || next - last > MAX_HEAP_ITEM_BYTES) doubt();
      last = next;
    }
    if (last > ibHnpm) doubt();
    this.buffers[index] = bytes;
    this.starts[index] = at;
    this.maps[index] = map + HNPAGEMAP.size;
    this.items[index] = items;
  }

  /** Finds an item, which must exist and may be empty. */
  item(hid: number): void {
    const block = hid >>> 16;
    const index = (hid >>> 5) & 0x7ff;
    if ((hid & 0x1f) !== 0 || block >= this.count || index === 0 || index > (this.items[block] as number)) doubt();
    const buffer = this.buffers[block] as Uint8Array;
    const place = (this.maps[block] as number) + 2 * (index - 1);
    const from = get16(buffer, place);
    this.buffer = buffer;
    this.from = (this.starts[block] as number) + from;
    this.length = get16(buffer, place + 2) - from;
  }

  /** Finds the header of a B-tree-on-heap, checks its shape, and finds its root item. Returns the number of index levels, or -1 for an empty one. */
  bth(hidHeader: number, cbKey: number, cbEnt: number): number {
    this.item(hidHeader);
    const { buffer, from } = this;
    if (this.length !== 8 || buffer[from] !== 0xb5 || buffer[from + 1] !== cbKey || buffer[from + 2] !== cbEnt) doubt();
    const hidRoot = get32(buffer, from + 4);
    if (hidRoot === 0) return -1;
    this.item(hidRoot);
    return buffer[from + 3] as number;
  }
}
