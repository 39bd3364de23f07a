import { ATTACH_METHOD, ID, type Attachment, type MapiItem } from '@pstream/mapi';
import { Bag } from './bag.js';

/** What is known of an attached file. `inline`: the HTML shows it by its content id. */
export type File = {
  readonly name: string | null;
  readonly mimeType: string;
  readonly content: Uint8Array;
  readonly contentId?: string | undefined;
  readonly inline?: boolean;
  /** ISO 8601. */
  readonly at?: string | null | undefined;
};

/** PidTagAttachFlags: shown in the HTML ([MS-OXCMSG] 2.2.2.18). */
const RENDERED_IN_BODY = 4;

/** Names for parts that came without one, by type. */
const NAMES: Readonly<Record<string, string>> = {
  'text/calendar': 'meeting.ics',
  'text/plain': 'text.txt',
  'text/html': 'page.html',
  'text/rfc822-headers': 'headers.txt',
  'message/delivery-status': 'details.txt',
  'message/disposition-notification': 'details.txt',
  'message/rfc822': 'message.eml',
  'image/png': 'image.png',
  'image/jpeg': 'image.jpg',
  'image/gif': 'image.gif',
  'application/pdf': 'document.pdf',
};

/** A file by value. */
export const fileAttachment = (file: File, number: number): Attachment => {
  const name = file.name ?? NAMES[file.mimeType] ?? 'attachment';
  const bag = common(number, ATTACH_METHOD.byValue, name, file.at)
    .text(ID.AttachLongFilename, name)
    .text(ID.AttachExtension, /\.[^.\s]{1,16}$/.exec(name)?.[0])
    .text(ID.AttachMimeTag, file.mimeType)
    .text(ID.AttachContentId, file.contentId)
    .binary(ID.AttachData, file.content);
  if (file.inline === true) bag.int(ID.AttachFlags, RENDERED_IN_BODY).flag(ID.AttachmentHidden, true);
  return { properties: bag.close() };
};

/** A message within the message. */
export const messageAttachment = (embedded: MapiItem, name: string, number: number, at?: string | null): Attachment => ({
  properties: common(number, ATTACH_METHOD.embedded, name, at).close(),
  embedded,
});

const common = (number: number, method: number, name: string, at: string | null | undefined): Bag =>
  new Bag()
    .int(ID.AttachNumber, number)
    .int(ID.AttachMethod, method)
    .int(ID.RenderingPosition, -1)
    .text(ID.DisplayName, name)
    .time(ID.CreationTime, at)
    .time(ID.LastModificationTime, at);
