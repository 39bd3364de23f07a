import { PT, type MapiItem, type Property } from '@pstream/mapi';
import { PstCorrupt, type Problem } from '../format/index.js';
import { NID, NID_TYPE, nidType, siblingNid } from '../shared/index.js';
import { AttachmentHandle } from './attachment-handle.js';
import { DEFAULT_CODE_PAGE } from './code-page.js';
import type { Header } from './header.js';
import { MessageReader, textProperty, type ItemOptions, type ReadContext } from './message.js';
import { readNames, type NameMap } from './names.js';
import type { NodeRef } from './entries.js';
import { NodeDatabase } from './node-database.js';
import { PropertyContext } from './property-context.js';
import type { ByteSource } from './source.js';
import { Strictness, type Mode } from './strictness.js';
import { TableContext, type Column } from './table-context.js';
import { propertyOf } from './values.js';
import { WindowCache } from './window-cache.js';

/** How to open a store. `windowBytes` is the least that is read at a time, `cacheBytes` the most that is kept. Values of messages longer than
 *  `maxValueBytes` are cut, with a warning on the message. `recover`, in lenient mode: reads the
 *  whole file first and goes by what is found, where header or B-trees are broken. */
export type OpenOptions = {
  readonly mode: Mode;
  readonly recover?: boolean;
  readonly signal?: AbortSignal;
  readonly windowBytes?: number;
  readonly cacheBytes?: number;
  readonly maxValueBytes?: number;
};

/** A folder. `path` are the names below the IPM subtree (below the root for folders outside it); the subtree's own root has an empty
 *  one. Counts are the rows of its tables. */
export type PstFolder = {
  readonly nid: number;
  readonly key: string;
  readonly parentKey: string | undefined;
  readonly path: readonly string[];
  readonly name: string;
  readonly containerClass: string | undefined;
  readonly properties: readonly Property[];
  readonly contentCount: number;
  readonly associatedCount: number;
  readonly inIpm: boolean;
};

/** A message in a folder, not read yet. `size` is PidTagMessageSize of its row in bytes, `deliveredAt` its PidTagMessageDeliveryTime (a FILETIME of
 *  8 bytes), if the row has them. */
export type PstItem = {
  readonly nid: number;
  readonly associated: boolean;
  readonly size: number | undefined;
  readonly deliveredAt: Uint8Array | undefined;
  /** Reads it whole. Throws PstCorrupt if it cannot be opened; in lenient mode damage inside it becomes warnings. */
  item(options?: ItemOptions): Promise<MapiItem>;
  /** Some properties of it, by their ids, and those of its recipients: bodies and attachments are not read. Throws as `item` does. */
  some(ids: ReadonlySet<number>): Promise<Pick<MapiItem, 'properties' | 'recipients'>>;
  /** Its attachments one by one, without their data, which can then be read by range or as a stream. */
  attachments(): AsyncGenerator<AttachmentHandle>;
};

const ENTRY_ID_BYTES = 24;
const ID = { displayName: 0x3001, containerClass: 0x3613, ipmSubtreeEntryId: 0x35e0, deliveryTime: 0x0e06, messageSize: 0x0e08 } as const;
const MAX_FOLDER_DEPTH = 1000;
const OST_IPM_SUBTREE = 0x2142;

/** Name of a folder in keys: its node id in hex. */
const keyOf = (nid: number): string => `0x${nid.toString(16)}`;

/** An open store. Reads go through one cache; iterators may run side by side. */
export class PstFile {
  private constructor(
    private readonly context: ReadContext,
    readonly properties: readonly Property[],
    private readonly ipmSubtree: number,
  ) {}

  /** Opens the store in a source: HEADER, name map and message store. See `openPst`. */
  static async open(source: ByteSource, options: OpenOptions): Promise<PstFile> {
    const cache = new WindowCache(source, options.windowBytes, options.cacheBytes, options.signal);
    const recover = options.recover === true && options.mode === 'lenient';
    const ndb = await NodeDatabase.open(cache, new Strictness(options.mode), recover);
    const names = await ndb.strictness.survive('name map', () => readNames(ndb), new Map());
    const store = async (): Promise<readonly Property[]> => {
      const node = await nodeOf(ndb, NID.messageStore);
      return readBag(ndb, names, await PropertyContext.open(ndb, node.bidData, node.bidSub, node.nid));
    };
    const properties = recover ? await ndb.strictness.survive('message store', store, []) : await store();
    return new PstFile({ ndb, names, maxValueBytes: options.maxValueBytes }, properties, await ipmSubtreeOf(ndb, properties));
  }

  get header(): Header {
    return this.context.ndb.header;
  }

  /** Property names by property id. */
  get names(): NameMap {
    return this.context.names;
  }

  /** The layers below, for the verifier and tools of this library. */
  get ndb(): NodeDatabase {
    return this.context.ndb;
  }

