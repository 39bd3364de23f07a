import { createHash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeExportStream } from '@pstream/fasttransfer';
import type { MapiItem } from '@pstream/mapi';
import { deriveGuid, digest, toEntryId } from '../ids.js';
import type { MailboxSource, SimFolder, SimItem } from '../source.js';
import { damaged, readJsonLines, unreadable } from './read-jsonl.js';

type Stored = SimItem & { readonly offset: number; readonly bytes: number; readonly sha256: string; readonly line: number };

/** One mailbox directory of a dump: listings in memory, streams read from streams.bin when they are asked for and checked each first time. */
export class DumpMailbox implements MailboxSource {
  readonly guid: string;
  readonly rootId: string;
  readonly #checked = new Set<string>();

  private constructor(
    private readonly directory: string,
    key: string,
    private readonly streams: FileHandle,
    private readonly tree: readonly SimFolder[],
    private readonly byFolder: ReadonlyMap<string, readonly Stored[]>,
    private readonly byId: ReadonlyMap<string, Stored>,
  ) {
    this.guid = deriveGuid('dump mailbox', key);
    this.rootId = toEntryId(digest('dump root', key).subarray(0, 32));
  }

  /** Reads the listings and checks them against each other. `key` names the mailbox in its guid. */
  static async open(directory: string, key: string): Promise<DumpMailbox> {
    const folders = await readFolders(join(directory, 'folders.jsonl'));
    const file = join(directory, 'streams.bin');
    let streams: FileHandle;
    try {
      streams = await open(file, 'r');
    } catch (cause) {
      throw unreadable(file, cause);
    }
    try {
      const { size } = await streams.stat();
      const { byFolder, byId } = await readItems(join(directory, 'items.jsonl'), folders, size);
      const tree = [...folders.values()].map((folder) => ({ ...folder, count: byFolder.get(folder.id)?.length ?? 0 }));
      return new DumpMailbox(directory, key, streams, tree, byFolder, byId);
    } catch (error) {
      await streams.close();
      throw error;
    }
  }

  folders(): readonly SimFolder[] {
    return this.tree;
  }

  items(folder: SimFolder, from: number, to: number): Promise<readonly SimItem[]> {
    return Promise.resolve(this.byFolder.get(folder.id)?.slice(from, to) ?? []);
  }

  find(itemId: string): Promise<SimItem | undefined> {
    return Promise.resolve(this.byId.get(itemId));
  }

  async stream(item: SimItem): Promise<Uint8Array> {
    const stored = this.byId.get(item.id);
    const file = join(this.directory, 'items.jsonl');
    if (stored === undefined) throw damaged(file, undefined, 'has no such item any more');
    const buffer = Buffer.allocUnsafe(stored.bytes);
    const { bytesRead } = await this.streams.read(buffer, 0, stored.bytes, stored.offset);
    if (bytesRead !== stored.bytes)
      throw damaged(file, stored.line, `its stream ends after ${bytesRead} of ${stored.bytes} bytes in streams.bin`);
    if (!this.#checked.has(stored.id)) {
      const sha256 = createHash('sha256').update(buffer).digest('hex');
      if (sha256 !== stored.sha256)
        throw damaged(
          file,
          stored.line,
          `the stream at offset ${stored.offset} of streams.bin has SHA-256 ${sha256}, not ${stored.sha256}`,
        );
      this.#checked.add(stored.id);
    }
    return buffer;
  }

  async content(item: SimItem): Promise<MapiItem> {
    return decodeExportStream(await this.stream(item));
  }

  /** Closes streams.bin. */
  close(): Promise<void> {
    return this.streams.close();
  }
}

const readFolders = async (file: string): Promise<ReadonlyMap<string, SimFolder>> => {
  const folders = new Map<string, SimFolder>();
  for await (const fields of readJsonLines(file)) {
    const id = fields.text('id');
    const parentId = fields.textOrNull('parentId');
    if (folders.has(id)) throw fields.complain(`the folder id ${id} stands there twice`);
    if (parentId !== null && !folders.has(parentId)) throw fields.complain(`the parent folder ${parentId} does not stand before it`);
    const wellKnownName = fields.textOrNull('wellKnownName');
    const [displayName, type, isHidden] = [fields.text('displayName'), fields.textOrNull('type'), fields.flag('isHidden')];
    folders.set(id, { id, parentId, displayName, type, wellKnownName, isHidden, count: 0 });
  }
  return folders;
};

const readItems = async (
  file: string,
  folders: ReadonlyMap<string, SimFolder>,
  streamBytes: number,
): Promise<{ readonly byFolder: ReadonlyMap<string, readonly Stored[]>; readonly byId: ReadonlyMap<string, Stored> }> => {
  const byFolder = new Map<string, Stored[]>();
  const byId = new Map<string, Stored>();
  for await (const fields of readJsonLines(file)) {
    // Hidden (folder-associated) items are not what the items collection lists.
    if (fields.flag('associated')) continue;
    const id = fields.text('id');
    const folderId = fields.text('folderId');
    if (byId.has(id)) throw fields.complain(`the item id ${id} stands there twice`);
    if (!folders.has(folderId)) throw fields.complain(`the folder ${folderId} is not in folders.jsonl`);
    const stream = fields.inner('stream');
    const [offset, bytes, sha256] = [stream.count('offset'), stream.count('bytes'), stream.text('sha256')];
    if (offset + bytes > streamBytes)
      throw fields.complain(`its stream ends at ${offset + bytes}, but streams.bin has ${streamBytes} bytes`);
    const siblings = byFolder.get(folderId) ?? [];
    const item: Stored = {
      id,
      folderId,
      ordinal: siblings.length,
      type: fields.text('type'),
      size: fields.count('size'),
      created: fields.text('createdDateTime'),
      modified: fields.text('lastModifiedDateTime'),
      changeKey: fields.text('changeKey'),
      categories: [],
      version: 0,
      offset,
      bytes,
      sha256,
      line: fields.line ?? 0,
    };
    siblings.push(item);
    byFolder.set(folderId, siblings);
    byId.set(id, item);
  }
  return { byFolder, byId };
};
