import { causeOf, type PartMessageRead, type PartMessageRow, type ReadPart, type ReadPartReply } from '@pstream/contracts';
import { isFault, type Clock } from '@pstream/kernel';
import type { PstView, ViewedMessage, ViewedRow } from '@pstream/pst/view';
import type { OpenParts } from './open-parts.js';

/** Whoever asks waits: a search answers with what it has after this time, and goes on with the next page. */
const ENOUGH_MS = 2_500;
/** Characters of a name, and of the text and the HTML of a message. */
const MOST_NAME = 500;
const MOST_TEXT = 300_000;

type Ask<What extends ReadPart['ask']['what']> = Extract<ReadPart['ask'], { readonly what: What }>;

/** Reads in a finished part what somebody looks at: bounded in time and bytes, recorded nowhere, changing nothing. */
export const readPart = async (parts: OpenParts, { mailboxJobId, partId, ask }: ReadPart): Promise<ReadPartReply> => {
  try {
    return (await parts.use(mailboxJobId, partId, (view) => answer(parts.clock, view, ask))) ?? { is: 'no-part' };
  } catch (error) {
    if (!isFault(error)) throw error;
    if (error.code === 'pst.no-such-folder' || error.code === 'pst.no-such-item') return { is: 'not-in-part' };
    return { is: 'refused', cause: causeOf(error) };
  }
};

const answer = (clock: Clock, view: PstView, ask: ReadPart['ask']): Promise<ReadPartReply> => {
  switch (ask.what) {
    case 'folders':
      return folders(view);
    case 'messages':
      return messages(view, ask);
    case 'search':
      return search(clock, view, ask);
    case 'message':
      return message(view, ask);
    case 'attachment':
      return attachment(view, ask);
  }
};

const short = (text: string | null): string | null => (text === null ? null : text.slice(0, MOST_NAME));

const folders = async (view: PstView): Promise<ReadPartReply> => {
  const { folders: found, isWhole } = await view.folders();
  return {
    is: 'folders',
    isWhole,
    folders: found.map(({ nid, path, items }) => ({ folder: nid, path: path.map((name) => name.slice(0, MOST_NAME)), items })),
  };
};

const rowOf = (folder: number, { nid, messageClass, subject, from, ...row }: ViewedRow): PartMessageRow => ({
  message: nid,
  folder,
  messageClass: short(messageClass),
  subject: short(subject),
  from: short(from),
  ...row,
});

const messages = async (view: PstView, { folder, cursor, limit }: Ask<'messages'>): Promise<ReadPartReply> => {
  const skip = placeIn(cursor ?? '0', 1)?.[0];
  if (skip === undefined) return { is: 'bad-cursor' };
  const { rows, scanned, total } = await view.rows(folder, skip, limit);
  return {
    is: 'messages',
    messages: rows.map((row) => rowOf(folder, row)),
    scanned,
    total,
    next: scanned < total ? String(scanned) : null,
  };
};

/** The numbers of a cursor. A part never changes, so that any of them stays right. */
const placeIn = (cursor: string, numbers: number): readonly number[] | undefined => {
  const found = /^\d{1,10}(?:-\d{1,10})*$/.test(cursor) ? cursor.split('-').map(Number) : [];
  return found.length === numbers ? found : undefined;
};

/** One folder after the other; the cursor names the folder by its place, and the row in it. */
const search = async (clock: Clock, view: PstView, { folder, subject, cursor, limit }: Ask<'search'>): Promise<ReadPartReply> => {
  const place = placeIn(cursor ?? '0-0', 2);
  if (place === undefined) return { is: 'bad-cursor' };
  const all = (await view.folders()).folders.filter(({ nid }) => folder === null || nid === folder);
  if (folder !== null && all.length === 0) return { is: 'not-in-part' };
  const untilMs = clock.monotonicMs() + ENOUGH_MS;
  const isOver = (): boolean => clock.monotonicMs() >= untilMs;
  const found: PartMessageRow[] = [];
  let [at = 0, row = 0] = place;
  // At least one folder or row further each time, however slow the destination is.
  for (let isFirst = true; at < all.length && found.length < limit && (isFirst || !isOver()); isFirst = false) {
    const { nid } = all[at]!;
    const from = row;
    const part = await view.search(nid, subject, row, limit - found.length, isOver);
    found.push(...part.rows.map((each) => rowOf(nid, each)));
    row = part.scanned > from ? part.scanned : from + 1;
    if (row >= part.total) [at, row] = [at + 1, 0];
  }
  const total = all.reduce((sum, { items }) => sum + items, 0);
  const passed = all.slice(0, at).reduce((sum, { items }) => sum + items, 0);
  return {
    is: 'messages',
    messages: found,
    scanned: Math.min(total, passed + row),
    total,
    next: at < all.length ? `${at}-${row}` : null,
  };
};

const message = async (view: PstView, { message: path, html }: Ask<'message'>): Promise<ReadPartReply> => ({
  is: 'message',
  message: readOf(await view.message(path), html),
});

const readOf = (
  { messageClass, subject, from, at, recipients, text, html, attachments, isCut }: ViewedMessage,
  asHtml: boolean,
): PartMessageRead => ({
  messageClass: short(messageClass),
  subject: short(subject),
  from: short(from),
  at,
  recipients: recipients.map(({ kind, name, address }) => ({ kind, name: short(name), address: short(address) })),
  text: asHtml ? null : (text?.slice(0, MOST_TEXT) ?? null),
  html: asHtml ? (html?.slice(0, MOST_TEXT) ?? null) : null,
  hasHtml: html !== null,
  attachments: attachments.map(({ nid, name, mediaType, bytes, isMessage }) => ({
    attachment: nid,
    name: short(name),
    mediaType: short(mediaType),
    bytes,
    isMessage,
  })),
  isCut: isCut || ((asHtml ? html : text) ?? '').length > MOST_TEXT,
});

const attachment = async (view: PstView, { message: path, attachment: nid, offset, length }: Ask<'attachment'>): Promise<ReadPartReply> => {
  const { handle, name, mediaType } = await view.attachment(path, nid);
  const bytes = await handle.read(offset, length);
  return {
    is: 'bytes',
    base64: Buffer.from(bytes).toString('base64'),
    total: handle.bytes,
    name: short(name),
    mediaType: short(mediaType),
  };
};
