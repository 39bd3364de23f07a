import { MULTIPLE, PT, type Attachment, type MapiItem, type Property, type Recipient } from '@pstream/mapi';
import { PstCorrupt } from '../format/index.js';
import { NID, NID_TYPE, nidType } from '../shared/index.js';
import { DEFAULT_CODE_PAGE, textOf } from './code-page.js';
import type { NameMap } from './names.js';
import type { DataTree, NodeDatabase, SubnodeRef } from './node-database.js';
import { PropertyContext, tagOf, type PropertyRecord } from './property-context.js';
import { Budget } from './strictness.js';
import { ROW_ID, ROW_VERSION, TableContext } from './table-context.js';
import { propertyOf } from './values.js';

/** Property ids the reader itself understands. [MS-OXPROPS]. */
const ID = { subject: 0x0037, subjectPrefix: 0x003d, attachData: 0x3701, internetCodePage: 0x3fde, messageCodePage: 0x3ffd } as const;

/** Deepest nesting of embedded messages that is believed. */
const MAX_DEPTH = 100;

/** What every read of an item shares. */
export type ReadContext = {
  readonly ndb: NodeDatabase;
  readonly names: NameMap;
  /** For the verifier, which knows the contents of long binaries already: bytes to put in place of a data tree's, or undefined to read them. */
  readonly standIn?: (tree: DataTree) => Uint8Array | undefined;
  /** A longer value is cut, with a warning; also the list of recipients is, at a fixed number. Without it, values are read whole. */
  readonly maxValueBytes?: number | undefined;
};

/** An attachment as found: its properties without the data, and how to get at the data or the embedded message. */
export type AttachmentParts = {
  readonly nid: number;
  readonly properties: readonly Property[];
  /** The data as stored: type Binary or Object, and its blocks or, if short, its bytes. */
  readonly data?: { readonly type: number; readonly bytes: number; readonly tree?: DataTree; readonly stored?: Uint8Array };
  readonly embedded?: SubnodeRef;
};

/** Options of a read: attachments with more bytes than this are left without data, with a warning; or all are left out. */
export type ItemOptions = { readonly maxAttachmentBytes?: number; readonly withoutAttachments?: true };

/** Most recipients of a message where its values are cut. */
const MOST_RECIPIENTS = 1_000;

/** One message, top level or embedded, opened but not read. */
export class MessageReader {
  private readonly warnings: string[] = [];
  private readonly opened = new Map<number, PropertyContext>();

  private constructor(
    private readonly context: ReadContext,
    readonly pc: PropertyContext,
    private readonly nid: number,
    private readonly associated: boolean,
    private readonly codePage: number,
    private readonly budget: Budget,
    private readonly depth: number,
  ) {}

  /** Opens the property context of a message. */
  static async open(
    context: ReadContext,
    node: SubnodeRef,
    associated: boolean,
    budget = new Budget(2 * context.ndb.mostBytes, 'NBTENTRY'),
    depth = 0,
  ): Promise<MessageReader> {
    if (depth > MAX_DEPTH) throw new PstCorrupt('nested-too-deep', 'PidTagAttachDataObject', { nid: node.nid, expected: MAX_DEPTH });
    const pc = await PropertyContext.open(context.ndb, node.bidData, node.bidSub, node.nid);
    budget.spend(pc.heap.bytes + 1);
    const codePage = pc.integer(ID.messageCodePage) ?? pc.integer(ID.internetCodePage) ?? DEFAULT_CODE_PAGE;
    return new MessageReader(context, pc, node.nid, associated, codePage, budget, depth);
  }

  /** The whole message: properties, recipients, attachments, embedded messages. */
  async item(options: ItemOptions = {}): Promise<MapiItem> {
    const properties = withoutLeadIn(await this.bag(this.pc, true));
    const recipients = (await this.guard('recipients', () => this.recipients())) ?? [];
    const attachments: Attachment[] = [];
    for (const nid of options.withoutAttachments === true ? [] : this.attachmentNids()) {
      const read = await this.guard('attachment', async () => this.whole(await this.attachment(nid), options));
      if (read !== undefined) attachments.push(read);
    }
    return { properties, recipients, attachments, associated: this.associated, warnings: this.warnings };
  }

  /** Some properties of the message and of its recipients; bodies and attachments are not read. */
  async some(ids: ReadonlySet<number>): Promise<Pick<MapiItem, 'properties' | 'recipients'>> {
    const properties = withoutLeadIn(await this.bag(this.pc, true, ids)).filter(({ id }) => ids.has(id));
    return { properties, recipients: (await this.guard('recipients', () => this.recipients(ids))) ?? [] };
  }

