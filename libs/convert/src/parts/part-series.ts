import { existsSync } from 'node:fs';
import { link, rename, rm, unlink } from 'node:fs/promises';
import { assert, errnoOf, Fault } from '@pstream/kernel';
import type { MapiItem } from '@pstream/mapi';
import { fileSource } from '@pstream/pst/reader';
import { verifyPst } from '@pstream/pst/verify';
import { PstWriter, type ItemReceipt } from '@pstream/pst/writer';
import type { FolderEntry } from '../origin.js';
import { FileTarget, outputFault } from './file-target.js';

/** A finished PST. `bytes` its size, `sha256` in hex. */
export type PartFile = {
  readonly file: string;
  readonly bytes: number;
  readonly items: number;
  readonly folders: number;
  readonly sha256: string;
};

/** How parts are made. `nameOf` gives the path of the nth, from 1; `recordKey` 16 fresh bytes each. */
export type SeriesOptions = {
  readonly nameOf: (ordinal: number) => string;
  readonly displayName: string;
  readonly createdAt: string;
  readonly recordKey: () => Uint8Array;
  /** A new part is begun before a file would pass this size, in bytes. */
  readonly maxBytes: number;
  readonly signal: AbortSignal | undefined;
};

type Open = { readonly writer: PstWriter; readonly target: FileTarget; readonly digests: Uint8Array[]; readonly hidden: boolean[] };

const REGIONS_PER_EXTENT = 16;
const PARTIAL = '.partial';
const keyOf = (path: readonly string[]): string => JSON.stringify(path);

/** PSTs one after the other, each with the folders that its items need, the first with all that are asked for while it is open. Files have
 *  `.partial` names until `finish` has read each of them back; `discard` leaves nothing. */
export class PartSeries {
  readonly #options: SeriesOptions;
  readonly #known = new Map<string, FolderEntry>();
  readonly #sealed: { readonly target: FileTarget; readonly final: string; readonly part: PartFile }[] = [];
  /** Every file that was begun. */
  readonly #targets: FileTarget[] = [];
  #open: Open | undefined;
  #ordinal = 0;

  constructor(options: SeriesOptions) {
    this.#options = options;
  }

  /** Has a folder, and those above it, in the part that is open. The first that names a path says what it is. */
  async addFolder(entry: FolderEntry): Promise<void> {
    for (let depth = 1; depth <= entry.path.length; depth++) {
      const path = entry.path.slice(0, depth);
      const key = keyOf(path);
      if (!this.#known.has(key)) this.#known.set(key, depth === entry.path.length ? entry : { kind: 'folder', path });
    }
    this.#ensure(await this.#current(), entry.path);
  }

  /** Adds an item to a folder, in a new part if the open one would become too large. */
  async addItem(path: readonly string[], item: MapiItem): Promise<ItemReceipt> {
    let open = await this.#current();
    if (open.writer.itemCount > 0 && open.writer.boundAfter(item) > this.#options.maxBytes) {
      await this.#seal();
      open = await this.#current();
    }
    this.#ensure(open, path);
    const receipt = await open.writer.addItem(keyOf(path), item);
    open.digests.push(receipt.digest);
    open.hidden.push(item.associated);
    return receipt;
  }

  /** Seals the last part, gives every file its name and tells what they are. Fault 'convert.output-exists' (never) if a name was taken
   *  meanwhile; then nothing is left. */
  async finish(): Promise<readonly PartFile[]> {
    await this.#current();
    await this.#seal();
    const named: string[] = [];
    try {
      for (const { target, final } of this.#sealed) {
        await giveName(target.path, final);
        named.push(final);
      }
    } catch (error) {
      for (const final of named) await unlink(final);
      throw error;
    }
    for (const { target } of this.#sealed) await rm(target.path, { force: true });
    return this.#sealed.map(({ part }) => part);
  }

  /** Removes every file. */
  async discard(): Promise<void> {
    for (const target of this.#targets) await target.discard();
  }

  async #current(): Promise<Open> {
    if (this.#open !== undefined) return this.#open;
    const { nameOf, displayName, createdAt, recordKey } = this.#options;
    const target = await FileTarget.create(`${nameOf(++this.#ordinal)}${PARTIAL}`, REGIONS_PER_EXTENT);
    this.#targets.push(target);
    const writer = PstWriter.create(target, {
      recordKey: recordKey(),
      displayName,
      createdAt,
      encoding: 'permute',
      regionsPerExtent: REGIONS_PER_EXTENT,
    });
    this.#open = { writer, target, digests: [], hidden: [] };
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
  async #seal(): Promise<void> {
    const open = this.#open;
    assert(open !== undefined, 'a part is open');
    const { writer, target, digests, hidden } = open;
    await writer.seal();
    await target.finish();
    this.#open = undefined;
    const final = this.#options.nameOf(this.#ordinal);
    const source = await fileSource(target.path);
    try {
      const expected = {
        items: digests.length,
        digest: (n: number) => digests[n] as Uint8Array,
        associated: (n: number) => hidden[n] === true,
      };
      const { signal } = this.#options;
      const report = await verifyPst(source, { expected, ...(signal === undefined ? {} : { signal }) });
      const { ok, problems, bytes, items, folders, sha256 = '' } = report;
      this.#sealed.push({ target, final, part: { file: final, bytes, items, folders, sha256 } });
      if (!ok) {
        throw new Fault('convert.part-unsound', {
          retry: 'never',
          facts: { output: final, problem: problems[0]?.code ?? 'unknown', where: problems[0]?.where ?? '' },
          advice:
            'What was written does not read back as it should: the disk or memory may be failing. Try another disk; report it if it stays.',
        });
      }
    } finally {
      await source.close();
    }
  }
}

/** Gives a file its name without ever replacing another. Where there are no hard links (FAT, some shares) the check comes just before. */
const giveName = async (path: string, final: string): Promise<void> => {
  try {
    await link(path, final);
  } catch (error) {
    const code = errnoOf(error);
    if (code === 'EEXIST' || existsSync(final)) throw outputExists(final);
    if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'EOPNOTSUPP' && code !== 'ENOSYS') throw outputFault(final, error);
    await rename(path, final).catch((cause: unknown) => {
      throw outputFault(final, cause);
    });
  }
};

/** A Fault for an output that is there already. */
export const outputExists = (output: string): Fault =>
  new Fault('convert.output-exists', {
    retry: 'never',
    facts: { output },
    advice: 'Choose another name or remove the file; no file is ever overwritten.',
  });
