import { digestOf, keepItem, type LeafCrcs } from '../fidelity/index.js';
import { PstCorrupt, UNICODE, blockBytes } from '../format/index.js';
import { MessageReader, type ReadContext } from '../reader/message.js';
import type { NameMap } from '../reader/names.js';
import type { NodeRef } from '../reader/entries.js';
import type { DataTree, NodeDatabase } from '../reader/node-database.js';
import { MAX_BLOCK_BYTES, MAX_HEAP_ITEM_BYTES } from '../shared/index.js';
import type { BlockTable } from './block-table.js';
import type { Chunks } from './chunks.js';
import { FoundDigests, compareItems, numbersOf, type ExpectedItems } from './expected-items.js';
import type { FolderTally } from './folder-check.js';
import { checkMessage, compareRow } from './message-check.js';
import { QuickCheck, type QuickRow } from './quick/check.js';
import { checkRecipients } from './recipient-check.js';
import { REPEATED, RowCursor } from './row-cursor.js';

/** What checking items needs. `ndb` reads messages, `tables` the tables of folders, which lie far from them. */
export type ItemPassSpec = {
  readonly ndb: NodeDatabase;
  readonly tables: NodeDatabase;
  readonly names: NameMap;
  readonly blocks: BlockTable;
  readonly chunks: Chunks;
  readonly expected: ExpectedItems | undefined;
  readonly thorough: boolean;
};

/** Checks the messages of one kind in nid order, which is file order, behind the flat pass; each folder's row index is in the same order and is
 *  walked alongside. The quick check goes first, the thorough one where that has doubts. */
export class ItemPass {
  readonly tallies = new Map<number, FolderTally>();
  private readonly found = new FoundDigests();
  private readonly cursors = new Map<number, RowCursor>();
  private readonly numbers: readonly number[] | undefined;
  private readonly quick: QuickCheck;
  private readonly context: ReadContext;
  private leafCrcs: LeafCrcs = new Map();
  private zeros = new Uint8Array(0);
  /** Messages checked so far. */
  done = 0;

  constructor(
    private readonly spec: ItemPassSpec,
    private readonly nodes: readonly NodeRef[],
    private readonly associated: boolean,
  ) {
    const { expected, ndb, names } = spec;
    this.numbers = expected === undefined ? undefined : numbersOf(expected, associated);
    this.quick = new QuickCheck({ ...spec, digests: expected !== undefined });
    this.context = { ndb, names, standIn: (tree) => this.standIn(tree) };
  }

  /** Checks messages up to the first whose blocks the flat pass has not reached; with `all` the rest too. */
  async advance(all: boolean): Promise<void> {
    const { nodes } = this;
    for (; this.done < nodes.length; this.done++) {
      const node = nodes[this.done] as NodeRef;
      if (!all && !(this.isPast(node.bidData) && this.isPast(node.bidSub))) return;
      const cursor = this.cursors.get(node.nidParent) ?? (await this.openCursor(node.nidParent));
      let position: number | undefined;
      while ((position = cursor.seek(node.nid)) === undefined) await cursor.readOn();
      let row: QuickRow | undefined;
      if (position >= 0) row = this.peek(cursor, position) ?? (await this.bring(cursor, position));
      if (row === undefined || this.spec.thorough || !this.quick.vouchesFor(node, row, this.accept))
        await this.thorough(node, cursor, position);
      else cursor.count(row.row);
    }
  }

  /** Takes a digest if it is the one that is expected in this place. */
  private readonly accept = (digest: Uint8Array): boolean => {
    const { expected } = this.spec;
    const number = this.numbers?.[this.found.count];
    if (expected === undefined || number === undefined) return false;
    if (Buffer.compare(digest, expected.digest(number)) !== 0) return false;
    this.found.add(digest);
    return true;
  };

  private peek(cursor: RowCursor, position: number): QuickRow | undefined {
    try {
      return cursor.peek(position);
    } catch (error) {
      if (error instanceof PstCorrupt) return undefined;
      throw error;
    }
  }

  /** Damage is met again, and told, by the thorough check. */
  private async bring(cursor: RowCursor, position: number): Promise<QuickRow | undefined> {
    try {
      return await cursor.bring(position);
    } catch (error) {
      if (error instanceof PstCorrupt) return undefined;
      throw error;
    }
  }

  private async openCursor(folder: number): Promise<RowCursor> {
    const cursor = await RowCursor.open(this.spec.tables, folder, this.associated);
    this.cursors.set(folder, cursor);
    return cursor;
  }

  private isPast(bid: number): boolean {
    const { blocks, chunks } = this.spec;
    const position = blocks.find(bid);
    return position < 0 || blocks.ibAt(position) + blockBytes(UNICODE, blocks.cbAt(position)) <= chunks.end;
  }

  /** What can be judged when all messages have been: rows without message, the digests. `folders` are all there are: those without messages may
   *  still have rows. */
  async finish(folders: readonly NodeRef[]): Promise<void> {
    for (const { nid } of folders) if (!this.cursors.has(nid)) await this.openCursor(nid);
    for (const [folder, cursor] of this.cursors) {
      await cursor.finish();
      this.tallies.set(folder, { rows: cursor.rows, unread: cursor.unread });
    }
    const { expected, ndb } = this.spec;
    const what = this.associated ? 'associated item' : 'item';
    if (expected !== undefined) compareItems(expected, this.numbers ?? [], this.found, what, ndb.strictness);
  }

  private async thorough(node: NodeRef, cursor: RowCursor, position: number): Promise<void> {
    const context = `message 0x${node.nid.toString(16)}`;
    this.found.add(await this.spec.ndb.strictness.survive(context, () => this.checkOne(node, cursor, position), undefined));
  }

  private async checkOne(node: NodeRef, cursor: RowCursor, position: number): Promise<Uint8Array> {
    const { ndb, tables } = this.spec;
    const { strictness } = ndb;
    const { table } = cursor;
    const reader = await MessageReader.open(this.context, node, this.associated);
    if (position >= 0 && table !== undefined) {
      await strictness.survive(
        `row 0x${node.nid.toString(16)}`,
        async () => cursor.count(await compareRow(tables, table, position, reader.pc, node.nid, REPEATED)),
        undefined,
      );
    }
    await strictness.survive(`message 0x${node.nid.toString(16)}`, () => checkMessage(ndb, reader, node), undefined);
    this.leafCrcs = new Map();
    const item = await reader.item();
    checkRecipients(strictness, item, node.nid);
    return digestOf(keepItem(item).kept, this.leafCrcs);
  }

  /** A digest takes a long binary by the CRCs of its leaves, and the flat pass has those. So the bytes need not be read again: zeros of the
   *  same length stand for them, and the CRCs are put beside. Undefined where the leaves are not cut as the digest cuts them, or the flat pass
   *  has not reached them. */
  private standIn(tree: DataTree): Uint8Array | undefined {
    const { blocks, chunks } = this.spec;
    if (tree.bytes <= MAX_HEAP_ITEM_BYTES || tree.blocks.slice(0, -1).some(({ size }) => size !== MAX_BLOCK_BYTES)) return undefined;
    if (tree.blocks.some(({ ib, cb }) => ib + blockBytes(UNICODE, cb) > chunks.end)) return undefined;
    if (this.zeros.length < tree.bytes) this.zeros = new Uint8Array(Math.max(tree.bytes, 0x10_0000));
    const value = this.zeros.subarray(0, tree.bytes);
    this.leafCrcs.set(
      value,
      Uint32Array.from(tree.blocks, ({ bid }) => blocks.crcOf(bid) ?? 0),
    );
    return value;
  }
}
