import { Inject, Injectable, Module } from '@nestjs/common';
import { flowHours, fromCloudEvent, VIEWS } from '@pstream/contracts';
import type { EventStore } from '@pstream/event-store';
import type { Clock, Ids } from '@pstream/kernel';
import {
  CLOCK,
  DEAD_LETTERS,
  errorFacts,
  EVENT_STORE,
  FAILED,
  IDS,
  inRounds,
  LOG,
  PROJECTION_STORE,
  Resident,
  TRANSPORT,
  type Failed,
  type Log,
} from '@pstream/wiring';
import { runProjections, runRebuilds, runSums, type ProjectionStore, type RunningProjections } from '@pstream/projections';
import type { DeadLetters, Transport } from '@pstream/transport';
import { allProjections } from './projections/index.js';

const FORGET_EVERY_MS = 600_000;

/** Keeps every read model up to date, and rebuilds one beside the live one when asked to. */
@Injectable()
export class Projector extends Resident {
  constructor(
    @Inject(PROJECTION_STORE) private readonly store: ProjectionStore,
    @Inject(EVENT_STORE) private readonly eventStore: EventStore,
    @Inject(TRANSPORT) private readonly transport: Transport,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(IDS) private readonly ids: Ids,
    @Inject(LOG) private readonly log: Log,
    @Inject(DEAD_LETTERS) private readonly deadLetters: DeadLetters,
    @Inject(FAILED) private readonly failed: Failed,
  ) {
    super();
  }

  protected override async start(): Promise<void> {
    const { store, eventStore, transport, deadLetters, clock, log, stopping: signal } = this;
    // Closed last: it adds up what the projections have announced until then.
    const sums = this.closes(await runSums({ store, transport, deadLetters, clock }));
    const running = this.closes(
      await runProjections({
        store,
        projections: allProjections,
        eventStore,
        transport,
        read: fromCloudEvent,
        deadLetters,
        clock,
        group: 'projector',
        onHole: ({ projection, stream, seen, next }) => log.write('warn', 'projection.hole', { projection, stream, seen, next }),
      }),
    );
    for (const { done } of [running, sums]) done.catch(this.failed);
    await this.#rebuildWhatWasLost(running);
    const rebuilding = runRebuilds({
      store,
      clock,
      owner: this.ids.ulid(),
      names: allProjections.map(({ name }) => name),
      rebuild: (view, options) => running.rebuild(view, options),
      failed: (view, error) => log.write('error', 'projections.rebuild-failed', { view, ...errorFacts(error) }),
      signal,
    });
    rebuilding.catch(this.failed);
    this.awaits(rebuilding);
    const pruneFailed = (error: unknown): void => log.write('warn', 'projector.prune-failed', errorFacts(error));
    this.awaits(inRounds({ clock, everyMs: FORGET_EVERY_MS, signal, failed: pruneFailed }, () => this.#forgetOldFlow()));
  }

  /** What was brought in more than a day ago is of no use, and there is a document of it for each mailbox and hour. */
  async #forgetOldFlow(): Promise<void> {
    const [oldest = ''] = flowHours(this.clock.now());
    await this.store.prune(VIEWS.flow, oldest);
  }

  /** Read models can always be made again from the events: when none of them holds anything although there are events, their
   *  store was lost, and they are replayed. */
  async #rebuildWhatWasLost(running: RunningProjections): Promise<void> {
    for (const { name } of allProjections) if ((await this.store.find(name, { limit: 1 })).total > 0) return;
    for await (const _ of this.eventStore.streams('')) {
      for (const { name } of allProjections) await running.rebuild(name);
      this.log.write('info', 'projections.rebuilt', { projections: allProjections.length });
      return;
    }
  }
}

/** Events to read models. */
@Module({ providers: [Projector], exports: [Projector] })
export class ProjectorModule {}
