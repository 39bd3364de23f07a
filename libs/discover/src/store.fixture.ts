import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { filetimeOf, ID, PT, utf16, type MapiItem, type Property } from '@pstream/mapi';
import { PstWriter } from '@pstream/pst/writer';

/** A mail of a generated store. Addresses that begin with `/o=` are X500; `smtp` names the SMTP address beside one. */
export type Mail = {
  readonly folder?: 'inbox' | 'sentitems';
  readonly from?: string;
  readonly fromSmtp?: string;
  readonly receivedBy?: string;
  readonly receivedBySmtp?: string;
  readonly to?: readonly (string | { readonly address: string; readonly smtp: string })[];
  readonly at?: string;
  readonly headers?: string;
};

const text = (id: number, value: string | undefined): Property[] =>
  value === undefined ? [] : [{ id, type: PT.String, value: utf16(value) }];

const itemOf = (
  { from, fromSmtp, receivedBy, receivedBySmtp, to = [], at = '2021-03-04T05:06:07Z', headers }: Mail,
  key: number,
): MapiItem => ({
  properties: [
    ...text(ID.MessageClass, 'IPM.Note'),
    ...text(ID.Subject, `Mail ${key}`),
    ...text(ID.TransportMessageHeaders, headers),
    ...text(ID.SenderEmailAddress, from),
    ...text(0x0076, receivedBy),
    ...text(0x5d01, fromSmtp),
    ...text(0x5d07, receivedBySmtp),
    { id: ID.SearchKey, type: PT.Binary, value: new Uint8Array(16).fill(key) },
    { id: ID.MessageDeliveryTime, type: PT.Time, value: filetimeOf(at) },
  ].toSorted((a, b) => a.id - b.id),
  recipients: to.map((each) => {
    const { address, smtp } = typeof each === 'string' ? { address: each, smtp: undefined } : each;
    return {
      properties: [
        { id: ID.RecipientType, type: PT.Integer32, value: new Uint8Array([1, 0, 0, 0]) },
        ...text(ID.DisplayName, address),
        ...text(ID.EmailAddress, address),
        ...text(ID.SmtpAddress, smtp),
      ],
    };
  }),
  attachments: [],
  associated: false,
  warnings: [],
});

/** The bytes of a store with these mails. Stores of different keys differ. */
export const storeBytes = async (key: number, mails: readonly Mail[], displayName = 'Outlook Data File'): Promise<Buffer> => {
  const extents = new Map<number, Uint8Array>();
  const target = {
    stage: (index: number, bytes: Uint8Array): Promise<void> => {
      extents.set(index, bytes.slice());
      return Promise.resolve();
    },
  };
  const writer = PstWriter.create(target, { recordKey: new Uint8Array(16).fill(key), displayName, createdAt: '2024-01-01T00:00:00Z' });
  writer.ensureFolder({ key: 'inbox', parent: null, name: 'Inbox', wellKnownName: 'inbox' });
  writer.ensureFolder({ key: 'sentitems', parent: null, name: 'Sent Items', wellKnownName: 'sentitems' });
  for (const [at, mail] of mails.entries()) await writer.addItem(mail.folder ?? 'inbox', itemOf(mail, (at % 250) + 1));
  await writer.seal();
  return Buffer.concat([...extents].sort(([a], [b]) => a - b).map(([, bytes]) => bytes));
};

/** Writes a file and the folders above it. */
export const put = (path: string, bytes: Uint8Array | string): string => {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytes);
  return path;
};
