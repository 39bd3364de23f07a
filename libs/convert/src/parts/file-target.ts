import { open, rm, type FileHandle } from 'node:fs/promises';
import { errnoOf, Fault } from '@pstream/kernel';
import { AMAP_SPAN, HEADER_EXTENT_BYTES, type PartTarget } from '@pstream/pst/writer';

const OWNER_ONLY = 0o600;

/** A part in a file of this machine, made new. */
export class FileTarget implements PartTarget {
  readonly path: string;
  readonly #file: FileHandle;
  readonly #extentBytes: number;

  private constructor(path: string, file: FileHandle, regionsPerExtent: number) {
    this.path = path;
    this.#file = file;
    this.#extentBytes = regionsPerExtent * AMAP_SPAN;
  }

  /** Begins the file; one that is there already, left by a run that was killed, is begun again. Fault 'convert.output-unwritable' (never). */
  static async create(path: string, regionsPerExtent: number): Promise<FileTarget> {
    await rm(path, { force: true });
    const file = await open(path, 'wx', OWNER_ONLY).catch((cause: unknown) => {
      throw outputFault(path, cause);
    });
    return new FileTarget(path, file, regionsPerExtent);
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
  }

  /** Waits until the disk has everything. */
  async finish(): Promise<void> {
    await this.#file.sync().catch((cause: unknown) => {
      throw outputFault(this.path, cause);
    });
    await this.#file.close();
  }

  /** Removes what was written. */
  async discard(): Promise<void> {
    await this.#file.close().catch(() => undefined);
    await rm(this.path, { force: true });
  }
}

/** A Fault for an output file that cannot be written: what stands in the way, and what to do. */
export const outputFault = (path: string, cause: unknown): Fault => {
  const reason = errnoOf(cause) ?? 'unknown';
  return new Fault('convert.output-unwritable', {
    retry: 'never',
    facts: { output: path, reason },
    cause,
    advice:
      reason === 'ENOSPC'
        ? 'The disk is full. Free space or choose another disk; nothing was left half written.'
        : 'Check that the folder exists and may be written to.',
  });
};
