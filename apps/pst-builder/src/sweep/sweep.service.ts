import { Inject, Injectable } from '@nestjs/common';
import type { BlobStore } from '@pstream/blob';
import type { EventStore } from '@pstream/event-store';
import type { Clock } from '@pstream/kernel';
import { CLOCK, errorFacts, EVENT_STORE, inRounds, LOG, Resident, WORK_BLOBS, type Log } from '@pstream/wiring';
import { sweepKeptLists } from './kept-lists.js';
import { sweepLeftovers } from './leftovers.js';

/** Name under which the module hands its number of days to the service. */
export const KEEP_DAYS = Symbol('KeepDays');

const SWEEP_MS = 3_600_000;
/** Of what is kept for later passes there is much, and little of it is freed: it is looked through in one round of so many. */
const ROUNDS_A_DAY = 24;

/** Sweeps the working storage at the start and every hour; what is kept for later passes at the start and every day. What fails is tried again with
 *  the next round. */
@Injectable()
export class SweepService extends Resident {
  constructor(
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(WORK_BLOBS) private readonly work: BlobStore,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOG) private readonly log: Log,
    @Inject(KEEP_DAYS) private readonly keepDays: number,
  ) {
    super();
  }

  protected override start(): void {
    const { store, work, clock, log, keepDays, stopping: signal } = this;
    const failed = (error: unknown): void => log.write('warn', 'pst-builder.uncleared', errorFacts(error));
    let untilKept = 0;
    const sweeping = inRounds({ clock, everyMs: SWEEP_MS, signal, failed }, async () => {
      const left = await sweepLeftovers({ store, work, clock }, keepDays, signal);
      const kept = untilKept-- > 0 ? undefined : await sweepKeptLists({ store, work, clock }, signal);
      if (kept !== undefined) untilKept = ROUNDS_A_DAY - 1;
      const removed = { ...left, ...kept };
      if (Object.values(removed).some((count) => count > 0)) log.write('info', 'pst-builder.swept', removed);
    });
    this.awaits(sweeping);
  }
}
