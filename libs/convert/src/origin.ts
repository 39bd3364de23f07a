import type { MapiItem, Property } from '@pstream/mapi';

/** What a file can be, as its first bytes tell, and for `eml` its name. */
export type Form = 'pst' | 'ost' | 'msg' | 'tnef' | 'mbox' | 'eml';

/** A folder that a source has. `path` are the names from the top of the new store. */
export type FolderEntry = {
  readonly kind: 'folder';
  readonly path: readonly string[];
  readonly containerClass?: string;
  readonly wellKnownName?: string;
  readonly properties?: readonly Property[];
};

/** What reading an item gave: the item, and what could not be read of it (codes with places, never content). */
export type Loaded = { readonly item: MapiItem; readonly notes: readonly string[] };

/** An item that a source has, not read yet. `where` finds it in its source: a node id, a number, nothing for a file of one item. */
export type ItemEntry = {
  readonly kind: 'item';
  readonly path: readonly string[];
  readonly where: string;
  load(): Promise<Loaded>;
};

export type Entry = FolderEntry | ItemEntry;

/** An open source: its folders and items in reading order, a folder before what it holds. `met` are problems of the source as a whole so far, in
 *  the order in which they were met; `problems` further ones, known when all entries have been read. */
export type Origin = {
  readonly form: Form;
  entries(signal: AbortSignal | undefined): AsyncGenerator<Entry>;
  met(): readonly string[];
  problems(): readonly string[];
  close(): Promise<void>;
};
