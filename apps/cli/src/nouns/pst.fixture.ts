import { writeFileSync } from 'node:fs';
import { filetimeOf, ID, PT, utf16, type MapiItem, type Property } from '@pstream/mapi';
import { PstWriter } from '@pstream/pst/writer';

const text = (id: number, value: string): Property => ({ id, type: PT.String, value: utf16(value) });
const mail = (subject: string, key: number): MapiItem => ({
  properties: [
    text(ID.MessageClass, 'IPM.Note'),
    text(ID.Subject, subject),
    { id: ID.SearchKey, type: PT.Binary, value: new Uint8Array(16).fill(key) },
    { id: ID.MessageDeliveryTime, type: PT.Time, value: filetimeOf('2021-03-04T05:06:07Z') },
  ],
  recipients: [],
  attachments: [],
  associated: false,
  warnings: [],
});

/** Writes a PST with one folder and a mail for each subject. */
export const writePst = async (path: string, recordKey: number, subjects: readonly string[]): Promise<void> => {
  const extents = new Map<number, Uint8Array>();
  const target = {
    stage: (index: number, bytes: Uint8Array): Promise<void> => {
      extents.set(index, bytes.slice());
      return Promise.resolve();
    },
  };
  const writer = PstWriter.create(target, {
    recordKey: new Uint8Array(16).fill(recordKey),
    displayName: 'Part',
    createdAt: '2024-01-01T00:00:00Z',
  });
  writer.ensureFolder({ key: 'in', parent: null, name: 'Inbox', wellKnownName: 'inbox' });
  for (const [at, subject] of subjects.entries()) await writer.addItem('in', mail(subject, at + 1));
  await writer.seal();
  writeFileSync(path, Buffer.concat([...extents].sort(([a], [b]) => a - b).map(([, bytes]) => bytes)));
};
