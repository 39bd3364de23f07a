import { ID, PT, RECIPIENT_TYPE } from '@pstream/mapi';
import { SCOPE } from '../../fidelity/dropped-properties.js';
import type { NodeDatabase } from '../../reader/node-database.js';
import { NID, NID_TYPE, nidType } from '../../shared/index.js';
import { ATTACHMENT_COLUMNS, HAS_ATTACHMENT, MOST_SIZE, REQUIRED, REQUIRED_OF_ATTACHMENTS, TABLES } from '../message-check.js';
import { QuickBag } from './bag.js';
import type { QuickCanon, Scope } from './canon.js';
import { QuickHeap } from './heap.js';
import { QuickSubnodes, doubt, get32, type QuickStore } from './store.js';
import { QuickTable } from './table.js';

const MESSAGE: Scope = { scope: SCOPE.message, computed: ID.MessageSize, made: new Set([ID.DisplayTo, ID.DisplayCc, ID.DisplayBcc]) };
const RECIPIENT: Scope = { scope: SCOPE.recipient, computed: -1, made: new Set() };
const ATTACHMENT: Scope = { scope: SCOPE.attachment, computed: ID.AttachSize, made: new Set() };

/** The three lists of names a message has, and the recipients they are of. */
const LISTS = [
  [RECIPIENT_TYPE.to, ID.DisplayTo],
  [RECIPIENT_TYPE.cc, ID.DisplayCc],
  [RECIPIENT_TYPE.bcc, ID.DisplayBcc],
] as const;

/** What the levels of a message share. */
export type QuickParts = { readonly ndb: NodeDatabase; readonly store: QuickStore; readonly canon: QuickCanon };

/** Messages in messages in messages that the quick check follows. */
const MAX_DEPTH = 8;

/** A message, top-level or embedded, checked where it lies; in the canon it leaves the item's canonical form. */
export class QuickMessage {
  readonly bag = new QuickBag();
  private readonly heap = new QuickHeap();
  private readonly subnodes = new QuickSubnodes();
  private readonly part = new QuickBag();
  private readonly partHeap = new QuickHeap();
  private readonly partSubnodes = new QuickSubnodes();
  private readonly recipients: QuickTable;
  private readonly attachments: QuickTable;
  private readonly joined: { at: number; count: number }[] = LISTS.map(() => ({ at: 0, count: 0 }));
  private inner: QuickMessage | undefined;

  constructor(
    private readonly parts: QuickParts,
    private readonly depth = 0,
  ) {
    this.recipients = new QuickTable(parts.ndb, new QuickHeap());
    this.attachments = new QuickTable(parts.ndb, new QuickHeap());
  }

  /** Throws Doubt. Returns the bytes of the message's data and of all its subnodes. */
  check(bidData: number, bidSub: number): number {
    const { bag, heap, subnodes, depth } = this;
    const { store, canon } = this.parts;
    subnodes.open(store, bidSub);
    bag.open(store, heap, bidData, subnodes);
    if (bag.object >= 0) doubt();
    for (const id of REQUIRED) if (bag.find(id) < 0 && (depth === 0 || id !== ID.SearchKey)) doubt();
    canon.bag(bag, subnodes, MESSAGE);
    this.checkRecipients();
    const bytes = heap.bytes + this.checkSubnodes();
    if (bag.integer(ID.MessageSize) !== Math.min(bytes, MOST_SIZE)) doubt();
    return bytes;
  }

  /** Recipients, and the lists of their names that the message has. */
  private checkRecipients(): void {
    const { subnodes, recipients, part, joined } = this;
    const { canon } = this.parts;
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
    const { subnodes } = this;
    if (subnodes.bidSub[i] !== 0) doubt();
    table.open(this.parts.store, subnodes.bidData[i] as number, subnodes.nids[i] as number);
    return table.rows;
  }

  /** Every subnode must be in use; attachments must be those of the table. Returns the bytes of all. */
  private checkSubnodes(): number {
    const { subnodes, attachments, bag } = this;
    const { canon } = this.parts;
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

  /** One attachment, by value or with a message in it. Returns the bytes of its subnodes. */
  private checkAttachment(i: number, row: number): number {
    const { subnodes, attachments, part, partHeap, partSubnodes } = this;
    const { store, canon } = this.parts;
    partSubnodes.open(store, subnodes.bidSub[i] as number);
    part.open(store, partHeap, subnodes.bidData[i] as number, partSubnodes);
    for (const id of REQUIRED_OF_ATTACHMENTS) if (part.find(id) < 0) doubt();
    const { object } = part;
    const objectBytes = object < 0 ? 0 : get32(part.buffers[object] as Uint8Array, (part.starts[object] as number) + 4);
    let size = 0;
    for (let k = 0; k < part.count; k++) size += k === object ? objectBytes : (part.lengths[k] as number);
    if (part.integer(ID.AttachSize) !== Math.min(size, MOST_SIZE)) doubt();
    attachments.compare(row, part, ATTACHMENT_COLUMNS);
    canon.bag(part, partSubnodes, ATTACHMENT);
    canon.u32(object < 0 ? 0 : 1);
    let bytes = 0;
    if (object >= 0) {
      const embedded = this.checkEmbedded(object);
      if (embedded.all !== objectBytes) doubt();
      bytes += embedded.below;
    }
    if (!partSubnodes.allUsed) doubt();
    for (let k = 0; k < partSubnodes.count; k++) bytes += partSubnodes.bytes[k] as number;
    return bytes;
  }

  /** The message that an object property refers to. Returns its bytes, and those of its subnodes alone. */
  private checkEmbedded(object: number): { all: number; below: number } {
    const { part, partSubnodes, depth, parts } = this;
    const i = partSubnodes.find(get32(part.buffers[object] as Uint8Array, part.starts[object] as number));
    if (part.ids[object] !== ID.AttachData || i < 0 || depth === MAX_DEPTH) return doubt();
    if (nidType(partSubnodes.nids[i] as number) !== NID_TYPE.message) doubt();
    partSubnodes.used[i] = 1;
    this.inner ??= new QuickMessage(parts, depth + 1);
    const all = this.inner.check(partSubnodes.bidData[i] as number, partSubnodes.bidSub[i] as number);
    return { all, below: all - (partSubnodes.bytes[i] as number) };
  }
}

/** "; " in UTF-16LE. */
const SEPARATOR = 0x0020_003b;
