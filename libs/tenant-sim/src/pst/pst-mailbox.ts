import { encodeExportStream } from '@pstream/fasttransfer';
import { Fault } from '@pstream/kernel';
import { ID, isoOfFiletime, PT, utf16Text, type MapiItem, type Property } from '@pstream/mapi';
import { fileSource, openPst, type PstFile, type PstFolder } from '@pstream/pst/reader';
import { LANGUAGES } from '../generated/languages.js';
import { deriveGuid, digest, idToPlace, placeToId, toEntryId } from '../ids.js';
import type { MailboxSource, SimFolder, SimItem } from '../source.js';
import { asExported } from './as-exported.js';

type Listed = { readonly folder: SimFolder; readonly nids: readonly number[]; readonly sizes: readonly number[] };

const HIDDEN = 0x10f4;
const NO_TIME = '2020-01-01T00:00:00Z';

// A PST does not say which folder is which: its name tells, in the languages known here.
const WELL_KNOWN: ReadonlyMap<string, string> = new Map([
  ['junk e-mail', 'junkemail'],
  ...LANGUAGES.flatMap((language) =>
    Object.entries(language.folders)
      .filter(([key]) => key !== 'feeds' && key !== 'projects' && key !== 'unread')
      .map(([key, name]): [string, string] => [name.toLowerCase(), key]),
  ),
]);

const find = (properties: readonly Property[], id: number, type: number): Uint8Array | undefined =>
  properties.find((each) => each.id === id && each.type === type)?.value;

/** A PST file as a mailbox: folders and item numbers in memory, items read when they are asked for. */
export class PstMailbox implements MailboxSource {
  readonly guid: string;
  readonly rootId: string;
  readonly #metadata = new Map<string, SimItem>();

  private constructor(
    private readonly key: string,
    private readonly pst: PstFile,
    private readonly listed: readonly Listed[],
    readonly close: () => Promise<void>,
  ) {
    this.guid = guidOfKey(key);
    this.rootId = toEntryId(digest('pst root', key).subarray(0, 32));
  }

  /** Opens a file and lists its folders. Fault `pst.unusable` (never) with the file and what is wrong. `key` names the mailbox in its ids. */
  static async open(file: string, key: string): Promise<PstMailbox> {
    try {
      const source = await fileSource(file);
      try {
        const pst = await openPst(source, { mode: 'lenient' });
        return new PstMailbox(key, pst, await listFolders(pst, key), () => source.close());
      } catch (error) {
        await source.close();
        throw error;
      }
    } catch (cause) {
      throw new Fault('pst.unusable', {
        message: `${file}: ${cause instanceof Error ? cause.message : 'cannot be read'}`,
        retry: 'never',
        facts: { file },
        advice: 'Check the path, and that it is a PST file that no other program is writing to.',
        cause,
      });
    }
  }

  folders(): readonly SimFolder[] {
    return this.listed.map((each) => each.folder);
  }

  async items(folder: SimFolder, from: number, to: number): Promise<readonly SimItem[]> {
    const place = this.listed.findIndex((each) => each.folder.id === folder.id);
    const found: SimItem[] = [];
    for (let ordinal = from; ordinal < Math.min(to, folder.count); ordinal++) found.push(await this.#item(place, ordinal));
    return found;
  }

  async find(itemId: string): Promise<SimItem | undefined> {
    const place = idToPlace(itemId, this.key);
    if (place === undefined || place.kind !== 1 || place.guid !== this.guid) return undefined;
    const listed = this.listed[place.folder];
    return listed === undefined || place.ordinal >= listed.nids.length ? undefined : this.#item(place.folder, place.ordinal);
  }

  async stream(item: SimItem): Promise<Uint8Array> {
    return encodeExportStream(await this.content(item));
  }

  async content(item: SimItem): Promise<MapiItem> {
    const place = this.listed.find((each) => each.folder.id === item.folderId);
    const nid = place?.nids[item.ordinal] ?? 0;
    return asExported(await this.pst.pending(nid, false).item());
  }

  async #item(place: number, ordinal: number): Promise<SimItem> {
    const id = placeToId({ guid: this.guid, kind: 1, folder: place, ordinal }, this.key);
    const known = this.#metadata.get(id);
    if (known !== undefined) return known;
    const listed = this.listed[place];
    const nid = listed?.nids[ordinal] ?? 0;
    const properties = await this.#readable(nid);
    const time = (tag: number): string => {
      const value = find(properties, tag, PT.Time);
      const iso = value === undefined ? undefined : isoOfFiletime(value);
      return iso === undefined ? NO_TIME : `${iso.slice(0, 19)}Z`;
    };
    const type = find(properties, ID.MessageClass, PT.String);
    const size = listed?.sizes[ordinal] ?? 0;
    const item: SimItem = {
      id,
      folderId: listed?.folder.id ?? '',
      ordinal,
      type: type === undefined || type.length === 0 ? 'IPM.Note' : utf16Text(type),
      size: size > 0 ? size : properties.reduce((sum, each) => sum + each.value.length, 512),
      created: time(ID.CreationTime),
      modified: time(ID.LastModificationTime),
      changeKey: digest('pst change', this.key, nid).subarray(0, 12).toString('base64'),
      categories: [],
      version: 0,
    };
    this.#metadata.set(id, item);
    return item;
  }

  // A message that cannot be opened is still listed, as in a damaged mailbox; exporting it fails.
  async #readable(nid: number): Promise<readonly Property[]> {
    try {
      return (await this.pst.pending(nid, false).item({ maxAttachmentBytes: 0 })).properties;
    } catch {
      return [];
    }
  }
}

const guidOfKey = (key: string): string => deriveGuid('pst mailbox', key);

const listFolders = async (pst: PstFile, key: string): Promise<readonly Listed[]> => {
  const listed: Listed[] = [];
  const ids = new Map<string, string>();
  for await (const folder of pst.folders()) {
    const nids: number[] = [];
    const sizes: number[] = [];
    for await (const item of pst.items(folder)) {
      nids.push(item.nid);
      sizes.push(item.size ?? 0);
    }
    // The subtree's own root is not a folder of a mailbox, unless something lies in it.
    if (folder.path.length === 0 && nids.length === 0) continue;
    const id = placeToId({ guid: guidOfKey(key), kind: 0, folder: listed.length, ordinal: 0 }, key);
    ids.set(folder.key, id);
    listed.push({ folder: simFolder(folder, id, ids, nids.length), nids, sizes });
  }
  return listed;
};

const simFolder = (folder: PstFolder, id: string, ids: ReadonlyMap<string, string>, count: number): SimFolder => {
  const parentId = folder.path.length < 2 ? null : (ids.get(folder.parentKey ?? '') ?? null);
  return {
    id,
    parentId,
    displayName: folder.name === '' ? 'Inbox' : folder.name,
    type: folder.containerClass ?? null,
    wellKnownName: parentId === null ? (WELL_KNOWN.get(folder.name.toLowerCase()) ?? null) : null,
    isHidden: find(folder.properties, HIDDEN, PT.Boolean)?.[0] === 1,
    count,
  };
};
