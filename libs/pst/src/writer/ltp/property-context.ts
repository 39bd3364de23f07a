import { ID, PT, tagId, tagType } from '@pstream/mapi';

import { MAX_BLOCK_BYTES, put16, put32 } from '../../shared/index.js';
import type { Blocks } from '../ndb/blocks.js';
import { BTH_HEADER_BYTES, bthLeafRecords, putBthHeader, writeBth, type BthRoot } from './bth.js';
import { HEAP_CLIENT, Heap } from './heap.js';
import { needsSubnode, type KnownCrcs, type Subnodes, type WrittenValues } from './subnodes.js';

/** Key: property id; data: type and dwValueHnid. [MS-PST] 2.3.3.3. */
const PC_SHAPE = { keyBytes: 2, dataBytes: 6 } as const;
const PC_RECORD_BYTES = 8;
/** Largest PidTagMessageSize: the property is a signed 32-bit number. */
const MAX_SIZE = 0x7fff_ffff;

/** Properties in ascending order of their ids. A PtypObject has the eight bytes of its record as value. */
export type PropertyList = { readonly tags: readonly number[]; readonly values: readonly Uint8Array[] };

/** True for types whose value stands in the record itself. [MS-PST] 2.3.3.3. */
const isInline = (type: number): boolean =>
  type === PT.Integer32 || type === PT.Boolean || type === PT.Integer16 || type === PT.Floating32 || type === PT.ErrorCode;

/** Writes property contexts, one after another, in one reused heap. [MS-PST] 2.3.3. */
export class PropertyContexts {
  readonly #blocks: Blocks;
  readonly #heap = new Heap(HEAP_CLIENT.properties, MAX_BLOCK_BYTES);
  #hnids = new Uint32Array(256);
  /** Bytes of the data tree of the last one written. */
  bytes = 0;

  constructor(blocks: Blocks) {
    this.#blocks = blocks;
  }

  /** Writes a property context and returns the bid of its data; long values become subnodes. A PidTagMessageSize in the list gets its
   *  value here: data bytes of the node and of all subnodes. */
  write(list: PropertyList, subnodes: Subnodes, written?: WrittenValues, crcs?: KnownCrcs): number {
    const { tags, values } = list;
    const count = tags.length;
    const heap = this.#heap;
    heap.reset(HEAP_CLIENT.properties);
    const header = heap.make(BTH_HEADER_BYTES);
    const headerAt = heap.itemAt;
    const single = count > 0 && count <= bthLeafRecords(PC_SHAPE);
    const leaf = single ? heap.make(count * PC_RECORD_BYTES) : 0;
    const leafAt = heap.itemAt;
    if (this.#hnids.length < count) this.#hnids = new Uint32Array(2 * count);
    const hnids = this.#hnids;
    let sizeRecord = -1;
    for (let i = 0; i < count; i++) {
      const tag = tags[i] as number;
      const value = values[i] as Uint8Array;
      if (isInline(tagType(tag))) {
        hnids[i] = inlineValue(value);
        if (tagId(tag) === ID.MessageSize) sizeRecord = i;
      } else if (value.length === 0) hnids[i] = 0;
      else if (needsSubnode(value)) hnids[i] = subnodes.addValue(this.#blocks, value, written, crcs);
      else hnids[i] = heap.add(value);
    }
    const put = (i: number, to: Uint8Array, at: number): void => {
      const tag = tags[i] as number;
      put16(to, at, tag >>> 16); // wPropId
      put16(to, at + 2, tag); // wPropType
      put32(to, at + 4, hnids[i] as number); // dwValueHnid
    };
    let root: BthRoot;
    let sizeBlock = 0;
    let sizeAt = leafAt + sizeRecord * PC_RECORD_BYTES;
    if (single) {
      const bytes = heap.bytesOf(0);
      for (let i = 0; i < count; i++) put(i, bytes, leafAt + i * PC_RECORD_BYTES);
      root = { hid: leaf, levels: 0 };
    } else {
      const keep = (i: number, to: Uint8Array, at: number): void => {
        put(i, to, at);
        if (i === sizeRecord) [sizeBlock, sizeAt] = [heap.itemBlock, at];
      };
      root = writeBth(
        heap,
        PC_SHAPE,
        count,
        keep,
        (i) => (tags[i] as number) >>> 16,
        () => undefined,
      );
    }
    putBthHeader(heap.bytesOf(0), headerAt, PC_SHAPE, root);
    this.bytes = heap.bytes;
    if (sizeRecord >= 0) put32(heap.bytesOf(sizeBlock), sizeAt + 4, Math.min(MAX_SIZE, this.bytes + subnodes.bytes));
    return heap.finish(this.#blocks, header);
  }
}

const inlineValue = (value: Uint8Array): number => {
  if (value.length === 4) {
    return (value[0] as number) | ((value[1] as number) << 8) | ((value[2] as number) << 16) | ((value[3] as number) << 24);
  }
  let number = 0;
  for (let i = value.length - 1; i >= 0; i--) number = number * 256 + (value[i] as number);
  return number;
};