  /** What lenient reading passed over so far; at most 1,000, the rest in `problemsDropped`. Always empty in strict mode. */
  get problems(): readonly Problem[] {
    return this.context.ndb.strictness.problems;
  }

  get problemsDropped(): number {
    return this.context.ndb.strictness.dropped;
  }

  /** Folders depth first, parents before children, siblings in nid order; the IPM subtree (its own root first), or with `all` every folder of
   *  the store. Search folders are left out. */
  async *folders(options: { readonly all?: boolean } = {}): AsyncGenerator<PstFolder> {
    const root = options.all === true ? NID.rootFolder : this.ipmSubtree;
    yield* this.walk(root, undefined, [], root === this.ipmSubtree, new Set());
  }

  private async *walk(
    nid: number,
    parentKey: string | undefined,
    path: readonly string[],
    inIpm: boolean,
    seen: Set<number>,
  ): AsyncGenerator<PstFolder> {
    const { strictness } = this.ndb;
    if (seen.has(nid) || path.length > MAX_FOLDER_DEPTH) {
      strictness.flaw(new PstCorrupt('folder-cycle', 'NBTENTRY/nidParent', { nid }));
      return;
    }
    seen.add(nid);
    const folder = await strictness.survive(`folder ${keyOf(nid)}`, () => this.folder(nid, parentKey, path, inIpm), undefined);
    if (folder === undefined) return;
    const isSubtreeRoot = nid === this.ipmSubtree;
    const named = isSubtreeRoot || nid === NID.rootFolder ? folder : { ...folder, path: [...path, folder.name] };
    yield named;
    for (const child of await this.children(nid)) {
      yield* this.walk(child, named.key, child === this.ipmSubtree ? [] : named.path, inIpm || child === this.ipmSubtree, seen);
    }
  }

  private async folder(nid: number, parentKey: string | undefined, path: readonly string[], inIpm: boolean): Promise<PstFolder> {
    const { ndb, names } = this.context;
    const node = await nodeOf(ndb, nid);
    const properties = await readBag(ndb, names, await PropertyContext.open(ndb, node.bidData, node.bidSub, nid));
    return {
      nid,
      key: keyOf(nid),
      parentKey,
      path,
      name: textProperty(properties, ID.displayName) ?? '',
      containerClass: textProperty(properties, ID.containerClass),
      properties,
      contentCount: await this.rows(siblingNid(nid, NID_TYPE.contentsTable)),
      associatedCount: await this.rows(siblingNid(nid, NID_TYPE.associatedTable)),
      inIpm,
    };
  }

  /** Rows of a folder's table; 0, and a problem, if it cannot be read. */
  private rows(nid: number): Promise<number> {
    return this.ndb.strictness.survive(`table ${keyOf(nid)}`, async () => (await this.table(nid)).countRows(), 0);
  }

  /** A folder's table by its own nid. */
  async table(nid: number): Promise<TableContext> {
    const node = await nodeOf(this.ndb, nid);
    return TableContext.open(this.ndb, node.bidData, node.bidSub, nid);
  }

  /** Child folders in nid order, from the hierarchy table; where that cannot be read, from the node B-tree. */
  private async children(nid: number): Promise<number[]> {
    const read = async (): Promise<number[]> => {
      const out = [];
      for await (const { rowId } of (await this.table(siblingNid(nid, NID_TYPE.hierarchyTable))).rowIndex()) out.push(rowId);
      return out;
    };
    const listed = await this.ndb.strictness.survive(`hierarchy of ${keyOf(nid)}`, read, undefined);
    const found = listed ?? (await this.nodesBelow(nid, NID_TYPE.folder));
    return found.filter((child) => nidType(child) === NID_TYPE.folder && child !== nid);
  }

  private async nodesBelow(nid: number, type: number): Promise<number[]> {
    const out = [];
    for await (const node of this.ndb.nodes()) if (node.nidParent === nid && nidType(node.nid) === type) out.push(node.nid);
    return out;
  }

  /** Messages of a folder in nid order, hidden ones with `associated`. Where the table cannot be read (lenient), those the node B-tree has. */
  async *items(folder: { readonly nid: number }, options: { readonly associated?: boolean } = {}): AsyncGenerator<PstItem> {
    const associated = options.associated === true;
    const { strictness } = this.ndb;
    let last = -1;
    try {
      const table = await this.table(siblingNid(folder.nid, associated ? NID_TYPE.associatedTable : NID_TYPE.contentsTable));
      const sizes = table.columns.find(({ id, type }) => id === ID.messageSize && type === PT.Integer32);
      const times = table.columns.find(({ id, type }) => id === ID.deliveryTime && type === PT.Time);
      for await (const { rowId, position } of table.rowIndex()) {
        const row = await strictness.survive('row', () => rowOf(table, position, sizes, times), undefined);
        last = rowId;
        yield this.pending(rowId, associated, row?.size, row?.deliveredAt);
      }
    } catch (error) {
      if (strictness.strict || !(error instanceof PstCorrupt)) throw error;
      strictness.record(error, `contents of ${keyOf(folder.nid)}`);
      for (const nid of await this.nodesBelow(folder.nid, associated ? NID_TYPE.associatedMessage : NID_TYPE.message)) {
        if (nid > last) yield this.pending(nid, associated, undefined);
      }
    }
  }

