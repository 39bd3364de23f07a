import { ATTACH_METHOD, ID, isoOfFiletime, MESSAGE_FLAG, PT, RECIPIENT_TYPE, type MapiItem, type Property } from '@pstream/mapi';
import { Fault } from '@pstream/kernel';
import type { AttachmentHandle } from '../reader/attachment-handle.js';
import { textOf } from '../reader/code-page.js';
import { textProperty } from '../reader/message.js';
import type { PstFile } from '../reader/pst-file.js';
import type { Column, TableContext } from '../reader/table-context.js';
import { NID_TYPE, nidType, siblingNid } from '../shared/index.js';
import { htmlOf, textOfRtf } from './bodies.js';

/** A folder with the number of its messages. */
export type ViewedFolder = { readonly nid: number; readonly path: readonly string[]; readonly items: number };

/** A message as its folder lists it: what its row holds, null where it holds nothing. */
export type ViewedRow = {
  readonly nid: number;
  readonly messageClass: string | null;
  readonly subject: string | null;
  readonly from: string | null;
  /** When it was received, or sent. */
  readonly at: string | null;
  readonly bytes: number | null;
  readonly hasAttachments: boolean;
};

/** An attachment without its bytes. `isMessage`: it is a message itself, with a view of its own. */
export type ViewedAttachment = {
  readonly nid: number;
  readonly name: string | null;
  readonly mediaType: string | null;
  readonly bytes: number;
  readonly isMessage: boolean;
};

/** A message opened. `text` is its plain text, made from rich text where there is no other; `isCut`: something of it was too long. */
export type ViewedMessage = {
  readonly messageClass: string | null;
  readonly subject: string | null;
  readonly from: string | null;
  readonly at: string | null;
  readonly recipients: readonly { readonly kind: 'to' | 'cc' | 'bcc'; readonly name: string | null; readonly address: string | null }[];
  readonly text: string | null;
  readonly html: string | null;
  readonly attachments: readonly ViewedAttachment[];
  readonly isCut: boolean;
};

/** Rows of a folder, and how far the reading of it has come. */
type Rows = { readonly rows: readonly ViewedRow[]; readonly scanned: number; readonly total: number };

/** Most folders and attachments that are listed, and the most characters of a cell. */
const MOST_FOLDERS = 5_000;
const MOST_ATTACHMENTS = 500;
const MOST_CELL_BYTES = 4_096;

const TAGS = {
  class: ID.MessageClass * 0x1_0000 + PT.String,
  subject: ID.Subject * 0x1_0000 + PT.String,
  from: ID.SentRepresentingName * 0x1_0000 + PT.String,
  received: ID.MessageDeliveryTime * 0x1_0000 + PT.Time,
  sent: ID.ClientSubmitTime * 0x1_0000 + PT.Time,
  bytes: ID.MessageSize * 0x1_0000 + PT.Integer32,
  flags: ID.MessageFlags * 0x1_0000 + PT.Integer32,
} as const;
type Cells = Readonly<Record<keyof typeof TAGS, Column | undefined>>;

const cellsOf = ({ columns }: TableContext): Cells =>
  Object.fromEntries(Object.entries(TAGS).map(([name, tag]) => [name, columns.find((column) => column.tag === tag)])) as Cells;

/** A store, page by page. What it answers is bounded, whatever the store holds; open the store with `maxValueBytes`. A committed part never
 *  changes, so the position of a message in its folder is one for good. */
export class PstView {
  #folders: Promise<{ readonly folders: readonly ViewedFolder[]; readonly isWhole: boolean }> | undefined;

  constructor(private readonly file: PstFile) {}

  /** The folders below the top of the mailbox, parents before children. */
  folders(): Promise<{ readonly folders: readonly ViewedFolder[]; readonly isWhole: boolean }> {
    this.#folders ??= this.#readFolders();
    this.#folders.catch(() => (this.#folders = undefined));
    return this.#folders;
  }

