import { PstCorrupt } from '../../format/index.js';
import type { NameMap } from '../../reader/names.js';
import type { NodeRef } from '../../reader/entries.js';
import type { NodeDatabase } from '../../reader/node-database.js';
import type { Column, TableContext } from '../../reader/table-context.js';
import type { BlockTable } from '../block-table.js';
import type { Chunks } from '../chunks.js';
import { QuickCanon } from './canon.js';
import { QuickMessage } from './message.js';
import { Doubt, QuickStore, doubt } from './store.js';
import { sameValue } from './table.js';

/** A row of a folder's table that belongs to the message under check: the columns to compare, the one with the row's id. */
export type QuickRow = {
  readonly table: TableContext;
  readonly row: DataView;
  readonly repeated: readonly Column[];
  readonly rowId: Column | undefined;
};

/** Checks ordinary items where they lie, while the flat pass has their blocks in memory, without making objects of their parts. It vouches for an
 *  item only if every check of the thorough way would pass, and has no other verdict: whatever is unusual, spread out or wrong is left to
 *  that. Items it leaves: with OLE objects, with tables over many blocks, with values in the subnodes of tables. */
export class QuickCheck {
  private readonly store: QuickStore;
  private readonly canon: QuickCanon;
  private readonly message: QuickMessage;

  constructor(parts: { ndb: NodeDatabase; names: NameMap; blocks: BlockTable; chunks: Chunks; digests: boolean }) {
    const { ndb } = parts;
    this.store = new QuickStore(parts.blocks, parts.chunks, ndb.header.bCryptMethod);
    this.canon = new QuickCanon(this.store, parts.names, parts.digests);
    this.message = new QuickMessage({ ndb, store: this.store, canon: this.canon });
  }

  /** True if the item is sound beyond doubt: its own structure, its row, and, where digests are wanted, its content. */
  vouchesFor({ nid, bidData, bidSub }: NodeRef, row: QuickRow, isExpected: (digest: Uint8Array) => boolean): boolean {
    this.store.reset();
    this.canon.reset();
    try {
      this.message.check(bidData, bidSub);
      this.compareRow(nid, row);
    } catch (error) {
      // the thorough check reports damage that is met on the way
      if (error instanceof Doubt || error instanceof PstCorrupt) return false;
      throw error;
    }
    const digest = this.canon.digest();
    return digest === undefined || isExpected(digest);
  }

  private compareRow(nid: number, { table, row, repeated, rowId }: QuickRow): void {
    const { bag } = this.message;
    if (rowId === undefined || !table.has(row, rowId) || row.getUint32(rowId.ibData, true) !== nid) doubt();
    for (const column of repeated) {
      const i = bag.findTyped(column.id, column.type);
      const cell = table.has(row, column) ? (table.peek(row, column) ?? doubt()) : EMPTY;
      if (i < 0 ? cell.length > 0 : !sameValue(bag, i, cell, 0, cell.length)) doubt();
    }
  }
}

const EMPTY = new Uint8Array(0);
