import { ID, MESSAGE_FLAG, type MapiItem } from '@pstream/mapi';
import { isoTime } from './bag.js';
import { headerText } from './mime-head.js';
import { itemOf, readMime } from './mime-message.js';

/** A message from a file, and what of it is in doubt: codes, never content. */
export type MailFile = { readonly item: MapiItem; readonly notes: readonly string[] };

/** Makes the MAPI item of a message in a file (.eml, or one of an mbox), which says itself what a mailbox would tell: its class by its content
 *  type, when it came by the uppermost Received field, whether it was read by the fields that mail programs add. One that ends before its
 *  last boundary is taken as far as it goes, with the note 'mime.truncated'. Faults of the reader: 'mime.unreadable' (never). */
export const mailItem = async (mime: Uint8Array): Promise<MailFile> => {
  const fields = new Fields(headerText(mime));
  const notes: string[] = [];
  const messageClass = classOf(fields.value('content-type'));
  const draft = await readMime(mime, messageClass !== MAIL, () => notes.push('mime.truncated'));
  const { bag } = draft;
  const came = timeOf(fields.value('received').split(';').at(-1)) ?? bag.timeOf(ID.ClientSubmitTime);
  const isDraft = fields.value('x-unsent') === '1';
  bag
    .text(ID.MessageClass, messageClass)
    .int(ID.MessageFlags, (isRead(fields) ? MESSAGE_FLAG.read : 0) | (isDraft ? MESSAGE_FLAG.unsent : 0))
    .time(ID.MessageDeliveryTime, isDraft ? undefined : came)
    .time(ID.CreationTime, came)
    .time(ID.LastModificationTime, came);
  notes.push(...draft.warnings);
  return { item: itemOf(draft), notes };
};

/** Whether Thunderbird only waits for the next compaction to remove a message of its mbox: bit 3 of X-Mozilla-Status. */
export const isExpunged = (mime: Uint8Array): boolean => (mozillaStatus(new Fields(headerText(mime))) & 0x0008) !== 0;

const MAIL = 'IPM.Note';

/** [MS-OXOSMIME] 2.1. */
const classOf = (type: string): string => {
  if (/^multipart\/signed\b.*pkcs7-signature/is.test(type)) return 'IPM.Note.SMIME.MultipartSigned';
  return /^application\/(?:x-)?pkcs7-mime\b/i.test(type) ? 'IPM.Note.SMIME' : MAIL;
};

/** A message of a file counts as read unless the program that kept it says otherwise. */
const isRead = (fields: Fields): boolean => {
  if (fields.has('x-mozilla-status')) return (mozillaStatus(fields) & 0x0001) !== 0;
  return !fields.has('status') || fields.value('status').includes('R');
};

const mozillaStatus = (fields: Fields): number => Number.parseInt(fields.value('x-mozilla-status') || '0', 16) || 0;

const timeOf = (text: string | undefined): string | undefined => {
  const ms = Date.parse((text ?? '').replaceAll(/\([^)]*\)/g, '').trim());
  return Number.isNaN(ms) ? undefined : isoTime(new Date(ms).toISOString());
};

/** The first field of each name. */
class Fields {
  readonly #values = new Map<string, string>();

  constructor(head: string) {
    for (const [, name = '', value = ''] of head.replaceAll(/\r?\n[ \t]+/g, ' ').matchAll(/^([!-9;-~]+):(.*)$/gm)) {
      const key = name.toLowerCase();
      if (!this.#values.has(key)) this.#values.set(key, value.trim());
    }
  }

  has(key: string): boolean {
    return this.#values.has(key);
  }

  value(key: string): string {
    return this.#values.get(key) ?? '';
  }
}
