import { PT } from '@pstream/mapi';
import { PstCorrupt } from '../format/index.js';
import type { Bth } from '../reader/bth.js';
import type { NodeDatabase } from '../reader/node-database.js';
import { ROW_ID, TableContext, type Column } from '../reader/table-context.js';
import { NID_TYPE, siblingNid } from '../shared/index.js';
import type { QuickRow } from './quick/check.js';

/** Columns of contents and associated tables that repeat the message's properties. [MS-PST] 2.4.4.5. */
export const REPEATED = new Set<number>([
  0x0017, 0x001a, 0x0036, 0x0037, 0x0039, 0x0042, 0x0070, 0x0071, 0x0e03, 0x0e04, 0x0e06, 0x0e07, 0x0e08, 0x3008,
]);
const MESSAGE_FLAGS = 0x0e07;
const READ = 1;
const RECORD_BYTES = 8;

/** Walks the row index of a folder's table alongside the folder's messages. */
export class RowCursor {
  rows = 0;
  unread = 0;
  private readonly repeated: readonly Column[];
  private readonly rowId: Column | undefined;
  private readonly flags: Column | undefined;
  private leaf: DataView | undefined;
  private leafIndex = 0;
  private at = 0;
  /** The row taken from the index and not used yet: its id, -1 if there is none, and its position. */
  private pending = -1;
  private position = -1;

  private constructor(
    private readonly ndb: NodeDatabase,
    private readonly nid: number,
    readonly table: TableContext | undefined,
    private index: Bth | undefined,
  ) {
    this.repeated = table?.columns.filter(({ id }) => REPEATED.has(id)) ?? [];
    this.rowId = table?.columns.find(({ id }) => id === ROW_ID);
    this.flags = table?.columns.find(({ id, type }) => id === MESSAGE_FLAGS && type === PT.Integer32);
  }

  static async open(ndb: NodeDatabase, folder: number, associated: boolean): Promise<RowCursor> {
    const nid = siblingNid(folder, associated ? NID_TYPE.associatedTable : NID_TYPE.contentsTable);
    const open = async (): Promise<TableContext> => {
      const node = await ndb.node(nid);
      if (node === undefined) throw new PstCorrupt('node-missing', 'NBTENTRY/nid', { nid });
      return TableContext.open(ndb, node.bidData, node.bidSub, nid);
    };
    const context = `table 0x${nid.toString(16)}`;
    const table = await ndb.strictness.survive(context, open, undefined);
    const index = await ndb.strictness.survive(context, async () => table?.openIndex(), undefined);
    return new RowCursor(ndb, nid, table, index);
  }

  /** Position of a message's row, or -1 and a problem; rows passed over have no message. Undefined if the index has to be read on first. */
  seek(message: number): number | undefined {
    for (;;) {
      if (this.pending < 0 && !this.take()) {
        if (this.index !== undefined) return undefined;
        break;
      }
      if (this.pending > message) break;
      const row = this.pending;
      this.pending = -1;
      if (row === message) return this.position;
      this.withoutObject(row);
    }
    this.ndb.strictness.flaw(new PstCorrupt('object-without-row', 'TCROWID/dwRowID', { nid: this.nid, actual: message }));
    return -1;
  }

  /** Reads the next part of the index. */
  async readOn(): Promise<void> {
    const { index } = this;
    const read = async (): Promise<DataView | undefined> =>
      index !== undefined && this.leafIndex < index.leafCount ? index.leaf(this.leafIndex++) : undefined;
    this.leaf = await this.ndb.strictness.survive(`table 0x${this.nid.toString(16)}`, read, undefined);
    this.at = 0;
    if (this.leaf === undefined) this.index = undefined;
  }

  private take(): boolean {
    const { leaf, at } = this;
    if (leaf === undefined || at >= leaf.byteLength) return false;
    this.pending = leaf.getUint32(at, true);
    this.position = leaf.getUint32(at + 4, true);
    this.at = at + RECORD_BYTES;
    this.rows++;
    return true;
  }

  /** The row at a position and what to compare in it, if all of that is in memory. Throws PstCorrupt. */
  peek(position: number): QuickRow | undefined {
    const { table, repeated, rowId } = this;
    const row = table?.peekRow(position);
    if (table === undefined || row === undefined) return undefined;
    for (const column of repeated) if (table.has(row, column) && table.peek(row, column) === undefined) return undefined;
    return { table, row, repeated, rowId };
  }

  /** Reads what `peek` wants, if there is any. Throws PstCorrupt. */
  async bring(position: number): Promise<QuickRow | undefined> {
    const { table, repeated } = this;
    const row = await table?.row(position);
    if (table === undefined || row === undefined) return undefined;
    for (const column of repeated) if (table.has(row, column)) await table.stored(row, column);
    return this.peek(position);
  }

  /** Counts a row as unread if its flags say so. */
  count(row: DataView): void {
    const { flags } = this;
    if (flags === undefined || this.table?.has(row, flags) !== true || (row.getUint32(flags.ibData, true) & READ) === 0) this.unread++;
  }

  /** The rows that are left have no message. */
  async finish(): Promise<void> {
    for (;;) {
      while (this.pending >= 0 || this.take()) {
        this.withoutObject(this.pending);
        this.pending = -1;
      }
      if (this.index === undefined) return;
      await this.readOn();
    }
  }

  private withoutObject(row: number): void {
    this.ndb.strictness.flaw(new PstCorrupt('row-without-object', 'TCROWID/dwRowID', { nid: this.nid, actual: row }));
  }
}
