import { ID, RECIPIENT_TYPE, type Attachment, type MapiItem, type Recipient } from '@pstream/mapi';
import PostalMime, { type Address, type Attachment as Part, type Email } from 'postal-mime';
import { fileAttachment, messageAttachment } from './attachments.js';
import { Bag, isoTime } from './bag.js';
import { putBodies } from './bodies.js';
import { truncated, unreadable } from './faults.js';
import { headerText, isCutOff } from './mime-head.js';
import { putReplyTo, putSender, recipient, type Person } from './people.js';
import { securedAttachment } from './secured.js';
import { inUtf8 } from './utf8-mime.js';

/** Messages within messages that are taken apart; a deeper one stays a file. The export stream's own bound is 100. */
const MAX_DEPTH = 50;
/** Each level is parsed again. All of them together may read this many times the message, and something for small ones; what is deeper stays a file. */
const MOST_TIMES = 8;
const ALWAYS_BYTES = 1024 * 1024;

/** Bytes that messages within a message may still read. */
type Budget = { left: number };
const budgetFor = (mime: Uint8Array): Budget => ({ left: MOST_TIMES * mime.length + ALWAYS_BYTES });

/** A message under construction. */
export type Draft = {
  readonly bag: Bag;
  readonly recipients: Recipient[];
  readonly attachments: Attachment[];
  /** What had to be noted: codes, never content. */
  readonly warnings: string[];
};

/** Reads RFC 5322 bytes into MAPI properties, recipients and attachments. `isSecured`: the whole message is one S/MIME attachment and is not
 *  opened ([MS-OXOSMIME] 2.1). `onCutOff` is called where the end is missing, and the message read as far as it goes. Faults
 *  'mime.unreadable' (never) and, without `onCutOff`, 'mime.truncated' (now). */
export const readMime = (mime: Uint8Array, isSecured = false, onCutOff?: () => void): Promise<Draft> =>
  readLevel(mime, isSecured, 0, budgetFor(mime), onCutOff);

const readLevel = async (mime: Uint8Array, isSecured: boolean, depth: number, budget: Budget, onCutOff?: () => void): Promise<Draft> => {
  const { mime: readable, isGuess } = inUtf8(mime);
  let email: Email;
  try {
    email = await PostalMime.parse(readable, { forceRfc822Attachments: true });
  } catch {
    throw unreadable();
  }
  const type = email.headerLines.find(({ key }) => key === 'content-type')?.line ?? '';
  // What a sender signed may end as it likes; everything else was written by the service.
  if (depth === 0 && !isSecured && isCutOff(mime, type)) {
    if (onCutOff === undefined) throw truncated();
    onCutOff();
  }
  const bag = new Bag();
  const at = dateOf(email);
  putHeaders(bag, email, mime, at);
  const attachments: Attachment[] = [];
  if (isSecured) attachments.push(securedAttachment(email, type, mime, at));
  else {
    putBodies(bag, email);
    for (const part of email.attachments)
      attachments.push(await attachmentOf(part, attachments.length, email.html ?? '', at, depth, budget));
  }
  return { bag, recipients: recipientsOf(email), attachments, warnings: isGuess ? ['mime.code-page-guessed'] : [] };
};

/** The Date header. A year of four digits or more is meant as it stands: the platform takes 0001 for 2001. */
const dateOf = ({ date, headers }: Email): string | undefined => {
  const stated = headers.find(({ key }) => key === 'date')?.value ?? '';
  const year = /[a-z]{3,}\.?[\s-]+(\d{4,})/i.exec(stated)?.[1];
  return year !== undefined && Number(year) < FIRST_YEAR ? undefined : isoTime(date);
};

/** FILETIMEs begin here. */
const FIRST_YEAR = 1601;

/** The item of a draft. */
export const itemOf = ({ bag, recipients, attachments, warnings }: Draft): MapiItem => ({
  properties: bag.close(),
  recipients,
  attachments,
  associated: false,
  warnings,
});

const putHeaders = (bag: Bag, email: Email, mime: Uint8Array, at: string | undefined): void => {
  const value = (key: string): string => email.headers.find((header) => header.key === key)?.value.trim() ?? '';
  bag
    .text(ID.Subject, email.subject)
    .time(ID.ClientSubmitTime, at)
    .text(ID.InternetMessageId, email.messageId)
    .text(0x1039, email.references)
    .text(0x1042, email.inReplyTo)
    .text(ID.TransportMessageHeaders, headerText(mime))
    .text(ID.ConversationTopic, email.subject?.replace(/^(?:[^\s\d:]{1,3}: )+/, ''))
    .int(ID.Importance, importanceOf(value('importance'), value('x-priority')))
    .int(ID.Sensitivity, SENSITIVITY[value('sensitivity').toLowerCase()]);
  putSender(bag, peopleOf([email.sender])[0], peopleOf([email.from])[0]);
  putReplyTo(bag, peopleOf(email.replyTo));
};

const SENSITIVITY: Readonly<Record<string, number>> = { personal: 1, private: 2, 'company-confidential': 3 };

const importanceOf = (importance: string, priority: string): number | undefined => {
  const word = importance.toLowerCase();
  if (word === 'high' || (word === '' && /^[12]/.test(priority))) return 2;
  return word === 'low' || (word === '' && /^[45]/.test(priority)) ? 0 : undefined;
};

const peopleOf = (addresses: readonly (Address | undefined)[] = []): readonly Person[] =>
  addresses.flatMap((each) => {
    if (each === undefined) return [];
    return (each.group ?? [each]).flatMap(({ name, address }) =>
      name === '' && address === '' ? [] : [{ name: name === '' ? address : name, address: address === '' ? name : address }],
    );
  });

const recipientsOf = (email: Email): Recipient[] => [
  ...peopleOf(email.to).map((who) => recipient(who)),
  ...peopleOf(email.cc).map((who) => recipient(who, RECIPIENT_TYPE.cc)),
  ...peopleOf(email.bcc).map((who) => recipient(who, RECIPIENT_TYPE.bcc)),
];

const attachmentOf = async (
  part: Part,
  number: number,
  html: string,
  at: string | undefined,
  depth: number,
  budget: Budget,
): Promise<Attachment> => {
  const content = bytesOf(part.content);
  if (part.mimeType === 'message/rfc822' && depth < MAX_DEPTH && content.length > 0 && content.length <= budget.left) {
    budget.left -= content.length;
    const inner = await readLevel(content, false, depth + 1, budget);
    inner.bag
      .text(ID.MessageClass, 'IPM.Note')
      .int(ID.MessageFlags, 1)
      .time(ID.MessageDeliveryTime, inner.bag.timeOf(ID.ClientSubmitTime) ?? at);
    const subject = inner.bag.valueOf(ID.Subject);
    return messageAttachment(
      itemOf(inner),
      subject === undefined ? (part.filename ?? 'message') : Buffer.from(subject).toString('utf16le'),
      number,
      at,
    );
  }
  const contentId = part.contentId?.replace(/^<(.*)>$/, '$1');
  const inline = contentId !== undefined && contentId !== '' && html.includes(`cid:${contentId}`);
  return fileAttachment({ name: part.filename, mimeType: part.mimeType, content, contentId, inline, at }, number);
};

const bytesOf = (content: Part['content']): Uint8Array =>
  typeof content === 'string' ? Buffer.from(content) : content instanceof Uint8Array ? content : new Uint8Array(content);