  async #readFolders(): Promise<{ readonly folders: readonly ViewedFolder[]; readonly isWhole: boolean }> {
    const folders: ViewedFolder[] = [];
    for await (const { nid, path, contentCount } of this.file.folders()) {
      if (folders.length === MOST_FOLDERS) return { folders, isWhole: false };
      folders.push({ nid, path, items: contentCount });
    }
    return { folders, isWhole: true };
  }

  /** A page of a folder, what was put in last first: `limit` rows behind the first `skip`. Fault 'pst.no-such-folder' (never). */
  async rows(folder: number, skip: number, limit: number): Promise<Rows> {
    const table = await this.#table(folder);
    const total = await table.countRows();
    const until = total - Math.min(skip, total);
    const from = Math.max(0, until - limit);
    const rows = await this.#read(table, from, () => false, undefined, until);
    return { rows: rows.found.toReversed(), scanned: total - from, total };
  }

  /** Messages of a folder with a text in their subject, in the order of the store: at most `limit`, from the row `skip` on, until `isOver`. */
  async search(folder: number, subject: string, skip: number, limit: number, isOver: () => boolean): Promise<Rows> {
    const table = await this.#table(folder);
    const total = await table.countRows();
    const { found, next } = await this.#read(table, skip, (count) => count >= limit || isOver(), folded(subject), total);
    return { rows: found, scanned: next, total };
  }

  async #table(folder: number): Promise<TableContext> {
    const { folders } = await this.folders();
    if (!folders.some(({ nid }) => nid === folder)) throw noSuch('folder');
    return this.file.table(siblingNid(folder, NID_TYPE.contentsTable));
  }

  async #read(
    table: TableContext,
    from: number,
    isEnough: (found: number) => boolean,
    subject: string | undefined,
    until: number,
  ): Promise<{ readonly found: ViewedRow[]; readonly next: number }> {
    const cells = cellsOf(table);
    const found: ViewedRow[] = [];
    let at = -1;
    for await (const { rowId, position } of table.rowIndex()) {
      at++;
      if (at < from) continue;
      if (at >= until || isEnough(found.length)) return { found, next: at };
      const row = await rowAt(table, cells, rowId, position);
      if (subject === undefined || (row.subject !== null && folded(row.subject).includes(subject))) found.push(row);
    }
    return { found, next: at + 1 };
  }

  /** A message by its node, or one within it by the nodes of the attachments that lead there. Faults 'pst.no-such-item' (never). */
  async message(path: readonly number[]): Promise<ViewedMessage> {
    const { item, attachments } = await this.#open(path);
    const read = await item();
    const text = (id: number): string | null => textProperty(read.properties, id) ?? null;
    const listed: ViewedAttachment[] = [];
    for await (const handle of attachments()) {
      if (listed.length === MOST_ATTACHMENTS) break;
      listed.push(attachmentOf(handle));
    }
    return {
      messageClass: text(ID.MessageClass),
      subject: text(ID.Subject),
      from: senderOf(read.properties),
      at: timeOf(read.properties, ID.MessageDeliveryTime) ?? timeOf(read.properties, ID.ClientSubmitTime),
      recipients: read.recipients.map(recipientOf),
      text: text(ID.Body) ?? textOfRtf(valueOf(read.properties, ID.RtfCompressed)) ?? null,
      html: htmlOf(read.properties) ?? null,
      attachments: listed,
      isCut: listed.length === MOST_ATTACHMENTS || read.warnings.some((warning) => warning.endsWith('.cut')),
    };
  }

  /** An attachment of a message, to be read by ranges. Fault 'pst.no-such-item' (never). */
  async attachment(path: readonly number[], nid: number): Promise<ViewedAttachment & { readonly handle: AttachmentHandle }> {
    for await (const handle of (await this.#open(path)).attachments())
      if (handle.nid === nid && !handle.isEmbedded) return { ...attachmentOf(handle), handle };
    throw noSuch('item');
  }

  async #open([top = 0, ...inner]: readonly number[]): Promise<{
    readonly item: () => Promise<MapiItem>;
    readonly attachments: () => AsyncGenerator<AttachmentHandle>;
  }> {
    if (nidType(top) !== NID_TYPE.message || (await this.file.ndb.node(top)) === undefined) throw noSuch('item');
    const pending = this.file.pending(top, false);
    let item = (): Promise<MapiItem> => pending.item({ withoutAttachments: true });
    let attachments = (): AsyncGenerator<AttachmentHandle> => pending.attachments();
    for (const nid of inner) {
      const handle = await find(attachments(), nid);
      if (handle === undefined) throw noSuch('item');
      item = async () => (await handle.embeddedItem({ withoutAttachments: true })) as MapiItem;
      attachments = () => handle.embeddedAttachments();
    }
    return { item, attachments };
  }
}

