import { jest } from '@jest/globals';
import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ID, PT, utf16Text, type MapiItem } from '@pstream/mapi';
import { describeShared } from '@pstream/testing';
import { PSTFile, type PSTFolder, type PSTMessage } from 'pst-extractor';
import { NID_TYPE, nidType } from '../shared/index.js';
import { fileSource, openPst } from './index.js';

type Seen = { folders: string[]; items: string[] };

const sha = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex').slice(0, 16);

/** All subjects and attachment bytes as the npm package pst-extractor reads them. */
const theirs = (path: string): Seen => {
  const out: Seen = { folders: [], items: [] };
  const file = new PSTFile(path);
  const folder = (at: PSTFolder, names: string[]): void => {
    out.folders.push(names.join('/'));
    for (
      let child = at.contentCount > 0 ? (at.getNextChild() as PSTMessage | null) : null;
      child !== null;
      child = at.getNextChild() as PSTMessage | null
    ) {
      const attachments: string[] = [];
      for (let i = 0; i < child.numberOfAttachments; i++) {
        const attachment = child.getAttachment(i);
        const stream = attachment.attachMethod === 5 ? null : attachment.fileInputStream;
        const bytes = Buffer.alloc(stream === null ? 0 : attachment.filesize);
        stream?.readCompletely(bytes);
        attachments.push(`${attachment.attachMethod} ${sha(bytes)}`);
      }
      out.items.push(`${names.join('/')}: ${child.messageClass} ${child.subject} [${attachments.join(', ')}]`);
    }
    for (const sub of at.hasSubfolders ? at.getSubFolders() : []) {
      if (nidType(Number(sub.descriptorNodeId)) !== NID_TYPE.searchFolder) folder(sub, [...names, sub.displayName]);
    }
  };
  folder(file.getRootFolder(), []);
  return { folders: out.folders.toSorted(), items: out.items.toSorted() };
};

const text = (item: MapiItem, id: number): string => {
  const value = item.properties.find((property) => property.id === id && property.type === PT.String)?.value;
  return value === undefined ? '' : utf16Text(value);
};

const ours = async (path: string): Promise<Seen> => {
  const source = await fileSource(path);
  const out: Seen = { folders: [], items: [] };
  try {
    const pst = await openPst(source, { mode: 'lenient' });
    const names = new Map<string, string[]>();
    for await (const folder of pst.folders({ all: true })) {
      const path = folder.parentKey === undefined ? [] : [...(names.get(folder.parentKey) ?? []), folder.name];
      names.set(folder.key, path);
      out.folders.push(path.join('/'));
      for await (const pending of pst.items(folder)) {
        const item = await pending.item();
        const attachments = item.attachments.map(({ properties, embedded }) => {
          const method = properties.find(({ id }) => id === ID.AttachMethod)?.value[0] ?? 0;
          const data = embedded === undefined ? properties.find(({ id }) => id === ID.AttachData)?.value : undefined;
          return `${method} ${sha(data ?? new Uint8Array(0))}`;
        });
        out.items.push(`${path.join('/')}: ${text(item, ID.MessageClass)} ${text(item, ID.Subject)} [${attachments.join(', ')}]`);
      }
    }
  } finally {
    await source.close();
  }
  return { folders: out.folders.toSorted(), items: out.items.toSorted() };
};

/** What the other reader cannot open: ANSI stores, the cyclic encoding, and damage. */
const BEYOND_THEM = new Set([
  'Aspose.Email__AddingBulkMessages_badheader.pst',
  'Aspose.Email__Chunks-Split_Outlook_part0.pst',
  'Aspose.Email__SMTP_Outlook_not-a-pst.pst',
  'PstReader__EDRM_sample.pst',
  'PstReader__Outlook98Backup.pst',
  'PstReader__pst2john_2003_high-encryption_quickquick.pst',
  'PstReader__pst2john_2k_outlook_qwerty1234.pst',
  'pstsdk__sample2.pst',
  'pstsdk__test_ansi.pst',
]);

describeShared('the reader beside pst-extractor', (shared) => {
  const folder = join(shared, 'data/pst');
  // it prints the message classes that it has no class for
  beforeAll(() => jest.spyOn(console, 'error').mockImplementation(() => undefined));
  afterAll(() => jest.restoreAllMocks());

  it.each(readdirSync(folder).filter((name) => !BEYOND_THEM.has(name)))(
    'sees the same folders, items and attachment bytes in %s',
    async (name) => {
      expect(await ours(join(folder, name))).toEqual(theirs(join(folder, name)));
    },
  );
});
