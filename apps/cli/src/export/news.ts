import { untilAborted, type Clock } from '@pstream/kernel';

/** Whether something came since it was last asked; whoever asks may wait for it. */
export class News {
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  #failure: { readonly error: unknown } | undefined;
  #next = Promise.withResolvers<void>();

  constructor(clock: Clock, signal: AbortSignal) {
    this.#clock = clock;
    this.#signal = signal;
    this.#ask();
  }

  came(): void {
    this.#next.resolve();
  }

  /** Nothing will come any more: whoever asks gets this error. */
  failed(error: unknown): void {
    this.#failure = { error };
    this.#next.reject(error);
  }

  /** Waits until something has come, at most so long. False when the time is up; rejects with the signal's reason. */
  async within(ms: number): Promise<boolean> {
    const timer = new AbortController();
    const waits = [this.#next.promise.then(() => true)];
    if (ms !== Infinity) waits.push(this.#clock.sleep(ms, AbortSignal.any([timer.signal, this.#signal])).then(() => false));
    try {
      const came = await untilAborted(Promise.race(waits), this.#signal);
      if (came) this.#ask();
      return came;
    } finally {
      timer.abort();
    }
  }

  #ask(): void {
    this.#next = Promise.withResolvers<void>();
    // Perhaps nobody asks any more.
    this.#next.promise.catch(() => undefined);
    if (this.#failure !== undefined) this.#next.reject(this.#failure.error);
  }
}