  /** Node ids of the attachments, ascending. */
  attachmentNids(): number[] {
    return [...this.pc.subnodes.keys()].filter((nid) => nidType(nid) === NID_TYPE.attachment).toSorted((a, b) => a - b);
  }

  /** One attachment without its data. */
  async attachment(nid: number): Promise<AttachmentParts> {
    const pc = await this.attachmentContext(nid);
    const properties = await this.bag(pc, false);
    const record = pc.records.get(ID.attachData);
    if (record === undefined) return { nid, properties };
    if (record.type !== PT.Object) {
      const tree = await pc.tree(record);
      if (tree !== undefined) return { nid, properties, data: { type: record.type, bytes: tree.bytes, tree } };
      const stored = await pc.stored(record);
      return { nid, properties, data: { type: record.type, bytes: stored.length, stored } };
    }
    const object = await pc.object(record);
    const inner = pc.subnode(object.nid, record);
    if (nidType(inner.nid) === NID_TYPE.message) return { nid, properties, embedded: inner };
    const tree = await this.context.ndb.dataTree(inner.bidData);
    return { nid, properties, data: { type: PT.Object, bytes: tree.bytes, tree } };
  }

  /** The property context of an attachment. */
  async attachmentContext(nid: number): Promise<PropertyContext> {
    const known = this.opened.get(nid);
    if (known !== undefined) return known;
    const sub = this.pc.subnodes.get(nid);
    if (sub === undefined) throw new PstCorrupt('subnode-missing', 'SLENTRY/nid', { nid: this.nid, actual: nid });
    const pc = await PropertyContext.open(this.context.ndb, sub.bidData, sub.bidSub, nid);
    this.budget.spend(pc.heap.bytes + 1);
    if (this.opened.size < 16) this.opened.set(nid, pc);
    return pc;
  }

  /** The message embedded in an attachment, opened. */
  embedded(inner: SubnodeRef): Promise<MessageReader> {
    return MessageReader.open(this.context, inner, false, this.budget, this.depth + 1);
  }

  private async whole({ properties, data, embedded }: AttachmentParts, options: ItemOptions): Promise<Attachment> {
    if (embedded !== undefined) {
      const inner = await (await this.embedded(embedded)).item(options);
      this.warnings.push(...inner.warnings);
      return { properties, embedded: inner };
    }
    if (data === undefined) return { properties };
    if (data.bytes > (options.maxAttachmentBytes ?? Infinity)) {
      this.warnings.push('attachment.data-left-out');
      return { properties };
    }
    this.budget.spend(data.bytes);
    const stored = data.stored ?? this.context.standIn?.(data.tree as DataTree) ?? (await this.context.ndb.data(data.tree as DataTree));
    const property = propertyOf(ID.attachData, data.type, stored, this.codePage, undefined);
    const after = properties.findIndex(({ id }) => id > ID.attachData);
    return { properties: after < 0 ? [...properties, property] : properties.toSpliced(after, 0, property) };
  }

  /** All properties in id order. What cannot be read is left out: a flaw, and a warning on the item. */
  private async bag(pc: PropertyContext, isMessage: boolean, only?: ReadonlySet<number>): Promise<Property[]> {
    const out: Property[] = [];
    for (const record of pc.records.values()) {
      if (only?.has(record.id) === false) continue;
      if (!isMessage && record.id === ID.attachData) continue;
      try {
        const ready = record.type === PT.Object ? undefined : pc.peek(record);
        if (ready === undefined) out.push(await this.property(pc, record));
        else {
          this.budget.spend(ready.length);
          out.push(propertyOf(record.id, record.type, ready, this.codePage, this.name(record)));
        }
      } catch (error) {
        this.passOver('property', error);
      }
    }
    return out;
  }

  private async property(pc: PropertyContext, record: PropertyRecord): Promise<Property> {
    const cut = await this.cut(pc, record);
    if (cut !== undefined) return propertyOf(record.id, record.type, cut, this.codePage, this.name(record));
    const tree = record.type === PT.Binary && this.context.standIn !== undefined ? await pc.tree(record) : undefined;
    let stored = (tree && this.context.standIn?.(tree)) ?? (await pc.stored(record, (bytes) => this.budget.spend(bytes)));
    if (record.type === PT.Object && stored.length === 8) {
      const object = await this.context.ndb.dataTree(pc.subnode((await pc.object(record)).nid, record).bidData);
      this.budget.spend(object.bytes);
      stored = await this.context.ndb.data(object);
    }
    return propertyOf(record.id, record.type, stored, this.codePage, this.name(record));
  }

