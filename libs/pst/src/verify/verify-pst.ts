import { PT } from '@pstream/mapi';
import { digestOf, keepItem, type LeafCrcs } from '../fidelity/index.js';
import { PstCorrupt, UNICODE, blockBytes, type Problem } from '../format/index.js';
import { MessageReader, type ReadContext } from '../reader/message.js';
import { readNames } from '../reader/names.js';
import { NodeDatabase, type DataTree, type NodeRef } from '../reader/node-database.js';
import type { ByteSource } from '../reader/source.js';
import { Strictness } from '../reader/strictness.js';
import { TableContext, type RowRef } from '../reader/table-context.js';
import { WindowCache } from '../reader/window-cache.js';
import { AMAP_SPAN, FIRST_AMAP_OFFSET, MAX_BLOCK_BYTES, MAX_HEAP_ITEM_BYTES, NID_TYPE, PAGE_BYTES, siblingNid } from '../shared/index.js';
import { Allocation } from './allocation.js';
import { BlockTable } from './block-table.js';
import { checkFreeMaps } from './free-maps.js';
import { FoundDigests, compareItems, type ExpectedItems } from './expected-items.js';
import { flatPass } from './flat-pass.js';
import { checkFolder, checkStore, checkTemplates, childrenByParent, type FolderTally } from './folder-check.js';
import { checkMessage, compareRow } from './message-check.js';
import { checkNameMap } from './name-map-check.js';
import { checkRecipients } from './recipient-check.js';
import { loadNodes, type NodeTable } from './node-table.js';

/** How far a verification is: bytes of the flat pass, then items of the structure pass. */
export type VerifyProgress = { readonly bytes: number; readonly items: number };

/** What to verify besides structure. `sha256` defaults to true. */
export type VerifyOptions = {
  readonly expected?: ExpectedItems;
  readonly sha256?: boolean;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: VerifyProgress) => void;
};

/** The verdict. `sha256` in hex, undefined if not asked for or the file could not be read through; counts are of what is really there; at
 *  most 1,000 problems, the rest counted in `problemsDropped`. */
export type VerifyReport = {
  readonly ok: boolean;
  readonly sha256: string | undefined;
  readonly bytes: number;
  readonly folders: number;
  readonly items: number;
  readonly problems: readonly Problem[];
  readonly problemsDropped: number;
};

/** Columns of contents and associated tables that repeat the message's properties. [MS-PST] 2.4.4.5. */
const REPEATED = new Set<number>([
  0x0017, 0x001a, 0x0036, 0x0037, 0x0039, 0x0042, 0x0070, 0x0071, 0x0e03, 0x0e04, 0x0e06, 0x0e07, 0x0e08, 0x3008,
]);
const MESSAGE_FLAGS = 0x0e07;
const READ = 1;

/** Verifies a PST of the kind this product writes: one flat pass (SHA-256, every block and map page, reference counts, allocation), then every
 *  folder, table row, message, attachment and name against each other, and each item against the digest expected of it. Damage becomes problems;
 *  thrown are only faults of the source and the abort of `signal`. Memory: 28 bytes a block, 2 KiB a MiB of file, and one item at a time. */
export const verifyPst = async (source: ByteSource, options: VerifyOptions = {}): Promise<VerifyReport> =>
  new Verification(source, options).run();

class Verification {
  private readonly strictness = new Strictness('verify');
  private readonly digests = { normal: new FoundDigests(), hidden: new FoundDigests() };
  private readonly tallies = new Map<number, FolderTally>();
  private sha256: string | undefined;
  private leafCrcs: LeafCrcs = new Map();
  private zeros = new Uint8Array(0);
  private folders = 0;
  private items = 0;

  constructor(
    private readonly source: ByteSource,
    private readonly options: VerifyOptions,
  ) {}

  async run(): Promise<VerifyReport> {
    const { strictness } = this;
    await strictness.survive('file', () => this.check(), undefined);
    return {
      ok: strictness.problems.length === 0,
      sha256: this.sha256,
      bytes: this.source.size,
      folders: this.folders,
      items: this.items,
      problems: strictness.problems,
      problemsDropped: strictness.dropped,
    };
  }

