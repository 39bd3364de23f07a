import { ID, isoOfFiletime, isTime, PT, utf16Text, type Property } from '@pstream/mapi';
import type { PstFile, PstFolder, PstItem } from '@pstream/pst/reader';
import { isFault } from '@pstream/kernel';
import { foldAddress, isAddress, isX500 } from './addresses.js';
import { Tally } from './tally.js';

/** What a store holds that tells whose it is, and what else a plan says of it. Times as ISO 8601. */
export type Evidence = {
  readonly displayName: string;
  readonly hasPassword: boolean;
  readonly items: number;
  readonly oldestAt: string | undefined;
  readonly newestAt: string | undefined;
  /** Of items in Sent Items. */
  readonly senders: Tally;
  /** Of items elsewhere. */
  readonly receivers: Tally;
  readonly recipients: Tally;
  /** SMTP addresses that items name beside X500 addresses. */
  readonly learned: ReadonlyMap<string, string>;
};

/** Items that are opened for each question; more would not change the answer. */
const MOST_OPENED = 1_000;
/** Recipients of one item that count: nobody finds himself in a list of hundreds. */
const MOST_RECIPIENTS = 100;
const ENTRY_ID_BYTES = 24;

/** Property ids that nothing else here names. [MS-OXPROPS]. */
const MORE = {
  sentRepresentingEmail: 0x0065,
  receivedByEmail: 0x0076,
  receivedRepresentingEmail: 0x0078,
  senderSmtp: 0x5d01,
  sentRepresentingSmtp: 0x5d02,
  receivedBySmtp: 0x5d07,
  receivedRepresentingSmtp: 0x5d08,
  pstPassword: 0x67ff,
} as const;

const WANTED: ReadonlySet<number> = new Set([
  ...Object.values(MORE),
  ID.SenderEmailAddress,
  ID.EmailAddress,
  ID.SmtpAddress,
  ID.TransportMessageHeaders,
]);

/** Where a list takes mail. RFC 2369. */
const LIST_POST = /^list-post:\s*<mailto:([^>?\s]+)/im;

// cspell:disable
/** Names of Sent Items in stores that do not say which folder it is. */
const SENT = new Set(
  [
    'sent items|sent|sent mail|sent messages|gesendete elemente|gesendete objekte|gesendet|éléments envoyés|envoyés|elementos enviados|enviados',
    'itens enviados|posta inviata|verzonden items|verzonden|skickat|skickade objekt|sendt post|sendte elementer|lähetetyt|elementy wysłane',
    'odeslaná pošta|отправленные|送信済みアイテム|送信済みメール|보낸 편지함|已发送邮件|寄件備份|gönderilmiş öğeler',
  ].flatMap((names) => names.split('|')),
);
// cspell:enable

/** Reads what a store says of its owner: its tables, and of at most 2,000 items, spread evenly, the addresses; no body and no attachment. */
export const evidenceOf = async (file: PstFile, signal: AbortSignal | undefined): Promise<Evidence> => {
  const sentNid = sentFolderOf(file.properties);
  const folders: { readonly nid: number; readonly isSent: boolean; readonly count: number }[] = [];
  for await (const folder of file.folders()) folders.push({ nid: folder.nid, isSent: isSent(folder, sentNid), count: folder.contentCount });
  const learned = new Map<string, string>();
  const counted = { items: 0, oldestAt: undefined as string | undefined, newestAt: undefined as string | undefined };
  const tallies = { senders: new Tally(), receivers: new Tally(), recipients: new Tally() };
  for (const sent of [true, false]) {
    const those = folders.filter((folder) => folder.isSent === sent);
    const step = Math.max(1, Math.ceil(those.reduce((sum, { count }) => sum + count, 0) / MOST_OPENED));
    let at = 0;
    for (const folder of those)
      for await (const item of file.items(folder)) {
        signal?.throwIfAborted();
        counted.items++;
        noteTime(counted, item.deliveredAt);
        if (at++ % step === 0) await note(item, sent, tallies, learned);
      }
  }
  return {
    ...counted,
    ...tallies,
    learned,
    displayName: textOf(file.properties, ID.DisplayName),
    hasPassword: (numberOf(file.properties, MORE.pstPassword) ?? 0) !== 0,
  };
};

