import { ID, PT, RECIPIENT_TYPE } from '@pstream/mapi';
import { SCOPE } from '../../fidelity/dropped-properties.js';
import { PstCorrupt } from '../../format/index.js';
import type { NameMap } from '../../reader/names.js';
import type { NodeDatabase, NodeRef } from '../../reader/node-database.js';
import type { Column, TableContext } from '../../reader/table-context.js';
import { NID, NID_TYPE, nidType } from '../../shared/index.js';
import type { BlockTable } from '../block-table.js';
import type { Chunks } from '../chunks.js';
import { ATTACHMENT_COLUMNS, HAS_ATTACHMENT, MOST_SIZE, REQUIRED, REQUIRED_OF_ATTACHMENTS, TABLES } from '../message-check.js';
import { QuickBag } from './bag.js';
import { QuickCanon, type Scope } from './canon.js';
import { QuickHeap } from './heap.js';
import { Doubt, QuickStore, QuickSubnodes, doubt, get32 } from './store.js';
import { QuickTable, sameValue } from './table.js';

/** A row of a folder's table that belongs to the message under check: the columns to compare, the one with the row's id. */
export type QuickRow = {
  readonly table: TableContext;
  readonly row: DataView;
  readonly repeated: readonly Column[];
  readonly rowId: Column | undefined;
};

const MESSAGE: Scope = { scope: SCOPE.message, computed: ID.MessageSize, made: new Set([ID.DisplayTo, ID.DisplayCc, ID.DisplayBcc]) };
const RECIPIENT: Scope = { scope: SCOPE.recipient, computed: -1, made: new Set() };
const ATTACHMENT: Scope = { scope: SCOPE.attachment, computed: ID.AttachSize, made: new Set() };

/** The three lists of names a message has, and the recipients they are of. */
const LISTS = [
  [RECIPIENT_TYPE.to, ID.DisplayTo],
  [RECIPIENT_TYPE.cc, ID.DisplayCc],
  [RECIPIENT_TYPE.bcc, ID.DisplayBcc],
] as const;

/** Checks ordinary items where they lie, while the flat pass has their blocks in memory, without making objects of their parts. It vouches for an
 *  item only if every check of the thorough way would pass, and has no other verdict: whatever is unusual, spread out or wrong is left to
 *  that. Items it leaves: with embedded messages or objects, tables over many blocks, values in the subnodes of tables. */
export class QuickCheck {
  private readonly store: QuickStore;
  private readonly canon: QuickCanon;
  private readonly bag = new QuickBag();
  private readonly heap = new QuickHeap();
  private readonly subnodes = new QuickSubnodes();
  private readonly part = new QuickBag();
  private readonly partHeap = new QuickHeap();
  private readonly partSubnodes = new QuickSubnodes();
  private readonly recipients: QuickTable;
  private readonly attachments: QuickTable;
  private readonly joined: { at: number; count: number }[] = LISTS.map(() => ({ at: 0, count: 0 }));

  constructor(parts: { ndb: NodeDatabase; names: NameMap; blocks: BlockTable; chunks: Chunks; digests: boolean }) {
    this.store = new QuickStore(parts.blocks, parts.chunks);
    this.canon = new QuickCanon(this.store, parts.names, parts.digests);
    this.recipients = new QuickTable(parts.ndb, new QuickHeap());
    this.attachments = new QuickTable(parts.ndb, new QuickHeap());
  }

  /** True if the item is sound beyond doubt: its own structure, its row, and, where digests are wanted, its content. */
  vouchesFor(node: NodeRef, row: QuickRow, isExpected: (digest: Uint8Array) => boolean): boolean {
    try {
      this.check(node, row);
    } catch (error) {
      // damage that is met on the way is told by the thorough check
      if (error instanceof Doubt || error instanceof PstCorrupt) return false;
      throw error;
    }
    const digest = this.canon.digest();
    return digest === undefined || isExpected(digest);
  }

  private check({ nid, bidData, bidSub }: NodeRef, row: QuickRow): void {
    const { store, canon, bag, heap, subnodes } = this;
    store.reset();
    canon.reset();
    subnodes.open(store, bidSub);
    bag.open(store, heap, bidData, subnodes);
    for (const id of REQUIRED) if (bag.find(id) < 0) doubt();
    this.compareRow(nid, row);
    canon.bag(bag, subnodes, MESSAGE);
    this.checkRecipients();
    const bytes = heap.bytes + this.checkSubnodes();
    if (bag.integer(ID.MessageSize) !== Math.min(bytes, MOST_SIZE)) doubt();
  }

  private compareRow(nid: number, { table, row, repeated, rowId }: QuickRow): void {
    const { bag } = this;
    if (rowId === undefined || !table.has(row, rowId) || row.getUint32(rowId.ibData, true) !== nid) doubt();
    for (const column of repeated) {
      const i = bag.findTyped(column.id, column.type);
      const cell = table.has(row, column) ? (table.peek(row, column) ?? doubt()) : EMPTY;
      if (i < 0 ? cell.length > 0 : !sameValue(bag, i, cell, 0, cell.length)) doubt();
    }
  }

