import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import type { BlobStore } from '@pstream/blob';
import type { EventStore } from '@pstream/event-store';
import type { Clock } from '@pstream/kernel';
import { CLOCK, errorFacts, EVENT_STORE, LOG, WORK_BLOBS, type Log } from '@pstream/wiring';
import { sweepLeftovers } from './leftovers.js';

/** Name under which the module hands its number of days to the service. */
export const KEEP_DAYS = Symbol('KeepDays');

const SWEEP_MS = 3_600_000;

/** Sweeps the working storage at the start and every hour. What fails is tried again with the next round. */
@Injectable()
export class SweepService implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #stopped = new AbortController();
  #sweeping: Promise<void> | undefined;

  constructor(
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(WORK_BLOBS) private readonly work: BlobStore,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOG) private readonly log: Log,
    @Inject(KEEP_DAYS) private readonly keepDays: number,
  ) {}

  onApplicationBootstrap(): void {
    this.#sweeping = this.#sweep();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.#stopped.abort();
    await this.#sweeping;
  }

  async #sweep(): Promise<void> {
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      try {
        const removed = await sweepLeftovers({ store: this.store, work: this.work, clock: this.clock }, this.keepDays, signal);
        if (removed.claims + removed.checkpoints + removed.aside > 0) this.log.write('info', 'pst-builder.swept', removed);
      } catch (error) {
        if (!signal.aborted) this.log.write('warn', 'pst-builder.uncleared', errorFacts(error));
      }
      await this.clock.sleep(SWEEP_MS, signal).catch(() => undefined);
    }
  }
}
