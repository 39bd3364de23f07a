import { Inject, Injectable } from '@nestjs/common';
import { CHANGES_TOPIC, readChange, TOKENS_VIEW, toChangeRecord } from '@pstream/contracts';
import { isFault, type Clock, type Ids } from '@pstream/kernel';
import type { LogRecord, Transport } from '@pstream/transport';
import { CLOCK, errorFacts, FAILED, IDS, LOG, Resident, TRANSPORT, type Failed, type Log } from '@pstream/wiring';
import { Callers } from '../callers/callers.js';
import type { Principal } from '../door/http.js';
import { Scope } from '../scope/scope.js';
import type { TokenView } from '../tokens/token-store.js';
import { ChangeRing } from './change-ring.js';
import { EventStream, type Concerning } from './event-stream.js';
import type { Within } from './reach.js';

/** Changes that a client may have missed and still gets: some minutes of a busy system. */
const RING = { entries: 20_000, bytes: 8 * 1024 ** 2 };
const COMMENT_EVERY_MS = 15_000;
/** How long somebody may go on listening whose token was revoked or whose session ended. */
const CHECK_EVERY_MS = 4_000;
/** How long a client waits for a gateway that has just been started. */
const FIRST_ASSIGNMENT_MS = 10_000;
const LOOK_EVERY_MS = 20;

/** Reads the topic of changes, each gateway for itself, and hands changes to the clients that listen. */
@Injectable()
export class ChangeFeed extends Resident {
  readonly #ring = new ChangeRing(RING);
  readonly #streams = new Set<EventStream>();

  constructor(
    @Inject(TRANSPORT) private readonly transport: Transport,
    @Inject(Callers) private readonly callers: Callers,
    @Inject(Scope) private readonly scope: Scope,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(IDS) private readonly ids: Ids,
    @Inject(LOG) private readonly log: Log,
    @Inject(FAILED) private readonly failed: Failed,
  ) {
    super();
  }

  protected override async start(): Promise<void> {
    const subscription = await this.transport.subscribe({
      // A group of its own, which never commits: nobody shares its records, and it leaves nothing behind.
      group: `gateway.changes.${this.ids.ulid()}`,
      topics: [CHANGES_TOPIC],
      handler: {
        assigned: async ({ partition, logStart }) => this.#ring.begin(partition, logStart),
        batch: async (_partition, records) => {
          for (const record of records) this.#take(record);
        },
        failed: (error) => {
          for (const stream of this.#streams) stream.destroy();
          this.failed(error);
        },
      },
    });
    this.closes(subscription);
    this.closes({ close: () => this.#endStreams() });
    void this.#beat();
  }

  #endStreams(): Promise<void> {
    for (const stream of this.#streams) stream.push(null);
    return Promise.resolve();
  }

  /** A stream for a client, which ends when whoever opened it is let in no more. */
  async open(principal: Principal, concerning: Concerning, from: string | undefined): Promise<EventStream> {
    const { clock } = this;
    const until = clock.monotonicMs() + FIRST_ASSIGNMENT_MS;
    while (this.#ring.partitions === 0 && clock.monotonicMs() < until) await clock.sleep(LOOK_EVERY_MS);
    const stream = new EventStream(concerning, await this.#within(principal), this.#ring, from);
    this.#streams.add(stream);
    stream.once('close', () => this.#streams.delete(stream));
    void this.#check(stream, principal);
    return stream;
  }

  /** Has the clients that see a token hear of it, at every gateway. What was decided about it holds already, so a log that does not answer is only noted. */
  async tokenChanged({ tokenId, workgroupId, madeBy, agentId, role }: TokenView, gone: boolean): Promise<void> {
    const token = { madeBy, agentId, role };
    const of = { view: TOKENS_VIEW, id: tokenId, generation: TOKENS_VIEW, live: true, revision: gone ? 2 : 1, gone } as const;
    await this.transport
      .send(CHANGES_TOPIC, [toChangeRecord({ ...of, workgroupId, token })])
      .catch((error: unknown) => this.log.write('warn', 'gateway.change-not-sent', errorFacts(error)));
  }

  #take(record: LogRecord): void {
    if (this.#ring.leavesOut(record.partition, record.offset)) for (const stream of this.#streams) stream.reset(this.#ring);
    try {
      const held = this.#ring.add(record.partition, record.offset, readChange(record), record.value.byteLength);
      if (held !== undefined) for (const stream of this.#streams) stream.hand(held, this.#ring);
    } catch (error) {
      if (!isFault(error)) throw error;
      this.#ring.skip(record.partition, record.offset);
      this.log.write('warn', 'gateway.change-unreadable', errorFacts(error));
    }
  }

  async #beat(): Promise<void> {
    while (await this.#rest(COMMENT_EVERY_MS)) for (const stream of this.#streams) stream.beat(this.#ring);
  }

  async #check(stream: EventStream, principal: Principal): Promise<void> {
    while ((await this.#rest(CHECK_EVERY_MS)) && this.#streams.has(stream)) {
      // Where that cannot be found out, nobody listens on.
      if (!(await this.callers.areStillIn(principal).catch(() => false))) return void stream.push(null);
      const within = await this.#within(principal).catch(() => undefined);
      if (within === undefined) return void stream.push(null);
      stream.narrow(within, this.#ring);
    }
  }

  async #within(principal: Principal): Promise<Within> {
    const [customers, projects] = [await this.scope.customers(principal), await this.scope.projects(principal)];
    const setOf = (ids: readonly string[] | undefined): ReadonlySet<string> | undefined => (ids === undefined ? undefined : new Set(ids));
    return { principal, customers: setOf(customers), projects: setOf(projects) };
  }

  /** False when the gateway stops. */
  async #rest(ms: number): Promise<boolean> {
    await this.clock.sleep(ms, this.stopping).catch(() => undefined);
    return !this.stopping.aborted;
  }
}
