import { ID, type MapiItem } from '@pstream/mapi';
import { file, integer, mail, person, text } from '../writer/items.fixture.js';
import { memoryPart } from '../writer/memory-target.fixture.js';
import type { PstFile } from './index.js';

/** A store of ours with a bit of everything, and the digests of its items in the order of writing. */
export type SmallStore = { readonly bytes: Uint8Array; readonly digests: readonly Uint8Array[]; readonly items: readonly MapiItem[] };

/** Writes a store: two folders, mails with recipients, attachments in heap, subnode and data tree, an embedded message, a hidden item. */
export const smallStore = async (encoding: 'none' | 'permute' = 'permute'): Promise<SmallStore> => {
  const inner = mail('inner', { attachments: [file('deep.bin', 5000)] });
  const items = [
    mail('plain'),
    mail('RE: with people', { recipients: [person(1, 'Ada', 'ada@example.org'), person(2, 'Bob', 'bob@example.org')] }, [
      text(ID.SubjectPrefix, 'RE: '),
    ]),
    mail('with files', { attachments: [file('small.txt', 100), file('big.bin', 100_000)] }),
    mail('with a message', { attachments: [{ properties: [integer(ID.AttachMethod, 5)], embedded: inner }] }),
    mail('hidden', { associated: true }),
  ];
  const { target, writer } = memoryPart({ recordKey: Uint8Array.from({ length: 16 }, (_, i) => i + 1), displayName: 'Small', encoding });
  writer.ensureFolder({ key: 'inbox', parent: null, name: 'Inbox', wellKnownName: 'inbox' });
  writer.ensureFolder({ key: 'sub', parent: 'inbox', name: 'Project/X' });
  const digests: Uint8Array[] = [];
  for (const [i, item] of items.entries()) digests.push((await writer.addItem(i % 2 === 0 ? 'inbox' : 'sub', item)).digest);
  await writer.seal();
  return { bytes: new Uint8Array(target.file()), digests, items };
};

/** The value, which the test knows to be there. */
export const there = <T>(value: T | undefined): T => {
  if (value === undefined) throw new Error('nothing there');
  return value;
};

/** Counts of a walk over everything a store holds. */
export type Walked = {
  folders: number;
  items: number;
  associated: number;
  attachments: number;
  recipients: number;
  mostBytes: number;
  unreadable: string[];
};

const bytesOf = (item: MapiItem): number => {
  let bytes = 0;
  for (const bag of [item, ...item.recipients, ...item.attachments]) {
    for (const { value, values } of bag.properties) bytes += value.length + (values ?? []).reduce((sum, one) => sum + one.length, 0);
  }
  return bytes + item.attachments.reduce((sum, { embedded }) => sum + (embedded === undefined ? 0 : bytesOf(embedded)), 0);
};

/** Reads every folder, every item and every attachment; items that throw a fault are noted by code. */
export const walk = async (pst: PstFile): Promise<Walked> => {
  const out: Walked = { folders: 0, items: 0, associated: 0, attachments: 0, recipients: 0, mostBytes: 0, unreadable: [] };
  for await (const folder of pst.folders({ all: true })) {
    out.folders++;
    for (const associated of [false, true]) {
      for await (const pending of pst.items(folder, { associated })) {
        out[associated ? 'associated' : 'items']++;
        try {
          const item = await pending.item();
          if (!associated) out.attachments += item.attachments.length;
          out.recipients += item.recipients.length;
          out.mostBytes = Math.max(out.mostBytes, bytesOf(item));
        } catch (error) {
          if (!(error instanceof Error) || !('code' in error) || !String(error.code).startsWith('pst.')) throw error;
          out.unreadable.push(String(error.code));
        }
      }
    }
  }
  return out;
};
