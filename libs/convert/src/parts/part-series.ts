import { stat } from 'node:fs/promises';
import { assert, Fault, isFault } from '@pstream/kernel';
import type { MapiItem } from '@pstream/mapi';
import { fileSource } from '@pstream/pst/reader';
import { verifyPst } from '@pstream/pst/verify';
import { PstWriter, type ItemReceipt } from '@pstream/pst/writer';
import type { FolderEntry } from '../origin.js';
import type { PartFile } from '../report.js';
import type { Kept } from '../resume/journal.js';
import { keptDamaged, PartState, readPartState, type Written } from '../resume/part-state.js';
import { FileTarget } from './file-target.js';
import { giveNames, partialOf, removeTraces, stateOf } from './names.js';

/** How parts are made. `nameOf` gives the path of the nth, from 1; `recordKey` 16 fresh bytes each. `beforeSeal` and `sealed` are waited for before the
 *  last bytes of a part are written, and when it has been read back. */
export type SeriesOptions = {
  readonly nameOf: (ordinal: number) => string;
  readonly displayName: string;
  readonly createdAt: string;
  readonly recordKey: () => Uint8Array;
  /** A new part is begun before a file would pass this size, in bytes. */
  readonly maxBytes: number;
  readonly signal: AbortSignal | undefined;
  readonly beforeSeal: () => Promise<void>;
  readonly sealed: (part: PartFile, isLast: boolean) => Promise<void>;
};

/** What a series adds to a checkpoint: folders that none before has, and how far the open part is saved. */
export type SeriesMark = {
  readonly folders: readonly FolderEntry[];
  readonly part: { readonly ordinal: number; readonly state: number } | null;
};

type Open = {
  readonly writer: PstWriter;
  readonly target: FileTarget;
  readonly state: PartState;
  readonly written: Written[];
  saved: number;
};

/** One, since a checkpoint holds the bytes of the open extent. */
const REGIONS_PER_EXTENT = 1;
const keyOf = (path: readonly string[]): string => JSON.stringify(path);
const sizeOf = async (path: string): Promise<number | undefined> => (await stat(path).catch(() => undefined))?.size;

/** PSTs one after the other, each with the folders that its items need, the first with all that are asked for while it is open. Files have
 *  `.partial` names until `finish` has read each of them back; `discard` leaves nothing. */
export class PartSeries {
  readonly #options: SeriesOptions;
  readonly #known = new Map<string, FolderEntry>();
  readonly #sealed: PartFile[] = [];
  #unsaved: FolderEntry[] = [];
  #open: Open | undefined;
  #ordinal = 0;

  constructor(options: SeriesOptions) {
    this.#options = options;
  }

  /** A series as a run left it. Faults (never): 'convert.kept-damaged', 'convert.output-unwritable'. */
  static async resume(options: SeriesOptions, { folders, sealed, part, isComplete }: Kept): Promise<PartSeries> {
    const series = new PartSeries(options);
    for (const { file, bytes } of sealed) {
      const size = await sizeOf(partialOf(file));
      // Where only names were left to give, some may be given.
      if (size !== bytes && !(isComplete && size === undefined)) throw keptDamaged(partialOf(file));
    }
    for (const folder of folders) series.#known.set(keyOf(folder.path), folder);
    series.#sealed.push(...sealed);
    series.#ordinal = sealed.length;
    if (part === null) return series;
    const final = options.nameOf(part.ordinal);
    const { checkpoints, written } = await readPartState(stateOf(final), part.state);
    if ((await sizeOf(partialOf(final))) === undefined) throw keptDamaged(partialOf(final));
    const target = await FileTarget.open(partialOf(final), REGIONS_PER_EXTENT);
    try {
      const writer = PstWriter.resume(target, checkpoints);
      if (((await sizeOf(target.path)) ?? 0) < writer.stagedEnd) throw keptDamaged(target.path);
      series.#open = { writer, target, state: new PartState(stateOf(final), part.state), written: [...written], saved: written.length };
      series.#ordinal = part.ordinal;
      return series;
    } catch (error) {
      await target.close();
      throw isFault(error) && error.code.startsWith('checkpoint.') ? keptDamaged(stateOf(final), error) : error;
    }
  }

