import { ID, PT } from '@pstream/mapi';
import type { Problem } from '../format/index.js';
import { textProperty } from '../reader/message.js';
import type { PstFile } from '../reader/pst-file.js';
import { CRYPT } from '../shared/index.js';
import { guidText } from './print-property.js';

/** What `pst info` tells: form, header counters, and what the folders hold. Sizes in bytes. */
export type PstInfo = {
  readonly form: 'unicode' | 'ansi' | 'unicode-4k';
  readonly wVer: number;
  readonly encoding: string;
  readonly bytes: number;
  readonly freeBytes: number;
  readonly displayName: string | undefined;
  readonly recordKey: string | undefined;
  readonly namedProperties: number;
  readonly folders: number;
  readonly items: number;
  readonly associatedItems: number;
  readonly itemsByFolderClass: Readonly<Record<string, number>>;
  readonly problems: readonly Problem[];
};

/** Walks the folders of the IPM subtree and sums up; reads no item. */
export const pstInfo = async (file: PstFile): Promise<PstInfo> => {
  const { header } = file;
  let folders = 0;
  let items = 0;
  let associatedItems = 0;
  const byClass: Record<string, number> = {};
  for await (const folder of file.folders()) {
    if (folder.path.length > 0) folders++;
    items += folder.contentCount;
    associatedItems += folder.associatedCount;
    const kind = folder.containerClass ?? '';
    byClass[kind] = (byClass[kind] ?? 0) + folder.contentCount;
  }
  const key = file.properties.find(({ id, type }) => id === ID.RecordKey && type === PT.Binary)?.value;
  return {
    form: header.form.name,
    wVer: header.wVer,
    encoding: Object.entries(CRYPT).find(([, method]) => method === header.bCryptMethod)?.[0] ?? String(header.bCryptMethod),
    bytes: file.ndb.size,
    freeBytes: header.cbAMapFree,
    displayName: textProperty(file.properties, ID.DisplayName),
    recordKey: key?.length === 16 ? guidText(key) : undefined,
    namedProperties: file.names.size,
    folders,
    items,
    associatedItems,
    itemsByFolderClass: byClass,
    problems: file.problems,
  };
};
