import { untilAborted, type Clock } from '@pstream/kernel';

/** For so long what was found holds for others. */
const HOLDS_MS = 2_000;

type Entry = { readonly work: Promise<void>; passedAtMs: number | undefined };

/** Makes a check of a destination once for all verifications that ask for it at the same time, or shortly after it has passed: it is the same for
 *  every mailbox that goes there. A check that failed is made again by whoever asks next. */
export class SharedChecks {
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  readonly #entries = new Map<string, Entry>();

  constructor(clock: Pick<Clock, 'monotonicMs'>) {
    this.#clock = clock;
  }

  /** `name` is the destination with the reference of its secret. Faults are those of `check`, which goes on for the others when `signal` aborts. */
  async check(name: string, check: () => Promise<void>, signal: AbortSignal): Promise<void> {
    await untilAborted((this.#current(name) ?? this.#begin(name, check)).work, signal);
  }

  #current(name: string): Entry | undefined {
    const entry = this.#entries.get(name);
    if (entry?.passedAtMs !== undefined && this.#clock.monotonicMs() - entry.passedAtMs >= HOLDS_MS) return undefined;
    return entry;
  }

  #begin(name: string, check: () => Promise<void>): Entry {
    const nowMs = this.#clock.monotonicMs();
    for (const [other, { passedAtMs }] of this.#entries)
      if (passedAtMs !== undefined && nowMs - passedAtMs >= HOLDS_MS) this.#entries.delete(other);
    const entry: Entry = {
      work: check().then(
        () => void (entry.passedAtMs = this.#clock.monotonicMs()),
        (error: unknown) => {
          if (this.#entries.get(name) === entry) this.#entries.delete(name);
          throw error;
        },
      ),
      passedAtMs: undefined,
    };
    this.#entries.set(name, entry);
    return entry;
  }
}
