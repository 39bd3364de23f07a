import { PT } from '@pstream/mapi';
import { PstCorrupt } from '../format/index.js';
import { Bth } from './bth.js';
import { CLIENT, Heap } from './heap.js';
import type { DataTree, NodeDatabase, SubnodeRef } from './node-database.js';
import { isInline } from './values.js';

/** A record of a property context: the value itself, or where it is. [MS-PST] 2.3.3.3. */
export type PropertyRecord = {
  readonly id: number;
  readonly type: number;
  readonly dwValueHnid: number;
  /** Where dwValueHnid itself lies. */
  readonly leaf: DataView;
  readonly at: number;
};

/** An object value: which subnode holds it, and the size the record tells. [MS-PST] 2.3.3.5. */
export type ObjectRecord = { readonly nid: number; readonly bytes: number };

/** Property context. [MS-PST] 2.3.3. */
export class PropertyContext {
  private constructor(
    private readonly ndb: NodeDatabase,
    readonly heap: Heap,
    readonly subnodes: ReadonlyMap<number, SubnodeRef>,
    readonly records: ReadonlyMap<number, PropertyRecord>,
    private readonly nid: number,
  ) {}

  /** Opens the PC in a data tree with its subnodes. `nid` is only for messages. */
  static async open(ndb: NodeDatabase, bidData: number, bidSub: number, nid: number): Promise<PropertyContext> {
    const heap = await Heap.open(ndb, bidData, CLIENT.properties, nid);
    await heap.load();
    const none: ReadonlyMap<number, SubnodeRef> = new Map();
    const subnodes = await ndb.strictness.survive(`node 0x${nid.toString(16)}`, () => ndb.subnodes(bidSub), none);
    const records = new Map<number, PropertyRecord>();
    const bth = await Bth.open(heap, ndb.strictness, heap.hidUserRoot, 2, 6);
    for (let i = 0; i < bth.leafCount; i++) {
      const leaf = await bth.leaf(i);
      for (let at = 0; at < leaf.byteLength; at += 8) {
        const id = leaf.getUint16(at, true);
        records.set(id, { id, type: leaf.getUint16(at + 2, true), dwValueHnid: leaf.getUint32(at + 4, true), leaf, at: at + 4 });
      }
    }
    return new PropertyContext(ndb, heap, subnodes, records, nid);
  }

  /** The data tree of a value that lives in a subnode, else undefined. */
  async tree(record: PropertyRecord): Promise<DataTree | undefined> {
    if (isInline(record.type) || record.dwValueHnid === 0 || (record.dwValueHnid & 0x1f) === 0) return undefined;
    return this.ndb.dataTree(this.subnode(record.dwValueHnid, record).bidData);
  }

  /** The subnode with this id. Throws PstCorrupt 'pst.subnode-missing'. */
  subnode(nid: number, record: PropertyRecord): SubnodeRef {
    const found = this.subnodes.get(nid);
    if (found === undefined) throw new PstCorrupt('subnode-missing', 'PC/dwValueHnid', { nid: this.nid, tag: tagOf(record), actual: nid });
    return found;
  }

  /** The stored bytes of a value if they are in memory: a view. */
  peek({ type, dwValueHnid, leaf, at }: PropertyRecord): Uint8Array | undefined {
    if (isInline(type)) return new Uint8Array(leaf.buffer, leaf.byteOffset + at, type === PT.Boolean ? 1 : type === PT.Integer16 ? 2 : 4);
    if (dwValueHnid === 0) return NOTHING;
    return (dwValueHnid & 0x1f) === 0 ? this.heap.peek(dwValueHnid) : undefined;
  }

  /** The stored bytes of a value; for an object its 8-byte record. `spend` is called with the number of bytes before they are held. */
  async stored(record: PropertyRecord, spend: (bytes: number) => void = free): Promise<Uint8Array> {
    const ready = this.peek(record);
    if (ready !== undefined) {
      spend(ready.length);
      return ready;
    }
    const { dwValueHnid } = record;
    if ((dwValueHnid & 0x1f) === 0) {
      const item = await this.heap.item(dwValueHnid);
      spend(item.length);
      return item;
    }
    const tree = await this.ndb.dataTree(this.subnode(dwValueHnid, record).bidData);
    spend(tree.bytes);
    return this.ndb.data(tree);
  }

  /** The bytes of a property if it is there and has this type. */
  async value(id: number, type: number): Promise<Uint8Array | undefined> {
    const record = this.records.get(id);
    return record === undefined || record.type !== type ? undefined : this.stored(record);
  }

  /** A 32-bit value if it is there. */
  integer(id: number): number | undefined {
    const record = this.records.get(id);
    return record?.type === PT.Integer32 ? record.dwValueHnid : undefined;
  }

  /** Where an object value is. Throws PstCorrupt if its record is not 8 bytes in the heap. */
  async object(record: PropertyRecord): Promise<ObjectRecord> {
    const bytes = await this.stored(record);
    if (bytes.length !== 8)
      throw new PstCorrupt('value-size', 'PtypObject', { nid: this.nid, tag: tagOf(record), expected: 8, actual: bytes.length });
    const view = new DataView(bytes.buffer, bytes.byteOffset, 8);
    return { nid: view.getUint32(0, true), bytes: view.getUint32(4, true) };
  }
}

/** Property tag: id and type in one number. [MS-OXCDATA] 2.9. */
export const tagOf = (record: { id: number; type: number }): number => record.id * 0x1_0000 + record.type;

const NOTHING = new Uint8Array(0);
const free = (): void => undefined;
