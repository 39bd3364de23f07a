import { isFault, type Clock } from '@pstream/kernel';
import type { PartitionConsumer } from '@pstream/transport';
import type { ProjectionStore } from './projection.js';

/** Batches of all consumers that end within this time share one sync of the disk. */
const SETTLE_MS = 200;

/** Positions that follow what has been applied: one sync of the disk and one commit per partition, however many batches there were. */
export class Positions {
  readonly #store: ProjectionStore;
  readonly #clock: Clock;
  readonly #due = new Map<PartitionConsumer, { readonly next: bigint; readonly signal: AbortSignal }>();
  #waiting = false;
  #ended = false;

  constructor(store: ProjectionStore, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /** Everything below `next` has been applied. */
  note(partition: PartitionConsumer, next: bigint, signal: AbortSignal): void {
    this.#due.set(partition, { next, signal });
    if (this.#waiting) return;
    this.#waiting = true;
    void this.#clock.sleep(SETTLE_MS).then(() => {
      this.#waiting = false;
      return this.flush();
    });
  }

  /** Nothing more is committed: the store may be closed from now on. */
  end(): void {
    this.#ended = true;
  }

  /** What fails here is made good by a later commit, or by dropping what comes twice. */
  async flush(): Promise<void> {
    const due = [...this.#due];
    this.#due.clear();
    if (due.length === 0 || this.#ended) return;
    try {
      await this.#store.settle();
      const owned = due.filter(([, { signal }]) => !signal.aborted);
      await Promise.all(owned.map(async ([partition, { next }]) => partition.commit(next)));
    } catch (error) {
      if (!isFault(error)) throw error;
    }
  }
}
