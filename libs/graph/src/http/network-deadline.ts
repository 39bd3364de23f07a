import type { Clock } from '@pstream/kernel';

/** Given to the abort of the timer: without a reason it would make an exception with a stack. */
const ENDED = 'ended';

/** Counts the time spent waiting for the network, and only that: while the consumer of a stream thinks, the deadline stands still.
 *  `signal` aborts on expiry, with what `onExpiry` makes, and when one of the outer signals does. One timer serves all waits; `end`
 *  stops it. */
export class NetworkDeadline {
  readonly signal: AbortSignal;
  readonly #clock: Clock;
  readonly #expiry = new AbortController();
  readonly #onExpiry: () => Error;
  readonly #timer = new AbortController();
  #leftMs: number;
  #since: number | undefined;
  #watching = false;

  constructor(clock: Clock, ms: number, outer: readonly AbortSignal[], onExpiry: () => Error) {
    this.#clock = clock;
    this.#leftMs = ms;
    this.#onExpiry = onExpiry;
    this.signal = AbortSignal.any([this.#expiry.signal, ...outer]);
  }

  /** Runs one wait for the network; rejects with the signal's reason if that ended it. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    this.#since = this.#clock.monotonicMs();
    if (!this.#watching) void this.#watch();
    try {
      this.signal.throwIfAborted();
      return await work();
    } catch (error) {
      if (this.signal.aborted) throw this.signal.reason;
      throw error;
    } finally {
      this.#leftMs = this.#left();
      this.#since = undefined;
    }
  }

  /** Nothing more is waited for. */
  end(): void {
    this.#timer.abort(ENDED);
  }

  #left(): number {
    return this.#since === undefined ? this.#leftMs : this.#leftMs - (this.#clock.monotonicMs() - this.#since);
  }

  /** Sleeps for what is left; if less than that was spent on the network meanwhile, for the rest again. */
  async #watch(): Promise<void> {
    this.#watching = true;
    try {
      while (this.#left() > 0) await this.#clock.sleep(Math.max(1, this.#left()), this.#timer.signal);
    } catch {
      return;
    }
    this.#expiry.abort(this.#onExpiry());
  }
}
