import { createHash } from 'node:crypto';
import { ID, PT, utf16Text, type Attachment, type MapiItem, type Property } from '@pstream/mapi';
import { fileSource, openPst } from '@pstream/pst/reader';

/** An item as every reader can tell it. An attachment is the SHA-256 of its data, 'message' when it is one, or 'none'. */
export type SeenItem = {
  readonly folder: string;
  readonly messageClass: string;
  readonly subject: string;
  readonly recipients: number;
  readonly attachments: readonly string[];
  /** SHA-256 of the data of its attachments and of those of messages in it, at any depth. */
  readonly allData: readonly string[];
  /** Whether its body, or that of a message in it, is RTF in the uncompressed form. */
  readonly storedRtf: boolean;
};

/** Folders (paths below the top of the mailbox, joined by '/') and items of a store. */
export type Seen = { readonly folders: readonly string[]; readonly items: readonly SeenItem[] };

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

const text = (properties: readonly Property[], id: number): string => {
  const found = properties.find((property) => property.id === id && property.type === PT.String);
  return found === undefined ? '' : utf16Text(found.value);
};

const attachment = ({ properties, embedded }: Attachment): string => {
  if (embedded !== undefined) return 'message';
  const data = properties.find(({ id }) => id === ID.AttachData);
  return data === undefined ? 'none' : sha256(data.value);
};

const allData = (item: MapiItem): string[] =>
  item.attachments.flatMap((one) =>
    one.embedded === undefined ? [attachment(one)].filter((data) => data !== 'none') : allData(one.embedded),
  );

const storedRtf = (item: MapiItem): boolean =>
  item.properties.some(({ id, value }) => id === ID.RtfCompressed && Buffer.from(value.subarray(8, 12)).toString('latin1') === 'MELA') ||
  item.attachments.some(({ embedded }) => embedded !== undefined && storedRtf(embedded));

/** What a reader should tell of an item. */
export const describeItem = (folder: string, item: MapiItem): SeenItem => ({
  folder,
  messageClass: text(item.properties, ID.MessageClass),
  subject: plainSubject(text(item.properties, ID.Subject)),
  recipients: item.recipients.length,
  attachments: item.attachments.map(attachment),
  allData: allData(item),
  storedRtf: storedRtf(item),
});

/** A subject without the lead-in of a store: U+0001 and a character that counts. [MS-PST] 2.5.3.1.1.1. */
export const plainSubject = (subject: string): string => (subject.startsWith('\u0001') ? subject.slice(2) : subject);

/** A store as our own strict reader sees it. */
export const ours = async (path: string): Promise<Seen> => {
  const source = await fileSource(path);
  try {
    const pst = await openPst(source, { mode: 'strict' });
    const folders: string[] = [];
    const items: SeenItem[] = [];
    for await (const folder of pst.folders()) {
      const name = folder.path.join('/');
      if (name !== '') folders.push(name);
      for await (const pending of pst.items(folder)) items.push(describeItem(name, await pending.item()));
    }
    return { folders, items };
  } finally {
    await source.close();
  }
};