  /** Bytes and items of the open part that no checkpoint has yet. */
  get unsaved(): { readonly bytes: number; readonly items: number } {
    return { bytes: this.#open?.target.staged ?? 0, items: (this.#open?.written.length ?? 0) - (this.#open?.saved ?? 0) };
  }

  /** Parts that have been read back. */
  get sealedCount(): number {
    return this.#sealed.length;
  }

  /** Whether a checkpoint can be taken: no write has failed, and no part is being sealed. */
  get canBeSaved(): boolean {
    return this.#open?.writer.isOpen !== false;
  }

  /** Has a folder, and those above it, in the part that is open. The first that names a path says what it is. */
  async addFolder(entry: FolderEntry): Promise<void> {
    for (let depth = 1; depth <= entry.path.length; depth++) {
      const path = entry.path.slice(0, depth);
      const key = keyOf(path);
      if (this.#known.has(key)) continue;
      const folder: FolderEntry = depth === entry.path.length ? entry : { kind: 'folder', path };
      this.#known.set(key, folder);
      this.#unsaved.push(folder);
    }
    this.#ensure(await this.#current(), entry.path);
  }

  /** Adds an item to a folder, in a new part if the open one would become too large. */
  async addItem(path: readonly string[], item: MapiItem): Promise<ItemReceipt> {
    let open = await this.#current();
    if (open.writer.itemCount > 0 && open.writer.boundAfter(item) > this.#options.maxBytes) {
      await this.#seal(false);
      open = await this.#current();
    }
    this.#ensure(open, path);
    const receipt = await open.writer.addItem(keyOf(path), item);
    open.written.push({ digest: receipt.digest, hidden: item.associated });
    return receipt;
  }

  /** Saves what a resume needs of the open part, on the disk when this resolves. */
  async save(): Promise<SeriesMark> {
    const folders = this.#unsaved;
    this.#unsaved = [];
    const open = this.#open;
    if (open === undefined) return { folders, part: null };
    await open.target.sync();
    await open.state.add(open.writer.checkpoint(), open.written.slice(open.saved));
    open.saved = open.written.length;
    open.target.staged = 0;
    return { folders, part: { ordinal: this.#ordinal, state: open.state.bytes } };
  }

  /** Seals the last part. */
  async finish(): Promise<void> {
    await this.#current();
    await this.#seal(true);
  }

  /** Gives every file its name, see `giveNames`, and says what they are. */
  async name(): Promise<readonly PartFile[]> {
    await giveNames(this.#sealed);
    return this.#sealed;
  }

  /** Closes what is open; the files stay. */
  async close(): Promise<void> {
    await this.#open?.target.close();
    await this.#open?.state.close();
  }

  /** Removes every file that has no name of its own. */
  async discard(): Promise<void> {
    await this.close();
    await removeTraces(Array.from({ length: this.#ordinal }, (_, at) => this.#options.nameOf(at + 1)));
  }

  async #current(): Promise<Open> {
    if (this.#open !== undefined) return this.#open;
    const { nameOf, displayName, createdAt, recordKey } = this.#options;
    const final = nameOf(++this.#ordinal);
    const target = await FileTarget.create(partialOf(final), REGIONS_PER_EXTENT);
    const writer = PstWriter.create(target, {
      recordKey: recordKey(),
      displayName,
      createdAt,
      encoding: 'permute',
      regionsPerExtent: REGIONS_PER_EXTENT,
    });
    this.#open = { writer, target, state: new PartState(stateOf(final)), written: [], saved: 0 };
    return this.#open;
  }

  #ensure({ writer }: Open, path: readonly string[]): void {
    for (let depth = 1; depth <= path.length; depth++) {
      const at = path.slice(0, depth);
      const { containerClass, wellKnownName, properties } = this.#known.get(keyOf(at)) ?? {};
      writer.ensureFolder({
        key: keyOf(at),
        parent: depth === 1 ? null : keyOf(at.slice(0, -1)),
        name: at.at(-1) ?? '',
        ...(containerClass === undefined ? {} : { containerClass }),
        ...(wellKnownName === undefined ? {} : { wellKnownName }),
        ...(properties === undefined ? {} : { properties }),
      });
    }
  }

  /** Seals the open part and reads it back: structure, allocation, tables, and each item against the digest of what was written. */
  async #seal(isLast: boolean): Promise<void> {
    await this.#options.beforeSeal();
    const open = this.#open;
    assert(open !== undefined, 'a part is open');
    const { writer, target, state, written } = open;
    await writer.seal();
    await target.finish();
    const final = this.#options.nameOf(this.#ordinal);
    const source = await fileSource(target.path);
    try {
      const expected = {
        items: written.length,
        digest: (n: number) => (written[n] as Written).digest,
        associated: (n: number) => written[n]?.hidden === true,
      };
      const { signal } = this.#options;
      const report = await verifyPst(source, { expected, ...(signal === undefined ? {} : { signal }) });
      const { ok, problems, bytes, items, folders, sha256 = '' } = report;
      if (!ok) {
        throw new Fault('convert.part-unsound', {
          retry: 'never',
          facts: { output: final, problem: problems[0]?.code ?? 'unknown', where: problems[0]?.where ?? '' },
          advice:
            'What was written does not read back as it should: the disk or memory may be failing. Try another disk; report it if it stays.',
        });
      }
      const part = { file: final, bytes, items, folders, sha256 };
      await this.#options.sealed(part, isLast);
      this.#open = undefined;
      this.#sealed.push(part);
      await state.remove();
    } finally {
      await source.close();
    }
  }
}