  private async check(): Promise<void> {
    const { source, strictness, options } = this;
    const cache = new WindowCache(source, undefined, undefined, options.signal);
    const ndb = await NodeDatabase.open(cache, strictness);
    const allocation = new Allocation(source.size, strictness);
    const onPage = (ib: number): void => allocation.mark(ib, PAGE_BYTES, 0);
    const blocks = await BlockTable.load(ndb, onPage);
    const nodes = await loadNodes(ndb, blocks, onPage);
    for (let i = 0; i < blocks.count; i++) {
      const { ib, cb, bid } = blocks.ref(i);
      allocation.mark(ib, blockBytes(UNICODE, cb), bid);
    }
    this.sha256 = await flatPass({
      source,
      blocks,
      allocation,
      strictness,
      bCryptMethod: ndb.header.bCryptMethod,
      sha256: options.sha256 !== false,
      signal: options.signal,
      onBytes: (bytes) => options.onProgress?.({ bytes, items: 0 }),
    });
    ndb.blocksChecked = true;
    blocks.judgeReferences((error) => strictness.flaw(error));
    this.checkRoot(ndb, allocation);
    await checkFreeMaps(cache, ndb, allocation.regions);
    await this.checkStructure(ndb, nodes, blocks);
    if (options.expected !== undefined) compareItems(options.expected, this.digests, strictness);
  }

  /** Sizes and counters of HEADER and ROOT against the file. [MS-PST] 2.2.2.5. */
  private checkRoot({ header }: NodeDatabase, allocation: Allocation): void {
    const compare = (field: string, expected: number, actual: number): void => {
      if (expected !== actual) this.strictness.flaw(new PstCorrupt('unexpected-value', field, { expected, actual }));
    };
    const { regions } = allocation;
    compare('ROOT/ibFileEof', FIRST_AMAP_OFFSET + Math.max(1, regions) * AMAP_SPAN, header.ibFileEof);
    compare('ROOT/ibAMapLast', FIRST_AMAP_OFFSET + Math.max(0, regions - 1) * AMAP_SPAN, header.ibAMapLast);
    compare('ROOT/cbAMapFree', allocation.freeBytes, header.cbAMapFree);
    if (header.fAMapValid !== 1) compare('ROOT/fAMapValid', 2, header.fAMapValid);
    compare('HEADER/bidNextB', header.bidNextB - (header.bidNextB % 4), header.bidNextB);
  }

  private async checkStructure(ndb: NodeDatabase, nodes: NodeTable, blocks: BlockTable): Promise<void> {
    const { strictness } = this;
    const names = await strictness.survive('name map', () => readNames(ndb), new Map());
    await strictness.survive('name map', () => checkNameMap(ndb), undefined);
    await strictness.survive('message store', () => checkStore(ndb, names), undefined);
    await checkTemplates(ndb);
    const context = { ndb, names, standIn: (tree: DataTree) => this.standIn(tree, blocks) };
    await this.checkMessages(context, nodes, false);
    await this.checkMessages(context, nodes, true);
    const children = childrenByParent(nodes);
    for (const folder of nodes.folders) {
      this.folders++;
      const tally = this.tallies.get(folder.nid) ?? { rows: 0, unread: 0 };
      await strictness.survive(
        `folder 0x${folder.nid.toString(16)}`,
        () => checkFolder(ndb, names, folder, children.get(folder.nid) ?? [], tally),
        undefined,
      );
    }
  }

  /** Messages of one kind in nid order, which is file order; each folder's row index is in the same order and is walked alongside. */
  private async checkMessages(context: ReadContext, nodes: NodeTable, associated: boolean): Promise<void> {
    const { strictness, options } = this;
    const cursors = new Map<number, RowCursor>();
    for (const node of associated ? nodes.associated : nodes.messages) {
      if (this.items % 64 === 0) {
        options.signal?.throwIfAborted();
        options.onProgress?.({ bytes: this.source.size, items: this.items });
      }
      this.items++;
      const folder = node.nidParent;
      let cursor = cursors.get(folder);
      if (cursor === undefined) cursors.set(folder, (cursor = await RowCursor.open(context.ndb, folder, associated)));
      const row = await cursor.advance(node.nid);
      const digest = await strictness.survive(
        `message 0x${node.nid.toString(16)}`,
        () => this.checkOne(context, node, associated, cursor, row),
        undefined,
      );
      (associated ? this.digests.hidden : this.digests.normal).add(digest);
    }
    // folders without messages may still have rows
    for (const { nid } of nodes.folders) if (!cursors.has(nid)) cursors.set(nid, await RowCursor.open(context.ndb, nid, associated));
    for (const [folder, cursor] of cursors) {
      await cursor.finish();
      if (!associated) this.tallies.set(folder, { rows: cursor.rows, unread: cursor.unread });
    }
  }

