import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { Defect, THREAD_LIMITS } from '@pstream/kernel';
import { CONTROL, type HashJob } from './hash-job.js';

/** SHA-256 over a ring of buffers that are filled in turn. */
export type Hasher = {
  /** Takes the next buffer; its first `length` bytes behind `from` count, and stay as they are until hashed. */
  filled(length: number): void;
  /** Resolves when at most `pending` of the buffers taken are not hashed yet; undefined if that is so already. */
  hashed(pending: number): Promise<void> | undefined;
  /** The hash in hex. Nothing may be added after. */
  digest(): Promise<string>;
  /** Gives up what is not finished. */
  close(): void;
};

/** Hashes in the thread of the caller. */
export const inlineHasher = (buffers: readonly SharedArrayBuffer[], from: number): Hasher => {
  const hash = createHash('sha256');
  let count = 0;
  return {
    filled: (length) => void hash.update(new Uint8Array(buffers[count++ % buffers.length] as SharedArrayBuffer, from, length)),
    hashed: () => undefined,
    digest: () => Promise.resolve(hash.digest('hex')),
    close: () => undefined,
  };
};

/** The thread, compiled or, in tests, as it was written. */
const THREAD = new URL(import.meta.url.endsWith('.ts') ? './hash-thread.ts' : './hash-thread.js', import.meta.url);

/** True if there is a second processor for a thread, and its file (there is none in a bundle). */
export const canHashInThread = (): boolean => availableParallelism() > 1 && existsSync(fileURLToPath(THREAD));

/** Hashes in a thread of its own. */
export const threadHasher = (buffers: readonly SharedArrayBuffer[], from: number): Hasher => {
  const control = new Int32Array(new SharedArrayBuffer(4 * Object.keys(CONTROL).length));
  control[CONTROL.last] = -1;
  const lengths = new Int32Array(new SharedArrayBuffer(4 * buffers.length));
  const worker = new Worker(THREAD, {
    workerData: { control, places: CONTROL, lengths, buffers, from } satisfies HashJob,
    resourceLimits: THREAD_LIMITS,
  });
  const result = Promise.withResolvers<string>();
  // whoever waits for the digest meets the error; before that nobody may
  result.promise.catch(() => undefined);
  const lost = (why: string): void => result.reject(new Defect(`the hashing thread ended: ${why}`));
  worker.on('message', (hex: string) => result.resolve(hex));
  worker.on('error', (error: unknown) => lost(error instanceof Error ? error.message : 'unknown error'));
  worker.on('exit', (code) => lost(`exit code ${code}`));
  let count = 0;
  const wait = async (pending: number): Promise<void> => {
    for (;;) {
      const hashed = Atomics.load(control, CONTROL.hashed);
      if (count - hashed <= pending) return;
      await Promise.race([Atomics.waitAsync(control, CONTROL.hashed, hashed).value, result.promise]);
    }
  };
  const wake = (filled: number): void => {
    Atomics.store(control, CONTROL.filled, filled);
    Atomics.notify(control, CONTROL.filled);
  };
  return {
    filled: (length) => {
      lengths[count % buffers.length] = length;
      wake(++count);
    },
    hashed: (pending) => (count - Atomics.load(control, CONTROL.hashed) <= pending ? undefined : wait(pending)),
    digest: () => {
      Atomics.store(control, CONTROL.last, count);
      wake(count + 1);
      return result.promise;
    },
    close: () => void worker.terminate(),
  };
};
