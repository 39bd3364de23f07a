import { Worker } from 'node:worker_threads';
import { Fault, faultFromText, THREAD_LIMITS } from '@pstream/kernel';
import { Client, storageOf } from './client.js';
import type { Replies } from './protocol.js';
import type { Storage, StorageOptions } from './storage.js';

const startThread = (): Worker =>
  import.meta.url.endsWith('.ts')
    ? new Worker(new URL('./source-thread.mjs', import.meta.url), {
        execArgv: ['--conditions=@pstream/source', '--disable-warning=ExperimentalWarning'],
      })
    : new Worker(new URL('./storage-thread.js', import.meta.url), { resourceLimits: THREAD_LIMITS });

/** Databases in a thread of their own: no call blocks the caller's thread, writers that come together share a commit. A thread that ends
 *  by itself takes the storage with it: every call fails with 'storage.thread-ended' until the process restarts. */
export const threadStorage = (options: StorageOptions = {}): Storage => {
  const worker = startThread();
  let closing = false;
  const client = new Client(
    (requests, buffers) => worker.postMessage(requests, [...buffers]),
    // An idle thread must not keep the process alive, one that is waited for must.
    (idle) => (idle ? worker.unref() : worker.ref()),
  );
  const lost = (why: string, cause?: unknown): void => {
    if (closing) return;
    const fault = new Fault('storage.thread-ended', {
      retry: { afterMs: 5_000 },
      facts: { reason: why },
      cause,
      advice: 'The storage thread has ended. Restart pstream: everything that was confirmed is on the disk.',
    });
    client.fail(fault);
    options.stopped?.(fault);
    closing = true;
  };
  worker.on('message', (replies: Replies) => {
    if (replies.stopped !== undefined) options.stopped?.(faultFromText(replies.stopped));
    client.settle(replies);
  });
  worker.on('error', (error: unknown) => lost(error instanceof Error ? error.message : 'unknown error', error));
  worker.on('exit', (code) => lost(`exit code ${code}`));
  worker.unref();
  return storageOf(client, async () => {
    closing = true;
    await worker.terminate();
  });
};
