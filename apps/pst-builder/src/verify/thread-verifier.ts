import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { openPartStore } from '@pstream/blob';
import { Defect, Fault, faultFromText, systemClock, systemRandom } from '@pstream/kernel';
import { verifyPart, type PartToVerify, type Verdict, type Verifier } from './verify-part.js';

const THREAD = new URL('./verify-thread.js', import.meta.url);

/** More would only compete with building for the same disk and cores. */
const MOST_THREADS = 2;

/** Verifies in the thread of the caller. */
const inlineVerifier: Verifier = {
  verify: ({ destination, layout, name, entries }) =>
    verifyPart(openPartStore(destination, { clock: systemClock, random: systemRandom, layout }), name, entries),
  close: () => Promise.resolve(),
};

/** A thread that has one part at a time to verify. */
class VerifyingThread {
  readonly #worker = new Worker(THREAD);
  #waiting: PromiseWithResolvers<Verdict> | undefined;
  ended = false;

  constructor() {
    this.#worker.on('message', (verdict: Verdict) => this.#settle((waiting) => waiting.resolve(verdict)));
    this.#worker.on('error', (error: unknown) => this.#lost(error instanceof Error ? error.message : 'unknown error'));
    this.#worker.on('exit', (code) => this.#lost(`exit code ${code}`));
    // Between parts it must not keep the process alive.
    this.#worker.unref();
  }

  ask(part: PartToVerify): Promise<Verdict> {
    const waiting = Promise.withResolvers<Verdict>();
    this.#waiting = waiting;
    this.#worker.ref();
    this.#worker.postMessage(part);
    return waiting.promise;
  }

  async terminate(): Promise<void> {
    await this.#worker.terminate();
  }

  #lost(why: string): void {
    this.ended = true;
    this.#settle((waiting) => waiting.reject(new Defect(`the verifying thread ended: ${why}`)));
  }

  #settle(then: (waiting: PromiseWithResolvers<Verdict>) => void): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    this.#worker.unref();
    if (waiting !== undefined) then(waiting);
  }
}

/** Verifies in threads of their own, a part in each, the others in turn; in the caller's where the compiled thread is not there
 *  (tests that run from the sources). A thread is started when first needed. Closing gives up what is not finished: it is
 *  verified again at the next start. */
export const threadVerifier = (threads = Math.min(MOST_THREADS, availableParallelism())): Verifier => {
  if (!existsSync(fileURLToPath(THREAD))) return inlineVerifier;
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
      throw new Fault('part.verification-interrupted', { retry: 'now' });
    }
    const thread = kept === undefined || kept.ended ? new VerifyingThread() : kept;
    busy.add(thread);
    try {
      const verdict = await thread.ask(part);
      if ('sha256' in verdict) return verdict.sha256;
      throw faultFromText(verdict.fault);
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
