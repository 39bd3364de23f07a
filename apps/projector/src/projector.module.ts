import { Inject, Injectable, Module, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
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
  LOG,
  PROJECTION_STORE,
  TRANSPORT,
  type Failed,
  type Log,
} from '@pstream/wiring';
import {
  runProjections,
  runRebuilds,
  runSums,
  type ProjectionStore,
  type RunningProjections,
  type RunningSums,
} from '@pstream/projections';
import type { DeadLetters, Transport } from '@pstream/transport';
import { allProjections } from './projections/index.js';

const FORGET_EVERY_MS = 600_000;

/** Keeps every read model up to date, and rebuilds one beside the live one when asked to. */
@Injectable()
export class Projector implements OnApplicationBootstrap, BeforeApplicationShutdown {
  #running: RunningProjections | undefined;
  #sums: RunningSums | undefined;
  readonly #stop = new AbortController();
  #forgetting: Promise<void> | undefined;
  #rebuilding: Promise<void> | undefined;

  constructor(
    @Inject(PROJECTION_STORE) private readonly store: ProjectionStore,
    @Inject(EVENT_STORE) private readonly eventStore: EventStore,
    @Inject(TRANSPORT) private readonly transport: Transport,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(IDS) private readonly ids: Ids,
    @Inject(LOG) private readonly log: Log,
    @Inject(DEAD_LETTERS) private readonly deadLetters: DeadLetters,
    @Inject(FAILED) private readonly failed: Failed,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    const { store, eventStore, transport, deadLetters, clock } = this;
    const running = await runProjections({
      store,
      projections: allProjections,
      eventStore,
      transport,
      read: fromCloudEvent,
      deadLetters,
      clock,
      group: 'projector',
      onHole: (hole) =>
        this.log.write('warn', 'projection.hole', { projection: hole.projection, stream: hole.stream, seen: hole.seen, next: hole.next }),
    });
    this.#running = running;
    const sums = await runSums({ store, transport, deadLetters, clock });
    this.#sums = sums;
    for (const { done } of [running, sums]) done.catch(this.failed);
    await this.#rebuildWhatWasLost();
    this.#forgetting = this.#forgetOldFlow(this.#stop.signal);
    this.#rebuilding = runRebuilds({
      store,
      clock,
      owner: this.ids.ulid(),
      names: allProjections.map(({ name }) => name),
      rebuild: (view, options) => running.rebuild(view, options),
      failed: (view, error) => this.log.write('error', 'projections.rebuild-failed', { view, ...errorFacts(error) }),
      signal: this.#stop.signal,
    });
    this.#rebuilding.catch(this.failed);
  }

  /** What was brought in more than a day ago is of no use, and there is a document of it for each mailbox and hour. */
  async #forgetOldFlow(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        const [oldest = ''] = flowHours(this.clock.now());
        await this.store.prune(VIEWS.flow, oldest);
        await this.clock.sleep(FORGET_EVERY_MS, signal);
      } catch (error) {
        if (signal.aborted) return;
        this.log.write('warn', 'projector.prune-failed', errorFacts(error));
        await this.clock.sleep(FORGET_EVERY_MS, signal).catch(() => undefined);
      }
    }
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.#stop.abort();
    await this.#forgetting;
    await this.#rebuilding?.catch(() => undefined);
    await this.#running?.close();
    await this.#sums?.close();
  }

  /** Read models can always be made again from the events: when none of them holds anything although there are events, their
   *  store was lost, and they are replayed. */
  async #rebuildWhatWasLost(): Promise<void> {
    for (const { name } of allProjections) if ((await this.store.find(name, { limit: 1 })).total > 0) return;
    for await (const _ of this.eventStore.streams('')) {
      for (const { name } of allProjections) await this.#running?.rebuild(name);
      this.log.write('info', 'projections.rebuilt', { projections: allProjections.length });
      return;
    }
  }
}

/** Events to read models. */
@Module({ providers: [Projector], exports: [Projector] })
export class ProjectorModule {}
