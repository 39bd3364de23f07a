import type { Clock } from '@pstream/kernel';

/** A key of which nothing was taken for so long begins again. */
const FORGOTTEN_MS = 10 * 60_000;
const MOST_KEYS = 10_000;

/** In which order keys were taken for the first time. */
export class Seniority {
  readonly #clock: Clock;
  readonly #keys = new Map<string, { readonly rank: number; usedMs: number }>();
  #ranks = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The rank of a key: the lower, the longer it is known. Asking counts as taking. */
  of(key: string): number {
    const nowMs = this.#clock.monotonicMs();
    const known = this.#keys.get(key);
    if (known !== undefined && nowMs - known.usedMs < FORGOTTEN_MS) {
      known.usedMs = nowMs;
      return known.rank;
    }
    this.#keys.delete(key);
    this.#keys.set(key, { rank: ++this.#ranks, usedMs: nowMs });
    const [oldest] = this.#keys.keys();
    if (this.#keys.size > MOST_KEYS && oldest !== undefined) this.#keys.delete(oldest);
    return this.#ranks;
  }
}