const note = async (
  item: PstItem,
  sent: boolean,
  { senders, receivers, recipients }: Readonly<Record<'senders' | 'receivers' | 'recipients', Tally>>,
  learned: Map<string, string>,
): Promise<void> => {
  const read = await item.some(WANTED).catch((error: unknown) => {
    // A damaged item says nothing; the store's problems are counted by the reader.
    if (isFault(error) && error.code !== 'pst.file-shrank' && error.code !== 'pst.file-unreadable') return undefined;
    throw error;
  });
  if (read === undefined) return;
  const { properties } = read;
  const sender = addressOf(properties, [MORE.senderSmtp, MORE.sentRepresentingSmtp], [ID.SenderEmailAddress, MORE.sentRepresentingEmail]);
  learn(learned, properties, ID.SenderEmailAddress, MORE.senderSmtp);
  learn(learned, properties, MORE.sentRepresentingEmail, MORE.sentRepresentingSmtp);
  learn(learned, properties, MORE.receivedByEmail, MORE.receivedBySmtp);
  learn(learned, properties, MORE.receivedRepresentingEmail, MORE.receivedRepresentingSmtp);
  for (const { properties: of } of read.recipients) learn(learned, of, ID.EmailAddress, ID.SmtpAddress);
  if (sent) return senders.add(sender === undefined ? [] : [sender]);
  const receiver = addressOf(properties, [MORE.receivedBySmtp], [MORE.receivedByEmail, MORE.receivedRepresentingEmail]);
  receivers.add(receiver === undefined ? [] : [receiver]);
  const list = foldAddress(LIST_POST.exec(textOf(properties, ID.TransportMessageHeaders))?.[1] ?? '');
  const all = read.recipients.slice(0, MOST_RECIPIENTS).flatMap(({ properties: of }) => {
    const address = addressOf(of, [ID.SmtpAddress], [ID.EmailAddress]);
    return address === undefined || address === list ? [] : [address];
  });
  recipients.add(all);
};

/** An SMTP address if there is one, else an X500 address, folded. */
const addressOf = (properties: readonly Property[], smtp: readonly number[], any: readonly number[]): string | undefined => {
  const found = [...smtp, ...any].map((id) => foldAddress(textOf(properties, id)));
  return found.find(isAddress) ?? found.find(isX500);
};

const learn = (learned: Map<string, string>, properties: readonly Property[], x500: number, smtp: number): void => {
  const [from, to] = [foldAddress(textOf(properties, x500)), foldAddress(textOf(properties, smtp))];
  if (isX500(from) && isAddress(to) && learned.size < MOST_LEARNED) learned.set(from, to);
};
const MOST_LEARNED = 20_000;

const noteTime = (counted: { oldestAt: string | undefined; newestAt: string | undefined }, time: Uint8Array | undefined): void => {
  const text = time !== undefined && isTime(time) ? isoOfFiletime(time) : undefined;
  if (text === undefined) return;
  if (counted.oldestAt === undefined || text < counted.oldestAt) counted.oldestAt = text;
  if (counted.newestAt === undefined || text > counted.newestAt) counted.newestAt = text;
};

const isSent = ({ nid, name }: PstFolder, sentNid: number | undefined): boolean => nid === sentNid || SENT.has(name.trim().toLowerCase());

const sentFolderOf = (properties: readonly Property[]): number | undefined => {
  const entryId = properties.find(({ id }) => id === ID.IpmSentMailEntryId)?.value;
  return entryId?.length === ENTRY_ID_BYTES ? new DataView(entryId.buffer, entryId.byteOffset).getUint32(20, true) : undefined;
};

const textOf = (properties: readonly Property[], wanted: number): string => {
  const found = properties.find(({ id, type }) => id === wanted && type === PT.String);
  return found === undefined ? '' : utf16Text(found.value);
};

const numberOf = (properties: readonly Property[], wanted: number): number | undefined => {
  const found = properties.find(({ id, type }) => id === wanted && type === PT.Integer32);
  return found?.value.length === 4 ? new DataView(found.value.buffer, found.value.byteOffset).getUint32(0, true) : undefined;
};
