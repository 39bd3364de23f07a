import { ID, PT, fixedSize, makeTag, tagType } from '@pstream/mapi';

import type { DropTally, KeptAttachment, KeptBag, KeptItem } from '../../fidelity/index.js';
import { int32 } from '../../fidelity/index.js';
import { MAX_BLOCK_BYTES, NID, NID_TYPE, makeNid, put32 } from '../../shared/index.js';
import { Columns, MAX_COLUMNS } from '../../shared/columns.js';
import type { PropertyContexts } from '../ltp/property-context.js';
import { FIRST_SUBNODE_INDEX, Subnodes, type KnownCrcs, type WrittenValues } from '../ltp/subnodes.js';
import { Table } from '../ltp/table-context.js';
import type { Blocks } from '../ndb/blocks.js';
import type { NameMap } from './name-map.js';
import { ResolvedBag } from './property-lists.js';
import { COLUMNS } from '../../shared/template-columns.js';

const SIZE_TAG = makeTag(ID.MessageSize, PT.Integer32);
const ATTACH_SIZE_TAG = makeTag(ID.AttachSize, PT.Integer32);
const OBJECT_TAG = makeTag(ID.AttachData, PT.Object);
/** Nid of the message inside its attachment. The format asks for uniqueness only there, but readers that look into the node
 *  B-tree first (libpff) must not find another message under it: no top-level message ever gets an index this high. */
const EMBEDDED_NID = makeNid(NID_TYPE.message, 0x2000000);
/** Sizes are signed 32-bit numbers. */
const MAX_SIZE = 0x7fff_ffff;
const ZERO = new Uint8Array(4);

/** A message object in the file: its bids, its recursive size in bytes, and its properties. */
export type WrittenMessage = {
  readonly bidData: number;
  readonly bidSub: number;
  readonly bytes: number;
  readonly properties: ResolvedBag;
};

/** What is known about the long values of the item that is written. */
export type LongValues = { readonly written: WrittenValues | undefined; readonly crcs: KnownCrcs | undefined };

type WrittenAttachment = { readonly nid: number; readonly properties: ResolvedBag };

/** Writes message objects: attachments first, then tables, then the property context. [MS-PST] 2.4.5, 2.4.6. */
export class Messages {
  readonly #blocks: Blocks;
  readonly #names: NameMap;
  readonly #contexts: PropertyContexts;
  readonly #recipients = new Table(COLUMNS.recipient, MAX_BLOCK_BYTES);
  readonly #attachments = new Table(COLUMNS.attachment, MAX_BLOCK_BYTES);
  /** Column layouts of recipient tables by their additional tags. A cache: it changes nothing that is written. */
  readonly #recipientColumns = new Map<string, Columns>([['', COLUMNS.recipient]]);
  /** Tags that all recipients of a message had lately, and their columns. */
  #lastTags: readonly number[] = COLUMNS.recipient.tags;
  #lastColumns = COLUMNS.recipient;
  /** Highest subnode indexes in use anywhere: rgnid of the header. */
  maxAttachmentIndex = FIRST_SUBNODE_INDEX - 1;
  maxValueIndex = FIRST_SUBNODE_INDEX - 1;

  constructor(blocks: Blocks, names: NameMap, contexts: PropertyContexts) {
    this.#blocks = blocks;
    this.#names = names;
    this.#contexts = contexts;
  }

