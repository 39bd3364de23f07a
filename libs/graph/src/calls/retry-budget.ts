import type { Clock } from '@pstream/kernel';

const BUCKET_MS = 1_000;
const SPAN_MS = 60_000;

/** Counts calls and repeats of the last minute and says whether one more repeat is affordable: at most `share` of the calls, but always
 *  `always`. Without it, a service that fails everything would be sent every call several times over, and kept down by that. */
export class RetryBudget {
  readonly #clock: Clock;
  readonly #share: number;
  readonly #always: number;
  #buckets: { readonly at: number; calls: number; retries: number }[] = [];

  constructor(clock: Clock, options: { readonly share: number; readonly always: number }) {
    this.#clock = clock;
    this.#share = options.share;
    this.#always = options.always;
  }

  /** Notes a first try. */
  call(): void {
    this.#bucket().calls++;
  }

  /** Takes one repeat from the budget; false where there is none left. */
  takeRetry(): boolean {
    const bucket = this.#bucket();
    let calls = 0;
    let retries = 0;
    for (const one of this.#buckets) {
      calls += one.calls;
      retries += one.retries;
    }
    if (retries + 1 > Math.max(this.#always, calls * this.#share)) return false;
    bucket.retries++;
    return true;
  }

  #bucket(): { calls: number; retries: number } {
    const now = this.#clock.monotonicMs();
    this.#buckets = this.#buckets.filter((one) => one.at > now - SPAN_MS);
    const last = this.#buckets.at(-1);
    if (last !== undefined && last.at > now - BUCKET_MS) return last;
    const fresh = { at: now, calls: 0, retries: 0 };
    this.#buckets.push(fresh);
    return fresh;
  }
}
