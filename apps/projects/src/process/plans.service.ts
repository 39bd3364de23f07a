import { Inject, Injectable } from '@nestjs/common';
import type { Clock } from '@pstream/kernel';
import { CLOCK, errorFacts, inRounds, LOG, Resident, type Log } from '@pstream/wiring';
import type { Admissions } from './admission.js';
import { ADMISSIONS } from './admissions.provider.js';

const EVERY_MS = 5_000;

/** Looks at the clock every five seconds, for whatever waits for a time. What fails is tried again with the next round. */
@Injectable()
export class PlansService extends Resident {
  constructor(
    @Inject(ADMISSIONS) private readonly admissions: Admissions,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOG) private readonly log: Log,
  ) {
    super();
  }

  protected override start(): void {
    const { admissions, clock, log, stopping: signal } = this;
    const failed = (error: unknown): void => log.write('warn', 'plan.not-carried-out', errorFacts(error));
    this.awaits(inRounds({ clock, everyMs: EVERY_MS, signal, failed }, () => admissions.tick(signal)));
  }
}