  /** Writes a message with everything in it. */
  write(item: KeptItem, tally: DropTally, long: LongValues): WrittenMessage {
    const subnodes = new Subnodes();
    if (item.attachments.length > 0) this.#writeAttachments(item.attachments, subnodes, tally, long);
    if (item.recipients.length > 0 || !item.associated) this.#writeRecipients(item.recipients, subnodes, tally);
    const properties = new ResolvedBag(item.bag, this.#names, tally, SIZE_TAG, ZERO);
    const bidData = this.#contexts.write(properties, subnodes, long.written, long.crcs);
    this.noteValueIndex(subnodes.lastValueIndex);
    const bytes = this.#contexts.bytes + subnodes.bytes;
    const at = properties.tags.indexOf(SIZE_TAG);
    properties.values[at] = int32(Math.min(MAX_SIZE, bytes));
    return { bidData, bidSub: subnodes.finish(this.#blocks), bytes, properties };
  }

  /** Notes that a value subnode has this index. */
  noteValueIndex(index: number): void {
    if (index > this.maxValueIndex) this.maxValueIndex = index;
  }

  #writeAttachments(attachments: readonly KeptAttachment[], subnodes: Subnodes, tally: DropTally, long: LongValues): void {
    const written = attachments.map((attachment, i): WrittenAttachment => {
      const nid = makeNid(NID_TYPE.attachment, FIRST_SUBNODE_INDEX + i);
      return { nid, properties: this.#writeAttachment(attachment, nid, subnodes, tally, long) };
    });
    this.maxAttachmentIndex = Math.max(this.maxAttachmentIndex, FIRST_SUBNODE_INDEX + attachments.length - 1);
    const table = this.#attachments;
    table.reset(COLUMNS.attachment);
    for (const { nid, properties } of written) {
      table.beginRow(nid, 1, this.#blocks);
      setCells(table, COLUMNS.attachment, properties.tags, properties.values, this.#blocks);
    }
    this.#addTable(NID.attachmentTable, table, subnodes);
  }

  #writeAttachment({ bag, embedded }: KeptAttachment, nid: number, parent: Subnodes, tally: DropTally, long: LongValues): ResolvedBag {
    const subnodes = new Subnodes();
    const properties = new ResolvedBag(bag, this.#names, tally, ATTACH_SIZE_TAG, ZERO);
    const { tags, values } = properties;
    const objectAt = tags.indexOf(OBJECT_TAG);
    let objectBytes = 0;
    if (objectAt >= 0) {
      const record = new Uint8Array(8);
      if (embedded !== undefined) {
        const message = this.write(embedded, tally, long);
        subnodes.add(EMBEDDED_NID, message.bidData, message.bidSub, message.bytes);
        objectBytes = message.bytes;
        put32(record, 0, EMBEDDED_NID); // nid
      } else {
        const value = values[objectAt] as Uint8Array;
        put32(record, 0, subnodes.addValue(this.#blocks, value, long.written, long.crcs));
        objectBytes = value.length;
      }
      put32(record, 4, Math.min(0xffff_ffff, objectBytes)); // ulSize
      values[objectAt] = record;
    }
    let size = 0;
    for (let i = 0; i < tags.length; i++) {
      size += i === objectAt ? objectBytes : (fixedSizeOf(tags[i] as number) ?? (values[i] as Uint8Array).length);
    }
    values[tags.indexOf(ATTACH_SIZE_TAG)] = int32(Math.min(MAX_SIZE, size));
    const bidData = this.#contexts.write(properties, subnodes, long.written, long.crcs);
    const bytes = this.#contexts.bytes + subnodes.bytes;
    this.noteValueIndex(subnodes.lastValueIndex);
    parent.add(nid, bidData, subnodes.finish(this.#blocks), bytes);
    return properties;
  }

  /** One row for each recipient, in order; a column for every property that one of them has. */
  #writeRecipients(recipients: readonly KeptBag[], subnodes: Subnodes, tally: DropTally): void {
    const rows = recipients.map((bag) => new ResolvedBag(bag, this.#names, tally));
    const columns = this.#columnsFor(rows, tally);
    const table = this.#recipients;
    table.reset(columns);
    rows.forEach(({ tags, values }, i) => {
      table.beginRow(i + 1, 1, this.#blocks); // a running number; Outlook never gives 0
      setCells(table, columns, tags, values, this.#blocks);
    });
    this.#addTable(NID.recipientTable, table, subnodes);
  }

  #columnsFor(rows: readonly ResolvedBag[], tally: DropTally): Columns {
    if (rows.length === 0) return COLUMNS.recipient;
    if (rows.every(({ tags }) => sameTags(tags, this.#lastTags))) return this.#lastColumns;
    const extras: number[] = [];
    let before: readonly number[] = [];
    for (const { tags } of rows) {
      for (let i = 0; i < tags.length; i++) {
        const tag = tags[i] as number;
        if (before[i] === tag || COLUMNS.recipient.positionOf(tag) >= 0 || extras.includes(tag)) continue;
        if (COLUMNS.recipient.tags.length + extras.length >= MAX_COLUMNS) tally.drop('full');
        else extras.push(tag);
      }
      before = tags;
    }
    extras.sort((a, b) => a - b);
    const key = extras.join(' ');
    let columns = this.#recipientColumns.get(key);
    if (columns === undefined) {
      columns = new Columns([...COLUMNS.recipient.tags, ...extras]);
      if (this.#recipientColumns.size < 1000) this.#recipientColumns.set(key, columns);
    }
    const first = rows[0]?.tags ?? [];
    if (columns.tags.length < MAX_COLUMNS && rows.every(({ tags }) => sameTags(tags, first))) {
      this.#lastTags = first;
      this.#lastColumns = columns;
    }
    return columns;
  }

  #addTable(nid: number, table: Table, subnodes: Subnodes): void {
    const { bidData, bidSub, bytes, lastValueIndex } = table.finish(this.#blocks);
    subnodes.add(nid, bidData, bidSub, bytes);
    this.noteValueIndex(lastValueIndex);
  }
}

const sameTags = (a: readonly number[], b: readonly number[]): boolean => {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
};

const fixedSizeOf = (tag: number): number | undefined => ((tag & 0x1000) === 0 ? fixedSize(tagType(tag)) : undefined);

/** Sets the cells of all properties that a table has a column for; both are in ascending order. */
export const setCells = (table: Table, columns: Columns, tags: readonly number[], values: readonly Uint8Array[], blocks: Blocks): void => {
  const all = columns.tags;
  for (let i = 0, k = 0; i < tags.length && k < all.length; ) {
    const tag = tags[i] as number;
    const column = all[k] as number;
    if (tag === column) table.setCell(k++, values[i++] as Uint8Array, blocks);
    else if (tag < column) i++;
    else k++;
  }
};
