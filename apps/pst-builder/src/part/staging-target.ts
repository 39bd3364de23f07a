import type { PartStaging, StagedExtent } from '@pstream/blob';
import { freeNow } from '@pstream/kernel';
import type { PartTarget } from '@pstream/pst/writer';

/** Extents under way to the destination at once; each holds its bytes. */
const EXTENTS_IN_FLIGHT = 3;

/** Hands the writer's extents to the destination, a few at a time, and remembers what was acknowledged. */
export class StagingTarget implements PartTarget {
  readonly #staging: PartStaging;
  readonly #done: StagedExtent[];
  readonly #flying = new Set<Promise<void>>();
  #failure: unknown;

  constructor(staging: PartStaging, kept: readonly StagedExtent[]) {
    this.#staging = staging;
    this.#done = [...kept];
  }

  /** Acknowledged extents in order of index; the order of acknowledgement does not matter to anybody. */
  get extents(): readonly StagedExtent[] {
    return this.#done;
  }

  async stage(index: number, bytes: Uint8Array): Promise<void> {
    this.#rethrow();
    const flight = this.#staging.stage(index, bytes).then(
      (extent) => {
        this.#done.push(extent);
        // The writer has let go of it, and with it of the memory that it may be a part of.
        freeNow(new Uint8Array(bytes.buffer));
      },
      (error: unknown) => {
        this.#failure ??= error;
      },
    );
    const tracked = flight.finally(() => this.#flying.delete(tracked));
    this.#flying.add(tracked);
    while (this.#flying.size >= EXTENTS_IN_FLIGHT) await Promise.race(this.#flying);
    this.#rethrow();
  }

  /** Waits until everything handed over has been acknowledged. */
  async drain(): Promise<void> {
    await Promise.all(this.#flying);
    this.#rethrow();
  }

  async settle(): Promise<void> {
    await Promise.all(this.#flying);
  }

  sorted(): StagedExtent[] {
    return [...this.#done].sort((a, b) => a.index - b.index);
  }

  #rethrow(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }
}
