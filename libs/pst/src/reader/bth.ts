import { BTHHEADER, PstCorrupt } from '../format/index.js';
import type { Heap } from './heap.js';
import type { Strictness } from './strictness.js';

/** Deepest BTH that is believed: index items hold 447 records at least, so 5 levels outgrow any heap. */
const MAX_LEVELS = 5;

/** B-tree-on-heap. [MS-PST] 2.3.2. Its leaf items hold packed records of cbKey + cbEnt bytes. */
export class Bth {
  private last = -1;

  private constructor(
    private readonly heap: Heap,
    private readonly strictness: Strictness,
    private readonly leaves: readonly number[],
    private readonly cbKey: number,
    readonly recordBytes: number,
  ) {}

  /** Reads the header and the index levels; checks sizes, and that no item is reached twice. */
  static async open(heap: Heap, strictness: Strictness, hidHeader: number, cbKey: number, cbEnt: number): Promise<Bth> {
    const { nid } = heap;
    const head = await heap.item(hidHeader);
    if (head.length !== BTHHEADER.size) throw new PstCorrupt('truncated', 'BTHHEADER', { nid, hid: hidHeader, actual: head.length });
    const demand = (field: 'bType' | 'cbKey' | 'cbEnt', expected: number): void => {
      const actual = head[BTHHEADER.offset[field]] as number;
      if (actual !== expected) throw new PstCorrupt('unexpected-value', `BTHHEADER/${field}`, { nid, hid: hidHeader, expected, actual });
    };
    demand('bType', 0xb5);
    demand('cbKey', cbKey);
    demand('cbEnt', cbEnt);
    const hidRoot = new DataView(head.buffer, head.byteOffset).getUint32(BTHHEADER.offset.hidRoot, true);
    const levels = head[BTHHEADER.offset.bIdxLevels] as number;
    const leaves: number[] = [];
    if (hidRoot !== 0) {
      if (levels > MAX_LEVELS) throw new PstCorrupt('unexpected-value', 'BTHHEADER/bIdxLevels', { nid, hid: hidHeader, actual: levels });
      if (levels === 0) leaves.push(hidRoot);
      else await collect(heap, hidRoot, levels, cbKey, leaves, new Set());
    }
    return new Bth(heap, strictness, leaves, cbKey, cbKey + cbEnt);
  }

  get leafCount(): number {
    return this.leaves.length;
  }

  /** Records of a leaf. Leaves are asked for in order, so that the order of keys can be judged across them. */
  async leaf(index: number): Promise<DataView> {
    const { heap, strictness, cbKey, recordBytes } = this;
    const hid = this.leaves[index] as number;
    const view = await records(heap, hid, recordBytes);
    for (let at = 0; at < view.byteLength; at += recordBytes) {
      const key = cbKey === 2 ? view.getUint16(at, true) : view.getUint32(at, true);
      if (key <= this.last) strictness.flaw(new PstCorrupt('keys-out-of-order', 'BTH', { nid: heap.nid, hid, actual: key }));
      this.last = key;
    }
    return view;
  }
}

const records = async (heap: Heap, hid: number, recordBytes: number): Promise<DataView> => {
  const item = heap.peek(hid) ?? (await heap.item(hid));
  if (item.length === 0 || item.length % recordBytes !== 0) {
    throw new PstCorrupt('size-mismatch', 'BTH', { nid: heap.nid, hid, expected: recordBytes, actual: item.length });
  }
  return new DataView(item.buffer, item.byteOffset, item.byteLength);
};

/** Gathers the leaves below an index item in key order. */
const collect = async (heap: Heap, hid: number, level: number, cbKey: number, leaves: number[], seen: Set<number>): Promise<void> => {
  const view = await records(heap, hid, cbKey + 4);
  for (let at = cbKey; at < view.byteLength; at += cbKey + 4) {
    const child = view.getUint32(at, true);
    if (seen.has(child)) throw new PstCorrupt('item-used-twice', 'BTHHEADER', { nid: heap.nid, hid: child });
    seen.add(child);
    if (level === 1) leaves.push(child);
    else await collect(heap, child, level - 1, cbKey, leaves, seen);
  }
};
