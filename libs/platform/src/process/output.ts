import { Fault } from '@pstream/kernel';

/** What `ProcessOutput` needs of standard output or standard error. */
export type OutputStream = {
  write(text: string, done: (error?: Error | null) => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
};

/** Standard output or standard error of this process. Whoever reads it may go away (EPIPE), and the disk of a file may be full (ENOSPC):
 *  that ends no work. What could not be written is counted, and the first line that goes through again is followed by one that says so. */
export class ProcessOutput {
  readonly #name: string;
  readonly #stream: OutputStream;
  readonly #again: (lost: number) => string;
  #lost = 0;
  #gap = 0;

  /** `again` makes the line that tells how many writes were lost. */
  constructor(name: 'stdout' | 'stderr', stream: OutputStream, again: (lost: number) => string) {
    this.#name = name;
    this.#stream = stream;
    this.#again = again;
    // Without a listener the stream's error would end the process in the middle of its work. Writes learn of it by their callback.
    stream.on('error', () => undefined);
  }

  /** Writes that were lost since the process started. */
  get lost(): number {
    return this.#lost;
  }

  /** Writes as well as it can. */
  write(text: string): void {
    this.written(text).catch(() => undefined);
  }

  /** Resolves when the text is written. Fault 'output.unwritable' (never). */
  async written(text: string): Promise<void> {
    try {
      await this.#put(text);
    } catch (cause) {
      this.#lost++;
      this.#gap++;
      const reason = typeof cause === 'object' && cause !== null && 'code' in cause ? String(cause.code) : 'unknown';
      throw new Fault('output.unwritable', {
        message: `${this.#name === 'stdout' ? 'Standard output' : 'Standard error'} cannot be written (${reason}).`,
        retry: 'never',
        facts: { output: this.#name, reason },
        advice: 'Give a terminal, a pipe that somebody reads, or a file on a disk that has space.',
        cause,
      });
    }
    if (this.#gap === 0) return;
    const line = this.#again(this.#gap);
    this.#gap = 0;
    this.write(line);
  }

  #put(text: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#stream.write(text, (error) => (error ? reject(error) : resolve()));
    });
  }
}