  /** Recipients, and the lists of their names that the message has. */
  private checkRecipients(): void {
    const { canon, subnodes, recipients, part, joined } = this;
    const i = subnodes.find(NID.recipientTable);
    const rows = i < 0 ? 0 : this.openTable(recipients, i);
    canon.u32(rows);
    for (const list of joined) list.at = list.count = 0;
    for (let row = 0; row < rows; row++) {
      recipients.fill(row, part);
      canon.bag(part, undefined, RECIPIENT);
      const kind = part.integer(ID.RecipientType) & 0x0f;
      if (kind > RECIPIENT_TYPE.bcc) doubt();
      if (kind >= RECIPIENT_TYPE.to) this.compareName(kind - RECIPIENT_TYPE.to, part.findTyped(ID.DisplayName, PT.String));
    }
    for (let k = 0; k < LISTS.length; k++) {
      const told = this.bag.findTyped((LISTS[k] as (typeof LISTS)[number])[1], PT.String);
      if ((told < 0 ? 0 : (this.bag.lengths[told] as number)) !== (joined[k] as { at: number }).at) doubt();
    }
  }

  /** The name must be what comes next in its list, behind "; ". */
  private compareName(k: number, name: number): void {
    const { bag, part } = this;
    const list = this.joined[k] as { at: number; count: number };
    const told = bag.findTyped((LISTS[k] as (typeof LISTS)[number])[1], PT.String);
    const length = name < 0 ? 0 : (part.lengths[name] as number);
    if (told < 0 || bag.subnodes[told] !== -1) return doubt();
    const buffer = bag.buffers[told] as Uint8Array;
    let at = (bag.starts[told] as number) + list.at;
    const separator = list.count === 0 ? 0 : 4;
    if (list.at + separator + length > (bag.lengths[told] as number)) doubt();
    if (separator > 0 && get32(buffer, at) !== SEPARATOR) doubt();
    at += separator;
    if (name >= 0) {
      const own = part.buffers[name] as Uint8Array;
      const from = part.starts[name] as number;
      for (let i = 0; i < length; i++) if (buffer[at + i] !== own[from + i]) doubt();
    }
    list.at += separator + length;
    list.count++;
  }

  private openTable(table: QuickTable, i: number): number {
    const { store, subnodes } = this;
    if (subnodes.bidSub[i] !== 0) doubt();
    table.open(store, subnodes.bidData[i] as number, subnodes.nids[i] as number);
    return table.rows;
  }

  /** Every subnode must be in use; attachments must be those of the table. Returns the bytes of all. */
  private checkSubnodes(): number {
    const { canon, subnodes, attachments, bag } = this;
    const table = subnodes.find(NID.attachmentTable);
    const rows = table < 0 ? 0 : this.openTable(attachments, table);
    if ((bag.integer(ID.MessageFlags) & HAS_ATTACHMENT) !== (rows > 0 ? HAS_ATTACHMENT : 0)) doubt();
    canon.u32(rows);
    let bytes = 0;
    let row = 0;
    for (let i = 0; i < subnodes.count; i++) {
      const nid = subnodes.nids[i] as number;
      bytes += subnodes.bytes[i] as number;
      if (nidType(nid) === NID_TYPE.attachment) {
        if (row === rows || attachments.rowId(row) !== nid) doubt();
        bytes += this.checkAttachment(i, row++);
      } else if (subnodes.bidSub[i] !== 0 || (subnodes.used[i] !== 1 && !TABLES.has(nid))) doubt();
    }
    if (row !== rows) doubt();
    return bytes;
  }

  /** One attachment by value. Returns the bytes of its subnodes. */
  private checkAttachment(i: number, row: number): number {
    const { store, canon, subnodes, attachments, part, partHeap, partSubnodes } = this;
    partSubnodes.open(store, subnodes.bidSub[i] as number);
    part.open(store, partHeap, subnodes.bidData[i] as number, partSubnodes);
    for (const id of REQUIRED_OF_ATTACHMENTS) if (part.find(id) < 0) doubt();
    let size = 0;
    for (let k = 0; k < part.count; k++) size += part.lengths[k] as number;
    if (part.integer(ID.AttachSize) !== Math.min(size, MOST_SIZE)) doubt();
    attachments.compare(row, part, ATTACHMENT_COLUMNS);
    if (!partSubnodes.allUsed) doubt();
    canon.bag(part, partSubnodes, ATTACHMENT);
    canon.u32(0);
    let bytes = 0;
    for (let k = 0; k < partSubnodes.count; k++) bytes += partSubnodes.bytes[k] as number;
    return bytes;
  }
}

const EMPTY = new Uint8Array(0);
/** "; " in UTF-16LE. */
const SEPARATOR = 0x0020_003b;