  /** The beginning of a value that is too long, read no further; undefined for all others. */
  private async cut(pc: PropertyContext, record: PropertyRecord): Promise<Uint8Array | undefined> {
    const most = this.context.maxValueBytes;
    if (most === undefined || record.type === PT.Object) return undefined;
    const tree = await pc.tree(record);
    if (tree === undefined || tree.bytes <= most) return undefined;
    // What holds many values is not one any more without its end.
    if ((record.type & MULTIPLE) !== 0)
      throw new PstCorrupt('value-size', 'PC/dwValueHnid', { nid: this.nid, tag: tagOf(record), expected: most, actual: tree.bytes });
    this.warn('property.cut');
    const out = new Uint8Array(most - (most % 2));
    let at = 0;
    for (const ref of tree.blocks) {
      if (at >= out.length) break;
      const block = await this.context.ndb.block(ref);
      out.set(block.subarray(0, out.length - at), at);
      at += block.length;
    }
    this.budget.spend(out.length);
    return out;
  }

  private name(record: { id: number; type: number }): ReturnType<NameMap['get']> {
    const name = record.id < 0x8000 ? undefined : this.context.names.get(record.id);
    if (record.id >= 0x8000 && name === undefined) {
      this.context.ndb.strictness.flaw(new PstCorrupt('name-missing', 'NAMEID/wPropIdx', { nid: this.nid, tag: tagOf(record) }));
      this.warn('property.name-missing');
    }
    return name;
  }

  /** Recipient rows in matrix order. [MS-PST] 2.4.5.3. */
  private async recipients(only?: ReadonlySet<number>): Promise<Recipient[]> {
    const sub = this.pc.subnodes.get(NID.recipientTable);
    if (sub === undefined) return [];
    const table = await TableContext.open(this.context.ndb, sub.bidData, sub.bidSub, sub.nid);
    this.budget.spend(table.heap.bytes + 1);
    const out: Recipient[] = [];
    for (const position of await table.positions()) {
      if (this.context.maxValueBytes !== undefined && out.length === MOST_RECIPIENTS) {
        this.warn('recipients.cut');
        break;
      }
      const row = await this.guard('recipient', () => table.row(position));
      if (row === undefined) continue;
      const properties: Property[] = [];
      for (const column of table.columns) {
        if (column.id === ROW_ID || column.id === ROW_VERSION || !table.has(row, column) || only?.has(column.id) === false) continue;
        try {
          const ready = table.peek(row, column);
          if (ready !== undefined) this.budget.spend(ready.length);
          const stored = ready ?? (await table.stored(row, column, (bytes) => this.budget.spend(bytes)));
          properties.push(propertyOf(column.id, column.type, stored, this.codePage, this.name(column)));
        } catch (error) {
          this.passOver('property', error);
        }
      }
      out.push({ properties });
    }
    return out;
  }

  private async guard<T>(what: string, read: () => Promise<T>): Promise<T | undefined> {
    try {
      return await read();
    } catch (error) {
      this.passOver(what, error);
      return undefined;
    }
  }

  /** Records damage in lenient mode; throws everything else. */
  private passOver(what: string, error: unknown): void {
    const { strictness } = this.context.ndb;
    if (strictness.strict || !(error instanceof PstCorrupt)) throw error;
    strictness.record(error, `node 0x${this.nid.toString(16)}`);
    this.warn(`${what}.unreadable: ${error.code}`);
  }

  private warn(text: string): void {
    if (this.warnings.length < 100) this.warnings.push(text);
  }
}

/** PidTagSubject as exported: a PST puts U+0001 and prefix length + 1 in front. [MS-PST] 2.5.3.1.1.1. The prefix goes to
 *  PidTagSubjectPrefix unless the message has one of its own. */
const withoutLeadIn = (properties: readonly Property[]): Property[] => {
  const at = properties.findIndex(({ id, type }) => id === ID.subject && type === PT.String);
  const subject = properties[at];
  if (subject === undefined || subject.value.length < 4 || subject.value[0] !== 1 || subject.value[1] !== 0) return [...properties];
  const prefixLength = Math.max(0, ((subject.value[2] as number) | ((subject.value[3] as number) << 8)) - 1);
  const text = subject.value.subarray(4);
  const out = properties.with(at, { ...subject, value: text });
  if (properties.some(({ id }) => id === ID.subjectPrefix)) return out;
  out.splice(at + 1, 0, { id: ID.subjectPrefix, type: PT.String, value: text.subarray(0, 2 * prefixLength) });
  return out.toSorted((a, b) => a.id - b.id);
};

/** The text of a String property, if it is there. */
export const textProperty = (properties: readonly Property[], id: number): string | undefined => {
  const found = properties.find((property) => property.id === id && property.type === PT.String);
  return found === undefined ? undefined : textOf(found.value);
};
