import { Inject, Injectable } from '@nestjs/common';
import type { Clock } from '@pstream/kernel';
import type { Transport } from '@pstream/transport';
import { CLOCK, errorFacts, inRounds, LOG, Resident, TRANSPORT, type Log } from '@pstream/wiring';
import { PROJECTS_PORTS, type ProjectsPorts } from '../commands/ports.js';
import type { Admissions } from './admission.js';
import { ADMISSIONS } from './admissions.provider.js';
import { Reconciler } from './reconcile.js';

const ROUND_MS = 5 * 60_000;

/** Looks for silent passes every five minutes. What fails is tried again with the next round. */
@Injectable()
export class ReconcileService extends Resident {
  constructor(
    @Inject(PROJECTS_PORTS) private readonly ports: ProjectsPorts,
    @Inject(ADMISSIONS) private readonly admissions: Admissions,
    @Inject(TRANSPORT) private readonly transport: Transport,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOG) private readonly log: Log,
  ) {
    super();
  }

  protected override start(): void {
    this.awaits(this.#run());
  }

  async #run(): Promise<void> {
    const { clock, log, stopping: signal } = this;
    const reconciler = new Reconciler({
      projects: this.ports,
      transport: this.transport,
      queue: (job) => this.admissions.queue(job),
      revived: (what, facts) => log.write('warn', `${what}.revived`, facts),
    });
    const failed = (error: unknown): void => log.write('warn', 'pass.not-reconciled', errorFacts(error));
    // A pass is silent only after a while, and the process has just begun.
    await clock.sleep(ROUND_MS, signal).catch(() => undefined);
    await inRounds({ clock, everyMs: ROUND_MS, signal, failed }, () => reconciler.round(signal));
  }
}
