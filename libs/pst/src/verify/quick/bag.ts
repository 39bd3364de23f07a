import { MULTIPLE, PT, fixedSize } from '@pstream/mapi';
import { CLIENT } from '../../reader/heap.js';
import type { QuickHeap } from './heap.js';
import { doubt, get16, get32, type QuickStore, type QuickSubnodes } from './store.js';

/** Properties of one object that the quick check takes. */
const MAX_PROPERTIES = 2048;

/** Record of a PtypObject: nid and size. [MS-PST] 2.3.3.5. */
const OBJECT_BYTES = 8;

/** The properties of an object, or the cells of a row, in flat arrays in the order in which they are stored: ascending ids. A value is bytes in a
 *  buffer, or a subnode. */
export class QuickBag {
  count = 0;
  /** Index of the first named property. */
  named = 0;
  /** Index of the one property that is an object, or -1. */
  object = -1;
  readonly ids = new Int32Array(MAX_PROPERTIES);
  readonly types = new Int32Array(MAX_PROPERTIES);
  readonly buffers: Uint8Array[] = [];
  readonly starts = new Int32Array(MAX_PROPERTIES);
  readonly lengths = new Float64Array(MAX_PROPERTIES);
  /** Subnode that has the value, or -1. */
  readonly subnodes = new Int32Array(MAX_PROPERTIES);
  private lastHid = 0;
  private lastNid = 0;

  reset(): void {
    this.count = 0;
    this.named = 0;
    this.object = -1;
    this.lastHid = 0;
    this.lastNid = 0;
  }

  /** Reads a property context and judges its records and values. [MS-PST] 2.3.3. Marks the subnodes it uses. */
  open(store: QuickStore, heap: QuickHeap, bidData: number, subnodes: QuickSubnodes): void {
    this.reset();
    heap.open(store, bidData, CLIENT.properties);
    const levels = heap.bth(heap.root, 2, 6);
    if (levels < 0) return;
    if (levels === 0) return this.leaf(store, heap, subnodes);
    const { buffer, from, length } = heap;
    if (levels > 1 || length === 0 || length % 6 !== 0) doubt();
    for (let at = from + 2; at < from + length; at += 6) {
      heap.item(get32(buffer, at));
      this.leaf(store, heap, subnodes);
    }
  }

  private leaf(store: QuickStore, heap: QuickHeap, subnodes: QuickSubnodes): void {
    const { buffer, from, length } = heap;
    if (length === 0 || length % 8 !== 0) doubt();
    for (let at = from; at < from + length; at += 8) {
      const id = get16(buffer, at);
      const type = get16(buffer, at + 2);
      if (type === PT.Integer32 || type === PT.Floating32) this.add(id, type, buffer, at + 4, 4);
      else if (type === PT.Boolean || type === PT.Integer16) {
        if (get32(buffer, at + 4) > (type === PT.Boolean ? 1 : 0xffff)) doubt();
        this.add(id, type, buffer, at + 4, type === PT.Boolean ? 1 : 2);
      } else this.addStored(id, type, get32(buffer, at + 4), store, heap, subnodes);
    }
  }

  private addStored(id: number, type: number, hnid: number, store: QuickStore, heap: QuickHeap, subnodes: QuickSubnodes): void {
    if (hnid === 0) return this.add(id, type, EMPTY, 0, 0);
    if ((hnid & 0x1f) === 0) {
      // each value has an item of its own if they rise; otherwise somebody has to compare them all
      if (hnid <= this.lastHid) doubt();
      this.lastHid = hnid;
      heap.item(hnid);
      if (type !== PT.Object) return this.add(id, type, heap.buffer, heap.from, heap.length);
      if (heap.length !== OBJECT_BYTES || this.object >= 0) doubt();
      this.object = this.count;
      return this.put(id, type, heap.buffer, heap.from, heap.length, -1);
    }
    const i = subnodes.find(hnid);
    if (hnid <= this.lastNid || i < 0 || subnodes.bidSub[i] !== 0 || !subnodes.isCutRight(store, i)) doubt();
    if (type !== PT.Binary && type !== PT.String) doubt();
    this.lastNid = hnid;
    subnodes.used[i] = 1;
    const length = subnodes.bytes[i] as number;
    if (type === PT.String) {
      store.open(store.leaves[(subnodes.starts[i] as number) + (subnodes.counts[i] as number) - 1] as number);
      if (length % 2 !== 0 || store.length < 2 || get16(store.bytes, store.at + store.length - 2) === 0) doubt();
    }
    this.put(id, type, EMPTY, 0, length, i);
  }

