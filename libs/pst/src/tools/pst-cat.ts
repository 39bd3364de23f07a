import { Fault } from '@pstream/kernel';
import type { MapiItem } from '@pstream/mapi';
import type { PstFile, PstFolder, PstItem } from '../reader/pst-file.js';
import { NID_TYPE, nidType } from '../shared/index.js';
import { noSuchFolder, pathNames, pathText } from './pst-list.js';
import { printProperty, type PrintableProperty } from './print-property.js';

/** An item laid out for printing. */
export type PrintableItem = {
  readonly associated: boolean;
  readonly properties: readonly PrintableProperty[];
  readonly recipients: readonly (readonly PrintableProperty[])[];
  readonly attachments: readonly { readonly properties: readonly PrintableProperty[]; readonly embedded?: PrintableItem }[];
  readonly warnings: readonly string[];
};

/** What `pst cat` shows: a folder or an item. */
export type PstCat =
  | { readonly kind: 'folder'; readonly path: string; readonly properties: readonly PrintableProperty[] }
  | { readonly kind: 'item'; readonly path: string; readonly item: PrintableItem };

/** An item for printing; binaries are cut at `maxBytes`. */
export const printItem = (item: MapiItem, maxBytes?: number): PrintableItem => {
  const all = (properties: MapiItem['properties']): PrintableProperty[] => properties.map((property) => printProperty(property, maxBytes));
  return {
    associated: item.associated,
    properties: all(item.properties),
    recipients: item.recipients.map(({ properties }) => all(properties)),
    attachments: item.attachments.map(({ properties, embedded }) => ({
      properties: all(properties),
      ...(embedded === undefined ? {} : { embedded: printItem(embedded, maxBytes) }),
    })),
    warnings: item.warnings,
  };
};

/** Finds what a path as `pstList` prints it names: a folder, an item (`folder#0x200024`), or an item by node id alone (`#0x200024`).
 *  Faults: 'pst.no-such-folder', 'pst.no-such-item' (never). */
export const findByPath = async (file: PstFile, path: string): Promise<{ folder: PstFolder } | { item: PstItem }> => {
  const [, folderPart, id] = /^(.*?)(?:#0x([0-9a-f]{1,8}))?$/s.exec(path) ?? [];
  if (id !== undefined) {
    const nid = Number.parseInt(id, 16);
    const type = nidType(nid);
    const isMessage = type === NID_TYPE.message || type === NID_TYPE.associatedMessage;
    if (!isMessage || (await file.ndb.node(nid)) === undefined) {
      throw new Fault('pst.no-such-item', {
        retry: 'never',
        facts: { nid },
        advice: 'List the items of the folder with `pstream pst ls --items`.',
      });
    }
    return { item: file.pending(nid, type === NID_TYPE.associatedMessage) };
  }
  const names = pathNames(folderPart ?? '');
  for await (const folder of file.folders()) {
    if (folder.path.length === names.length && names.every((name, i) => folder.path[i] === name)) return { folder };
  }
  throw noSuchFolder();
};

/** Every property of the folder or item at a path. Binaries are cut at `maxBytes` (64). */
export const pstCat = async (file: PstFile, path: string, options: { readonly maxBytes?: number } = {}): Promise<PstCat> => {
  const found = await findByPath(file, path);
  if ('folder' in found) {
    const { folder } = found;
    return {
      kind: 'folder',
      path: pathText(folder.path),
      properties: folder.properties.map((property) => printProperty(property, options.maxBytes)),
    };
  }
  return { kind: 'item', path, item: printItem(await found.item.item(), options.maxBytes) };
};
