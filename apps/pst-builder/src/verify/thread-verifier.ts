import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { openPartStore } from '@pstream/blob';
import {
  defectFromText,
  Fault,
  faultFromText,
  THREAD_LIMITS,
  threadEnded,
  type Clock,
  type Random,
  type ThreadWatch,
} from '@pstream/kernel';
import { verifyPart, type FromVerifyThread, type PartToVerify, type Verifier } from './verify-part.js';

const THREAD = new URL('./verify-thread.js', import.meta.url);

/** More would only compete with building for the same disk and cores. */
const MOST_THREADS = 2;

/** Verifies in the thread of the caller. */
export const inlineVerifier = (ports: { readonly clock: Clock; readonly random: Random }): Verifier => ({
  verify: ({ destination, layout, name, entries }) => verifyPart(openPartStore(destination, { ...ports, layout }), name, entries),
  close: () => Promise.resolve(),
});

/** A thread that has one part at a time to verify. */
class VerifyingThread {
  readonly #worker: Worker;
  readonly #watch: ThreadWatch;
  #started = false;
  #waiting: PromiseWithResolvers<string> | undefined;
  ended = false;

  constructor(thread: URL, watch: ThreadWatch) {
    this.#watch = watch;
    this.#worker = new Worker(thread, { resourceLimits: THREAD_LIMITS });
    this.#worker.on('message', (message: FromVerifyThread) => this.#take(message));
    this.#worker.on('error', (error: unknown) => this.#lost(error));
    this.#worker.on('exit', (code) => this.#lost(`exit code ${code}`));
    // Between parts it must not keep the process alive.
    this.#worker.unref();
  }

  ask(part: PartToVerify): Promise<string> {
    const waiting = Promise.withResolvers<string>();
    this.#waiting = waiting;
    this.#worker.ref();
    this.#worker.postMessage(part);
    return waiting.promise;
  }

  /** Ends it on purpose; whoever waits for an answer learns that it was interrupted. */
  async terminate(): Promise<void> {
    this.ended = true;
    this.#settle((waiting) => waiting.reject(interrupted()));
    await this.#worker.terminate();
  }

  #take(message: FromVerifyThread): void {
    if (message === 'ready') this.#started = true;
    else if ('sha256' in message) this.#settle((waiting) => waiting.resolve(message.sha256));
    else this.#settle((waiting) => waiting.reject('fault' in message ? faultFromText(message.fault) : defectFromText(message.defect)));
  }

  #lost(cause: unknown): void {
    if (this.ended) return;
    this.ended = true;
    const fault = threadEnded(this.#watch, 'verification', this.#started, cause);
    this.#settle((waiting) => waiting.reject(fault));
  }

  #settle(then: (waiting: PromiseWithResolvers<string>) => void): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    this.#worker.unref();
    if (waiting !== undefined) then(waiting);
  }
}

const interrupted = (): Fault => new Fault('part.verification-interrupted', { retry: 'now' });

/** Verifies in threads of their own, a part in each, the others in turn. A thread is started when first needed, and another one in the place
 *  of one that is lost. Closing gives up what is not finished: it is verified again at the next start. Fault 'thread.lost' (retry). */
export const threadVerifier = (
  watch: ThreadWatch,
  {
    threads = Math.min(MOST_THREADS, availableParallelism()),
    thread: file = THREAD,
  }: { readonly threads?: number; readonly thread?: URL } = {},
): Verifier => {
  const free = Array.from({ length: threads }, (): VerifyingThread | undefined => undefined);
  const busy = new Set<VerifyingThread>();
  const queue: (() => void)[] = [];
  let closed = false;
  const verifyNow = async (part: PartToVerify): Promise<string> => {
    while (free.length === 0) await new Promise<void>((resolve) => queue.push(resolve));
    // A thread that runs already goes first, so that no more are started than there are parts at once.
    const running = free.findIndex((one) => one !== undefined && !one.ended);
    const [kept] = free.splice(Math.max(0, running), 1);
    if (closed) {
      free.push(kept);
      queue.shift()?.();
      throw interrupted();
    }
    const thread = kept === undefined || kept.ended ? new VerifyingThread(file, watch) : kept;
    busy.add(thread);
    try {
      return await thread.ask(part);
    } finally {
      busy.delete(thread);
      free.push(thread);
      queue.shift()?.();
    }
  };
  return {
    verify: verifyNow,
    close: async () => {
      closed = true;
      await Promise.all([...busy, ...free].map(async (thread) => thread?.terminate()));
    },
  };
};
