import { existsSync } from 'node:fs';
import { link, open, rename, rm, type FileHandle } from 'node:fs/promises';
import { errnoOf, Fault } from '@pstream/kernel';
import { AMAP_SPAN, HEADER_EXTENT_BYTES, type PartTarget } from '@pstream/pst/writer';

const OWNER_ONLY = 0o600;

/** A part in a file of this machine. */
export class FileTarget implements PartTarget {
  readonly path: string;
  readonly #file: FileHandle;
  readonly #extentBytes: number;
  /** Bytes written since the file was opened. */
  staged = 0;

  private constructor(path: string, file: FileHandle, regionsPerExtent: number) {
    this.path = path;
    this.#file = file;
    this.#extentBytes = regionsPerExtent * AMAP_SPAN;
  }

  /** Begins the file; one that is there already, left by a run that was killed, is begun again. Fault 'convert.output-unwritable' (never). */
  static async create(path: string, regionsPerExtent: number): Promise<FileTarget> {
    try {
      await rm(path, { force: true });
      return new FileTarget(path, await open(path, 'wx', OWNER_ONLY), regionsPerExtent);
    } catch (cause) {
      throw outputFault(path, cause);
    }
  }

  /** Opens the file of a run that was stopped, to write on. Fault 'convert.output-unwritable' (never). */
  static async open(path: string, regionsPerExtent: number): Promise<FileTarget> {
    try {
      return new FileTarget(path, await open(path, 'r+'), regionsPerExtent);
    } catch (cause) {
      throw outputFault(path, cause);
    }
  }

  async stage(index: number, bytes: Uint8Array): Promise<void> {
    let position = index === 0 ? 0 : HEADER_EXTENT_BYTES + (index - 1) * this.#extentBytes;
    for (let done = 0; done < bytes.length; ) {
      const { bytesWritten } = await this.#file.write(bytes, done, bytes.length - done, position).catch((cause: unknown) => {
        throw outputFault(this.path, cause);
      });
      done += bytesWritten;
      position += bytesWritten;
    }
    this.staged += bytes.length;
  }

  /** Waits until the disk has everything. */
  async sync(): Promise<void> {
    await this.#file.datasync().catch((cause: unknown) => {
      throw outputFault(this.path, cause);
    });
  }

  /** Waits until the disk has everything and closes the file. */
  async finish(): Promise<void> {
    await this.sync();
    await this.close();
  }

  async close(): Promise<void> {
    await this.#file.close().catch(() => undefined);
  }
}

/** A Fault for an output file that cannot be written: what stands in the way, and what to do. */
export const outputFault = (path: string, cause: unknown): Fault => {
  const reason = errnoOf(cause) ?? 'unknown';
  return new Fault('convert.output-unwritable', {
    retry: 'never',
    facts: { output: path, reason },
    cause,
    advice: ADVICE[reason] ?? 'Check that the folder exists and may be written to.',
  });
};

const FULL = 'The disk is full. Free space there, or choose another disk.';
const ADVICE: Readonly<Record<string, string>> = {
  ENOSPC: FULL,
  EDQUOT: FULL,
  EFBIG: 'The file system takes no file this large. Use --split with a smaller size, or another disk.',
  ENAMETOOLONG: 'The name is too long for the file system. Choose a shorter one.',
};

/** Gives a file its name without ever replacing another. Where there are no hard links (FAT, some shares) the check comes just before.
 *  Faults (never): 'convert.output-exists', 'convert.output-unwritable'. */
export const giveName = async (path: string, final: string): Promise<void> => {
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