const find = async (handles: AsyncGenerator<AttachmentHandle>, nid: number): Promise<AttachmentHandle | undefined> => {
  for await (const handle of handles) if (handle.nid === nid && handle.isEmbedded) return handle;
  return undefined;
};

const noSuch = (what: 'folder' | 'item'): Fault => new Fault(`pst.no-such-${what}`, { retry: 'never' });

/** Letters without regard to case and form. */
const folded = (text: string): string => text.normalize('NFKC').toLowerCase();

const TOO_LONG = new Error('longer than a cell is shown');

const rowAt = async (table: TableContext, cells: Cells, nid: number, position: number): Promise<ViewedRow> => {
  const row = await table.row(position);
  const bytes = async (column: Column | undefined): Promise<Uint8Array | undefined> => {
    if (column === undefined || !table.has(row, column)) return undefined;
    try {
      return await table.stored(row, column, (length) => {
        if (length > MOST_CELL_BYTES) throw TOO_LONG;
      });
    } catch (error) {
      // One damaged or endless cell hides no row.
      if (error !== TOO_LONG && !(error instanceof Fault && error.code.startsWith('pst.'))) throw error;
      return undefined;
    }
  };
  const text = async (column: Column | undefined): Promise<string | null> => {
    const value = await bytes(column);
    return value === undefined ? null : textOf(value);
  };
  const time = async (column: Column | undefined): Promise<string | null> => {
    const value = await bytes(column);
    return (value === undefined ? undefined : isoOfFiletime(value)) ?? null;
  };
  const whole = async (column: Column | undefined): Promise<number | null> => {
    const value = await bytes(column);
    return value === undefined ? null : new DataView(value.buffer, value.byteOffset).getUint32(0, true);
  };
  const subject = await text(cells.subject);
  return {
    nid,
    messageClass: await text(cells.class),
    subject: subject === null ? null : withoutLeadIn(subject),
    from: await text(cells.from),
    at: (await time(cells.received)) ?? (await time(cells.sent)),
    bytes: await whole(cells.bytes),
    hasAttachments: (((await whole(cells.flags)) ?? 0) & MESSAGE_FLAG.hasAttach) !== 0,
  };
};

/** A PST puts U+0001 and the length of the prefix before a subject. [MS-PST] 2.5.3.1.1.1. */
const withoutLeadIn = (subject: string): string => (subject.startsWith('\u0001') ? subject.slice(2) : subject);

const valueOf = (properties: readonly Property[], id: number): Uint8Array | undefined =>
  properties.find((property) => property.id === id && property.type === PT.Binary)?.value;

const timeOf = (properties: readonly Property[], id: number): string | null => {
  const found = properties.find((property) => property.id === id && property.type === PT.Time);
  return (found === undefined ? undefined : isoOfFiletime(found.value)) ?? null;
};

const integerOf = (properties: readonly Property[], id: number): number | undefined => {
  const found = properties.find((property) => property.id === id && property.type === PT.Integer32)?.value;
  return found?.length === 4 ? new DataView(found.buffer, found.byteOffset).getInt32(0, true) : undefined;
};

const senderOf = (properties: readonly Property[]): string | null =>
  textProperty(properties, ID.SentRepresentingName) ?? textProperty(properties, ID.SenderName) ?? null;

const KINDS = { [RECIPIENT_TYPE.cc]: 'cc', [RECIPIENT_TYPE.bcc]: 'bcc' } as const;

const recipientOf = ({ properties }: MapiItem['recipients'][number]): ViewedMessage['recipients'][number] => ({
  // The bits above say whether a response was sent.
  kind: KINDS[((integerOf(properties, ID.RecipientType) ?? 0) & 0xf) as keyof typeof KINDS] ?? 'to',
  name: textProperty(properties, ID.DisplayName) ?? null,
  address: textProperty(properties, ID.SmtpAddress) ?? textProperty(properties, ID.EmailAddress) ?? null,
});

const attachmentOf = ({ nid, properties, bytes, isEmbedded }: AttachmentHandle): ViewedAttachment => ({
  nid,
  name:
    textProperty(properties, ID.AttachLongFilename) ??
    textProperty(properties, ID.AttachFilename) ??
    textProperty(properties, ID.DisplayName) ??
    null,
  mediaType: textProperty(properties, ID.AttachMimeTag) ?? null,
  bytes,
  isMessage: isEmbedded && integerOf(properties, ID.AttachMethod) !== ATTACH_METHOD.ole,
});