  /** A digest takes a long binary by the CRCs of its leaves, and the flat pass has those. So the bytes need not be read again: zeros of the
   *  same length stand for them, and the CRCs are put beside. Undefined where the leaves are not cut as the digest cuts them. */
  private standIn(tree: DataTree, blocks: BlockTable): Uint8Array | undefined {
    if (tree.bytes <= MAX_HEAP_ITEM_BYTES || tree.blocks.slice(0, -1).some(({ size }) => size !== MAX_BLOCK_BYTES)) return undefined;
    if (this.zeros.length < tree.bytes) this.zeros = new Uint8Array(Math.max(tree.bytes, 0x10_0000));
    const value = this.zeros.subarray(0, tree.bytes);
    this.leafCrcs.set(
      value,
      Uint32Array.from(tree.blocks, ({ bid }) => blocks.crcOf(bid) ?? 0),
    );
    return value;
  }

  private async checkOne(
    context: ReadContext,
    node: NodeRef,
    associated: boolean,
    cursor: RowCursor,
    row: RowRef | undefined,
  ): Promise<Uint8Array> {
    const { ndb } = context;
    const reader = await MessageReader.open(context, node, associated);
    if (row !== undefined && cursor.table !== undefined) {
      const { table } = cursor;
      await this.strictness.survive(
        `row 0x${node.nid.toString(16)}`,
        async () => cursor.count(await compareRow(ndb, table, row.position, reader.pc, node.nid, REPEATED)),
        undefined,
      );
    }
    await this.strictness.survive(`message 0x${node.nid.toString(16)}`, () => checkMessage(ndb, reader, node), undefined);
    this.leafCrcs = new Map();
    const item = await reader.item();
    checkRecipients(this.strictness, item, node.nid);
    return digestOf(keepItem(item).kept, this.leafCrcs);
  }
}

/** Walks the row index of a folder's table alongside the folder's messages. */
class RowCursor {
  rows = 0;
  unread = 0;
  private pending: RowRef | undefined;

  private constructor(
    private readonly ndb: NodeDatabase,
    private readonly nid: number,
    readonly table: TableContext | undefined,
    private readonly index: AsyncGenerator<RowRef> | undefined,
  ) {}

  static async open(ndb: NodeDatabase, folder: number, associated: boolean): Promise<RowCursor> {
    const nid = siblingNid(folder, associated ? NID_TYPE.associatedTable : NID_TYPE.contentsTable);
    const open = async (): Promise<TableContext> => {
      const node = await ndb.node(nid);
      if (node === undefined) throw new PstCorrupt('node-missing', 'NBTENTRY/nid', { nid });
      return TableContext.open(ndb, node.bidData, node.bidSub, nid);
    };
    const table = await ndb.strictness.survive(`table 0x${nid.toString(16)}`, open, undefined);
    return new RowCursor(ndb, nid, table, table?.rowIndex());
  }

  /** The row of a message, or undefined and a problem; rows passed over have no message. */
  async advance(message: number): Promise<RowRef | undefined> {
    for (;;) {
      this.pending ??= await this.next();
      if (this.pending === undefined || this.pending.rowId > message) break;
      const row = this.pending;
      this.pending = undefined;
      if (row.rowId === message) return row;
      this.ndb.strictness.flaw(new PstCorrupt('row-without-object', 'TCROWID/dwRowID', { nid: this.nid, actual: row.rowId }));
    }
    this.ndb.strictness.flaw(new PstCorrupt('object-without-row', 'TCROWID/dwRowID', { nid: this.nid, actual: message }));
    return undefined;
  }

  /** Counts a row as unread if its flags say so. */
  count(row: DataView): void {
    const flags = this.table?.columns.find(({ id, type }) => id === MESSAGE_FLAGS && type === PT.Integer32);
    if (flags === undefined || this.table?.has(row, flags) !== true || (row.getUint32(flags.ibData, true) & READ) === 0) this.unread++;
  }

  /** The rows that are left have no message. */
  async finish(): Promise<void> {
    for (let row = this.pending ?? (await this.next()); row !== undefined; row = await this.next()) {
      this.ndb.strictness.flaw(new PstCorrupt('row-without-object', 'TCROWID/dwRowID', { nid: this.nid, actual: row.rowId }));
    }
  }

  private next(): Promise<RowRef | undefined> {
    const read = async (): Promise<RowRef | undefined> => {
      const step = await this.index?.next();
      if (step === undefined || step.done === true) return undefined;
      this.rows++;
      return step.value;
    };
    return this.ndb.strictness.survive(`table 0x${this.nid.toString(16)}`, read, undefined);
  }
}
