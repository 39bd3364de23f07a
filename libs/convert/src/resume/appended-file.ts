import { open, rm, type FileHandle } from 'node:fs/promises';
import { outputFault } from '../parts/file-target.js';

const OWNER_ONLY = 0o600;

/** A file that is only ever added to, made with what is added first. Of one that is there already so many bytes count. */
export abstract class AppendedFile {
  readonly #path: string;
  #file: FileHandle | undefined;
  #bytes: number;

  constructor(path: string, bytes = 0) {
    this.#path = path;
    this.#bytes = bytes;
  }

  /** Bytes that count. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Adds bytes and waits until the disk has them. Fault 'convert.output-unwritable' (never); then nothing more counts than before. */
  protected async append(bytes: Uint8Array): Promise<void> {
    try {
      this.#file ??= await open(this.#path, this.#bytes === 0 ? 'w' : 'r+', OWNER_ONLY);
      // What does not count is cut off first, so that it never stands behind something shorter.
      await this.#file.truncate(this.#bytes);
      for (let done = 0; done < bytes.length; )
        done += (await this.#file.write(bytes, done, bytes.length - done, this.#bytes + done)).bytesWritten;
      await this.#file.datasync();
    } catch (cause) {
      throw outputFault(this.#path, cause);
    }
    this.#bytes += bytes.length;
  }

  async close(): Promise<void> {
    await this.#file?.close();
    this.#file = undefined;
  }

  async remove(): Promise<void> {
    await this.close();
    await rm(this.#path, { force: true });
  }
}
