import { ID, PT, isoOfFiletime, type MapiItem } from '@pstream/mapi';
import { Fault, isFault } from '@pstream/kernel';
import { textProperty } from '../reader/message.js';
import type { PstFile, PstFolder, PstItem } from '../reader/pst-file.js';

/** A line of `pst ls`. Paths join names with `/`, a `/` inside a name written `\/`. An item's path is its folder's path and `#` and its node
 *  id in hex; that is what `pstCat` takes. */
export type PstEntry =
  | {
      readonly kind: 'folder';
      readonly path: string;
      readonly containerClass: string | undefined;
      readonly items: number;
      readonly associatedItems: number;
    }
  | {
      readonly kind: 'item';
      readonly path: string;
      readonly messageClass: string | undefined;
      readonly subject: string | undefined;
      readonly from: string | undefined;
      readonly receivedAt: string | undefined;
      readonly sizeBytes: number | undefined;
      readonly attachments: number;
    }
  | { readonly kind: 'unreadable'; readonly path: string; readonly code: string };

/** What to list: only this folder and those below it; items too, hidden ones too. */
export type ListOptions = { readonly under?: string; readonly items?: boolean; readonly associated?: boolean };

const escaped = (name: string): string => name.replaceAll('\\', '\\\\').replaceAll('/', '\\/');

/** A folder path as one text. The top of the IPM subtree is `/`. */
export const pathText = (path: readonly string[]): string => (path.length === 0 ? '/' : path.map(escaped).join('/'));

/** Splits what `pathText` made. */
export const pathNames = (text: string): string[] => {
  if (text === '/' || text === '') return [];
  const names = [''];
  for (let i = 0; i < text.length; i++) {
    const c = text[i] as string;
    if (c === '\\' && i + 1 < text.length) names[names.length - 1] += text[++i] as string;
    else if (c === '/') names.push('');
    else names[names.length - 1] += c;
  }
  return names;
};

const isUnder = (path: readonly string[], top: readonly string[]): boolean => top.every((name, i) => path[i] === name);

/** Path of an item. */
export const itemPath = (folder: PstFolder, item: PstItem): string => `${pathText(folder.path)}#0x${item.nid.toString(16)}`;

const timeOf = (item: MapiItem, id: number): string | undefined => {
  const found = item.properties.find((property) => property.id === id && property.type === PT.Time);
  return found === undefined ? undefined : isoOfFiletime(found.value);
};

/** Lists folders, and items if asked, depth first. Items are read one at a time, without the data of large attachments.
 *  Throws Fault 'pst.no-such-folder' if `under` names none. */
export async function* pstList(file: PstFile, options: ListOptions = {}): AsyncGenerator<PstEntry> {
  const top = pathNames(options.under ?? '/');
  let found = false;
  for await (const folder of file.folders()) {
    if (!isUnder(folder.path, top)) continue;
    found = true;
    yield {
      kind: 'folder',
      path: pathText(folder.path),
      containerClass: folder.containerClass,
      items: folder.contentCount,
      associatedItems: folder.associatedCount,
    };
    if (options.items !== true) continue;
    yield* itemsOf(file, folder, false);
    if (options.associated === true) yield* itemsOf(file, folder, true);
  }
  if (!found) throw noSuchFolder();
}

async function* itemsOf(file: PstFile, folder: PstFolder, associated: boolean): AsyncGenerator<PstEntry> {
  for await (const pending of file.items(folder, { associated })) {
    const path = itemPath(folder, pending);
    try {
      const item = await pending.item({ maxAttachmentBytes: 0 });
      yield {
        kind: 'item',
        path,
        messageClass: textProperty(item.properties, ID.MessageClass),
        subject: textProperty(item.properties, ID.Subject),
        from: textProperty(item.properties, SENT_REPRESENTING_NAME) ?? textProperty(item.properties, SENDER_NAME),
        receivedAt: timeOf(item, ID.MessageDeliveryTime) ?? timeOf(item, ID.ClientSubmitTime),
        sizeBytes: pending.size,
        attachments: item.attachments.length,
      };
    } catch (error) {
      if (!isFault(error) || !error.code.startsWith('pst.')) throw error;
      yield { kind: 'unreadable', path, code: error.code };
    }
  }
}

const SENT_REPRESENTING_NAME = 0x0042;
const SENDER_NAME = 0x0c1a;

/** The fault for a path that leads nowhere; it does not repeat the path, which is content. */
export const noSuchFolder = (): Fault =>
  new Fault('pst.no-such-folder', { retry: 'never', advice: 'List the folders with `pstream pst ls` and give a path as it prints it.' });
