import type { Clock } from '@pstream/kernel';

/** Given to every abort of a timer: without a reason each one would make an exception with a stack, for every piece of a body. */
const ENDED = 'ended';

/** Counts the time spent waiting for the network, and only that: while the consumer of a stream thinks, the deadline stands still.
 *  `signal` aborts on expiry, with what `onExpiry` makes, and when one of the outer signals does. */
export class NetworkDeadline {
  readonly signal: AbortSignal;
  readonly #clock: Clock;
  readonly #expiry = new AbortController();
  readonly #onExpiry: () => Error;
  #leftMs: number;
  #running: { readonly since: number; readonly timer: AbortController } | undefined;

  constructor(clock: Clock, ms: number, outer: readonly AbortSignal[], onExpiry: () => Error) {
    this.#clock = clock;
    this.#leftMs = ms;
    this.#onExpiry = onExpiry;
    this.signal = AbortSignal.any([this.#expiry.signal, ...outer]);
  }

  /** Runs one wait for the network; rejects with the signal's reason if that ended it. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    this.#start();
    try {
      this.signal.throwIfAborted();
      return await work();
    } catch (error) {
      if (this.signal.aborted) throw this.signal.reason;
      throw error;
    } finally {
      this.#stop();
    }
  }

  #start(): void {
    const timer = new AbortController();
    this.#running = { since: this.#clock.monotonicMs(), timer };
    this.#clock.sleep(Math.max(0, this.#leftMs), timer.signal).then(
      () => this.#expiry.abort(this.#onExpiry()),
      () => undefined,
    );
  }

  #stop(): void {
    if (this.#running === undefined) return;
    this.#leftMs -= this.#clock.monotonicMs() - this.#running.since;
    this.#running.timer.abort(ENDED);
    this.#running = undefined;
  }
}
