import { MAX_HEAP_ITEM_BYTES, put16, put32 } from '../../shared/index.js';
import type { Heap } from './heap.js';

/** BTHHEADER. [MS-PST] 2.3.2.1. */
export const BTH_HEADER_BYTES = 8;
const BTH_TYPE = 0xb5;

/** Size of a key (2, 4 or 16 bytes) and of the data of a leaf record. [MS-PST] 2.3.2.1. */
export type BthShape = { readonly keyBytes: number; readonly dataBytes: number };

/** Leaf records that fit into one heap item. */
export const bthLeafRecords = (shape: BthShape): number => Math.floor(MAX_HEAP_ITEM_BYTES / (shape.keyBytes + shape.dataBytes));

/** Where a B-tree-on-heap is rooted: HID of its top item (0 when empty) and number of index levels. */
export type BthRoot = { readonly hid: number; readonly levels: number };

/** Writes BTHHEADER at `at`. [MS-PST] 2.3.2.1. */
export const putBthHeader = (to: Uint8Array, at: number, shape: BthShape, root: BthRoot): void => {
  to[at] = BTH_TYPE; // bType
  to[at + 1] = shape.keyBytes; // cbKey
  to[at + 2] = shape.dataBytes; // cbEnt
  to[at + 3] = root.levels; // bIdxLevels
  put32(to, at + 4, root.hid); // hidRoot
};

/** Writes `count` records in ascending order of their keys, and the index levels above them. [MS-PST] 2.3.2.2 and 2.3.2.3.
 *  `put` writes record i (key and data) at a place; `keyOf` gives its key; `after` is called behind each item. */
export const writeBth = (
  heap: Heap,
  shape: BthShape,
  count: number,
  put: (i: number, to: Uint8Array, at: number) => void,
  keyOf: (i: number) => number,
  after: () => void,
): BthRoot => {
  if (count === 0) return { hid: 0, levels: 0 };
  const recordBytes = shape.keyBytes + shape.dataBytes;
  const perLeaf = bthLeafRecords(shape);
  let hids: number[] = [];
  let keys: number[] = [];
  for (let from = 0; from < count; from += perLeaf) {
    const to = Math.min(count, from + perLeaf);
    hids.push(heap.make((to - from) * recordBytes));
    keys.push(keyOf(from));
    const bytes = heap.bytesOf(heap.itemBlock);
    for (let i = from, at = heap.itemAt; i < to; i++, at += recordBytes) put(i, bytes, at);
    after();
  }
  const indexBytes = shape.keyBytes + 4;
  const perIndex = Math.floor(MAX_HEAP_ITEM_BYTES / indexBytes);
  let levels = 0;
  for (; hids.length > 1; levels++) {
    const upperHids: number[] = [];
    const upperKeys: number[] = [];
    for (let from = 0; from < hids.length; from += perIndex) {
      const to = Math.min(hids.length, from + perIndex);
      upperHids.push(heap.make((to - from) * indexBytes));
      upperKeys.push(keys[from] as number);
      const bytes = heap.bytesOf(heap.itemBlock);
      for (let i = from, at = heap.itemAt; i < to; i++, at += indexBytes) {
        if (shape.keyBytes === 2) put16(bytes, at, keys[i] as number);
        else put32(bytes, at, keys[i] as number);
        put32(bytes, at + shape.keyBytes, hids[i] as number);
      }
      after();
    }
    hids = upperHids;
    keys = upperKeys;
  }
  return { hid: hids[0] as number, levels };
};
