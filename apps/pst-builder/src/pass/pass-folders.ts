import { extractionStream, type SourceFolder } from '@pstream/contracts';
import type { EventStore } from '@pstream/event-store';
import { Fault } from '@pstream/kernel';
import type { OpenPart } from '../part/open-part.js';

/** Knows the folders of a pass by its events, and gives the open part those that it needs. */
export class PassFolders {
  readonly #store: EventStore;
  readonly #passId: string;
  #folders: ReadonlyMap<string, SourceFolder> = new Map();
  /** Those that the open part has. */
  #ensured = new Set<string>();

  constructor(store: EventStore, passId: string) {
    this.#store = store;
    this.#passId = passId;
  }

  /** Reads the folders discovered so far. */
  async load(): Promise<void> {
    const folders = new Map<string, SourceFolder>();
    for (const event of await this.#store.read(extractionStream(this.#passId))) {
      if (event.type === 'FoldersDiscovered') for (const folder of event.data.folders) folders.set(folder.key, folder);
    }
    this.#folders = folders;
  }

  /** Another part is open from here on. */
  begin(): void {
    this.#ensured = new Set();
  }

  /** Gives the part every folder that the pass reads, and nothing of those that a filter skips. */
  async showAll(part: OpenPart): Promise<void> {
    for (const { key, left, into } of this.#folders.values())
      if (left === undefined || left === 'path-only') await this.ensure(part, into?.key ?? key);
  }

  /** The folder of the PST that items of a folder go to: its own, or the one that a mapping names. */
  async homeOf(key: string): Promise<string> {
    if (!this.#folders.has(key)) await this.load();
    return this.#folders.get(key)?.into?.key ?? key;
  }

  /** Gives the part a folder and those above it, once. Fault 'build.folder-unknown' (never). */
  async ensure(part: OpenPart, key: string): Promise<void> {
    if (this.#ensured.has(key)) return;
    let folder = this.#folders.get(key);
    if (folder === undefined) {
      await this.load();
      folder = this.#folders.get(key);
    }
    if (folder === undefined)
      throw new Fault('build.folder-unknown', {
        retry: 'never',
        facts: { folderKey: key },
        advice: 'This is a fault of pstream. Report it with the log of the pst-builder.',
      });
    if (folder.left === 'search-folder') return;
    if (folder.parent !== null) await this.ensure(part, folder.parent);
    part.ensureFolder({
      key,
      parent: folder.parent,
      name: folder.name,
      ...(folder.containerClass === null ? {} : { containerClass: folder.containerClass }),
      ...(folder.wellKnownName === null ? {} : { wellKnownName: folder.wellKnownName }),
    });
    this.#ensured.add(key);
  }
}