  /** Adds a value that lies in a buffer. */
  add(id: number, type: number, buffer: Uint8Array, start: number, length: number): void {
    judgeValue(type, buffer, start, length);
    this.put(id, type, buffer, start, length, -1);
  }

  private put(id: number, type: number, buffer: Uint8Array, start: number, length: number, subnode: number): void {
    const i = this.count;
    if (i === MAX_PROPERTIES || (i > 0 && id <= (this.ids[i - 1] as number))) doubt();
    this.ids[i] = id;
    this.types[i] = type;
    this.buffers[i] = buffer;
    this.starts[i] = start;
    this.lengths[i] = length;
    this.subnodes[i] = subnode;
    this.count = i + 1;
    if (id < 0x8000) this.named = i + 1;
  }

  /** Index of a property, or -1. */
  find(id: number): number {
    let low = 0;
    let high = this.count - 1;
    while (low <= high) {
      const middle = (low + high) >>> 1;
      const at = this.ids[middle] as number;
      if (at === id) return middle;
      if (at < id) low = middle + 1;
      else high = middle - 1;
    }
    return -1;
  }

  /** Index of a property of this type, or -1. */
  findTyped(id: number, type: number): number {
    const i = this.find(id);
    return i >= 0 && this.types[i] === type ? i : -1;
  }

  /** A 32-bit property, which must be there. */
  integer(id: number): number {
    const i = this.findTyped(id, PT.Integer32);
    return i < 0 ? doubt() : get32(this.buffers[i] as Uint8Array, this.starts[i] as number);
  }
}

const EMPTY = new Uint8Array(0);

/** Lengths and forms that need no repair when read. */
const judgeValue = (type: number, buffer: Uint8Array, start: number, length: number): void => {
  switch (type) {
    case PT.Integer32:
    case PT.Floating32:
      if (length !== 4) doubt();
      return;
    case PT.Boolean:
      if (length !== 1 || (buffer[start] as number) > 1) doubt();
      return;
    case PT.Integer16:
      if (length !== 2) doubt();
      return;
    case PT.String:
      // a terminator would have to be cut off
      if (length % 2 !== 0 || (length > 0 && get16(buffer, start + length - 2) === 0)) doubt();
      return;
    case PT.Binary:
      return;
    case PT.Time:
    case PT.Integer64:
    case PT.Currency:
    case PT.Floating64:
    case PT.FloatingTime:
      if (length !== 8) doubt();
      return;
    case PT.Guid:
      if (length !== 16) doubt();
      return;
    case PT.String | MULTIPLE:
    case PT.Binary | MULTIPLE:
      if (length > 0) judgeList(buffer, start, length);
      return;
    default: {
      const unit = (type & MULTIPLE) === 0 ? undefined : fixedSize(type);
      if (unit === undefined || type === (PT.Boolean | MULTIPLE) || type === (PT.ErrorCode | MULTIPLE) || length % unit !== 0) doubt();
    }
  }
};

/** Count, offsets, data. [MS-PST] 2.3.3.4.2. */
const judgeList = (buffer: Uint8Array, start: number, length: number): void => {
  if (length < 4) doubt();
  const count = get32(buffer, start);
  const head = 4 + 4 * count;
  if (head > length) doubt();
  let last = head;
  for (let i = 0; i < count; i++) {
    const from = get32(buffer, start + 4 + 4 * i);
    if (from < last || from > length) doubt();
    last = from;
  }
};
