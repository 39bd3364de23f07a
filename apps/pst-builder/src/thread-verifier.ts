import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { Defect, Fault } from '@pstream/kernel';
import { inlineVerifier, type PartToVerify, type Verdict, type Verifier } from './verify-part.js';

const THREAD = new URL('./verify-thread.js', import.meta.url);

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

/** Verifies in a thread of its own, one part after another; in the caller's where the compiled thread is not there (tests
 *  that run from the sources). The thread is started when first needed. Closing gives up what is not finished: it is
 *  verified again at the next start. */
export const threadVerifier = (): Verifier => {
  if (!existsSync(fileURLToPath(THREAD))) return inlineVerifier;
  let thread: VerifyingThread | undefined;
  let last: Promise<unknown> = Promise.resolve();
  let closed = false;
  const verifyNow = async (part: PartToVerify): Promise<string> => {
    if (closed) throw new Fault('part.verification-interrupted', { retry: 'now' });
    if (thread === undefined || thread.ended) thread = new VerifyingThread();
    const verdict = await thread.ask(part);
    if ('sha256' in verdict) return verdict.sha256;
    const { code, retry, facts, advice } = verdict.fault;
    throw new Fault(code, { retry, facts, ...(advice === undefined ? {} : { advice }) });
  };
  return {
    verify: (part) => {
      const next = last.then(() => verifyNow(part));
      last = next.catch(() => undefined);
      return next;
    },
    close: async () => {
      closed = true;
      await thread?.terminate();
    },
  };
};
