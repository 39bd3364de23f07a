import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import type { Clock } from '@pstream/kernel';
import type { Transport } from '@pstream/transport';
import { CLOCK, errorFacts, LOG, TRANSPORT, type Log } from '@pstream/wiring';
import { PROJECTS_PORTS, type ProjectsPorts } from '../commands/ports.js';
import type { Admissions } from './admission.js';
import { ADMISSIONS } from './admissions.provider.js';
import { Reconciler } from './reconcile.js';

const ROUND_MS = 5 * 60_000;

/** Looks for silent passes every five minutes. What fails is tried again with the next round. */
@Injectable()
export class ReconcileService implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #stopped = new AbortController();
  #running: Promise<void> | undefined;

  constructor(
    @Inject(PROJECTS_PORTS) private readonly ports: ProjectsPorts,
    @Inject(ADMISSIONS) private readonly admissions: Admissions,
    @Inject(TRANSPORT) private readonly transport: Transport,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOG) private readonly log: Log,
  ) {}

  onApplicationBootstrap(): void {
    this.#running = this.#run();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.#stopped.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopped;
    const reconciler = new Reconciler({
      projects: this.ports,
      transport: this.transport,
      queue: (job) => this.admissions.queue(job),
      revived: (facts) => this.log.write('warn', 'pass.revived', facts),
    });
    while (!signal.aborted) {
      await this.clock.sleep(ROUND_MS, signal).catch(() => undefined);
      if (signal.aborted) return;
      try {
        await reconciler.round(signal);
      } catch (error) {
        if (!signal.aborted) this.log.write('warn', 'pass.not-reconciled', errorFacts(error));
      }
    }
  }
}