  /** Every message the node database has, whether a table names it or not, with the node id of its folder. */
  async *messages(): AsyncGenerator<{ readonly item: PstItem; readonly folder: number }> {
    for await (const { nid, nidParent } of this.ndb.nodes()) {
      const type = nidType(nid);
      if (type === NID_TYPE.message || type === NID_TYPE.associatedMessage)
        yield { item: this.pending(nid, type === NID_TYPE.associatedMessage), folder: nidParent };
    }
  }

  /** The names from the top of the store down to a folder, as far as they can be read, by the parents that nodes name. */
  async pathOf(nid: number): Promise<readonly string[]> {
    const path: string[] = [];
    const seen = new Set<number>();
    for (let at = nid; at !== NID.rootFolder && at !== this.ipmSubtree && !seen.has(at) && path.length < MAX_FOLDER_DEPTH; ) {
      seen.add(at);
      const node = await this.ndb.node(at);
      if (node === undefined) break;
      const folder = await this.ndb.strictness.survive(`folder ${keyOf(at)}`, () => this.folder(node.nid, undefined, [], false), undefined);
      path.unshift(folder === undefined || folder.name === '' ? `Folder ${keyOf(at)}` : folder.name);
      at = node.nidParent;
    }
    return path;
  }

  /** The message with this node id. */
  pending(nid: number, associated: boolean, size?: number, deliveredAt?: Uint8Array): PstItem {
    const open = async (): Promise<MessageReader> => MessageReader.open(this.context, await nodeOf(this.ndb, nid), associated);
    const context = this.context;
    return {
      nid,
      associated,
      size,
      deliveredAt,
      item: async (options) => (await open()).item(options),
      some: async (ids) => (await open()).some(ids),
      async *attachments() {
        yield* AttachmentHandle.all(context, await open());
      },
    };
  }
}

/** What a row of a contents table says of its message; nothing is read where neither column is there. */
const rowOf = async (
  table: TableContext,
  position: number,
  size: Column | undefined,
  time: Column | undefined,
): Promise<{ readonly size: number | undefined; readonly deliveredAt: Uint8Array | undefined } | undefined> => {
  if (size === undefined && time === undefined) return undefined;
  const row = await table.row(position);
  return {
    size: size !== undefined && table.has(row, size) ? row.getUint32(size.ibData, true) : undefined,
    deliveredAt: time !== undefined && table.has(row, time) ? table.peek(row, time) : undefined,
  };
};

/** The node with this id. Throws PstCorrupt 'pst.node-missing'. */
const nodeOf = async (ndb: NodeDatabase, nid: number): Promise<NodeRef> => {
  const node = await ndb.node(nid);
  if (node === undefined) throw new PstCorrupt('node-missing', 'NBTENTRY/nid', { nid });
  return node;
};

/** All properties of a store or folder. */
const readBag = async (ndb: NodeDatabase, names: NameMap, pc: PropertyContext): Promise<Property[]> => {
  const out: Property[] = [];
  for (const record of pc.records.values()) {
    const read = async (): Promise<Property> =>
      propertyOf(record.id, record.type, await pc.stored(record), DEFAULT_CODE_PAGE, names.get(record.id));
    const property = await ndb.strictness.survive('property', read, undefined);
    if (property !== undefined) out.push(property);
  }
  return out;
};

/** PidTagIpmSubTreeEntryId tells the node; stores without it use the usual one. [MS-PST] 2.4.3.2. An OST has no such property and keeps the
 *  subtree of its mailbox at 0x2142, as measured. */
const ipmSubtreeOf = async (ndb: NodeDatabase, properties: readonly Property[]): Promise<number> => {
  const entryId = properties.find(({ id }) => id === ID.ipmSubtreeEntryId)?.value;
  if (entryId?.length === ENTRY_ID_BYTES) return new DataView(entryId.buffer, entryId.byteOffset).getUint32(20, true);
  const usual = await ndb.strictness.survive('IPM subtree', () => ndb.node(NID.ipmSubtree), undefined);
  return usual !== undefined && usual.nidParent === OST_IPM_SUBTREE ? OST_IPM_SUBTREE : NID.ipmSubtree;
};

/** Opens a PST. Strict mode takes only what this product writes and Outlook would: Unicode, 512-byte pages, every checksum, signature, size, order and
 *  count right; anything else throws PstCorrupt with the field. Lenient mode also reads ANSI and 4k-page stores and all encodings, passes over damage
 *  and records it in `problems`. Throws PstCorrupt 'pst.not-a-pst' and the like when nothing can be read at all. */
export const openPst = (source: ByteSource, options: OpenOptions): Promise<PstFile> => PstFile.open(source, options);
