import { untilAborted, type Clock } from '@pstream/kernel';

type Entry<T> = { readonly made: Promise<T>; madeAtMs: number | undefined };

/** Makes something once for all verifications that ask for it at the same time, or within `holdsMs` after it was made. What could not be made is made
 *  again for whoever asks next. */
export class Shared<T> {
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  readonly #holdsMs: number;
  readonly #entries = new Map<string, Entry<T>>();

  constructor(clock: Pick<Clock, 'monotonicMs'>, holdsMs = 0) {
    this.#clock = clock;
    this.#holdsMs = holdsMs;
  }

  /** Faults are those of `make`, which goes on for the others when `signal` aborts. */
  async get(name: string, make: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    return untilAborted((this.#current(name) ?? this.#begin(name, make)).made, signal);
  }

  #current(name: string): Entry<T> | undefined {
    const entry = this.#entries.get(name);
    return entry === undefined || this.#isOver(entry) ? undefined : entry;
  }

  #isOver({ madeAtMs }: Entry<T>): boolean {
    return madeAtMs !== undefined && this.#clock.monotonicMs() - madeAtMs >= this.#holdsMs;
  }

  #begin(name: string, make: () => Promise<T>): Entry<T> {
    for (const [other, entry] of this.#entries) if (this.#isOver(entry)) this.#entries.delete(other);
    const entry: Entry<T> = {
      made: make().then(
        (value) => {
          entry.madeAtMs = this.#clock.monotonicMs();
          return value;
        },
        (error: unknown) => {
          if (this.#entries.get(name) === entry) this.#entries.delete(name);
          throw error;
        },
      ),
      madeAtMs: undefined,
    };
    this.#entries.set(name, entry);
    return entry;
  }
}
