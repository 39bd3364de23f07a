import { memoryBlobStore } from '@pstream/blob';
import {
  extractionStream,
  mailboxJobStream,
  WORK_TOPIC,
  type Cause,
  type ExtractionEvent,
  type MailboxJobEvent,
  type PassKind,
  type PassRefs,
  type PassSettings,
  type ReadDriftReply,
  type SupersededItem,
  type WorkUnit,
} from '@pstream/contracts';
import { memoryEventStore } from '@pstream/event-store';
import { isFault, retryDelayMs } from '@pstream/kernel';
import { FakeClock, passSettings } from '@pstream/testing';
import type { Transport } from '@pstream/transport';
import { readDrift } from './drift/read-drift.js';
import { ExtractionLog } from './extraction-log.js';
import { UnitHandler } from './handle-unit.js';
import { Histories } from './histories.js';
import { listSuperseded } from './updates/list-superseded.js';
import type { TroubledSource } from './troubled-source.fixture.js';
import { Waits } from './waits.js';
import type { ExtractorLimits, Worker } from './worker.js';

/** Passes over one mailbox, worked on as the consumer of the work topic does it: units in their order, one that fails for now is tried again
 *  after its wait and holds up those behind it. Time runs by itself. */
export class PassRun {
  readonly clock = new FakeClock({ autoAdvance: true });
  readonly #store = memoryEventStore();
  readonly work = memoryBlobStore();
  readonly #source: TroubledSource;
  readonly #limits: Partial<ExtractorLimits>;
  #handler: UnitHandler;
  /** The most units of one kind, folder and page that were on the topic at once. */
  mostAlike = 0;
  #passes = 0;
  #commits = 0;
  #queue: WorkUnit[] = [];
  /** Why the extraction of the pass has failed. */
  #failed: Cause | undefined;

  constructor(source: TroubledSource, limits: Partial<ExtractorLimits> = {}) {
    this.#source = source;
    this.#limits = limits;
    this.#handler = new UnitHandler(this.#worker());
  }

  /** Runs a pass to the end of its extraction; returns its events, with the time in milliseconds since the pass was started. */
  async pass(
    kind: PassKind = 'full',
    settings: Partial<PassSettings> = {},
  ): Promise<readonly (ExtractionEvent & { readonly ms: number })[]> {
    const refs = this.#refs(++this.#passes);
    const startedAt = this.clock.now();
    await this.#record({
      type: 'PassStarted',
      data: { ...refs, number: this.#passes, kind, settings: { ...passSettings, ...settings }, at: startedAt },
    });
    await this.#record({ type: 'PassBegun', data: { ...refs, at: startedAt } });
    this.#queue = [{ kind: 'plan', ...refs }];
    for (let unit = this.#queue.shift(); unit !== undefined; unit = this.#queue.shift()) {
      await this.#done(unit);
      if (this.#failed === undefined) continue;
      await this.#record({ type: 'PassFailed', data: { ...refs, kind, cause: this.#failed, at: this.clock.now() } });
      this.#failed = undefined;
    }
    const events = await this.#store.read(extractionStream(refs.passId));
    const totals = { discovered: 0, exported: 0, skipped: 0, failed: 0 };
    if (events.some(({ type }) => type === 'ExtractionFinished'))
      await this.#record({ type: 'PassCompleted', data: { ...refs, kind, pass: totals, mailbox: totals, at: this.clock.now() } });
    return events.map(({ at, ...event }) => ({ ...(event as unknown as ExtractionEvent), ms: Date.parse(at) - Date.parse(startedAt) }));
  }

  /** What has changed since the passes. */
  drift(): Promise<ReadDriftReply> {
    const ports = { store: this.#store, work: this.work, clock: this.clock, client: () => Promise.resolve(this.#source.source()) };
    return readDrift(ports, { mailboxJobId: this.#refs(0).mailboxJobId, cursor: null });
  }

  /** Every copy that updates have named. */
  async superseded(): Promise<readonly SupersededItem[]> {
    const ports = { store: this.#store, work: this.work };
    const reply = await listSuperseded(ports, { mailboxJobId: this.#refs(0).mailboxJobId, cursor: null, limit: 1_000 });
    return reply.is === 'listed' ? reply.items : [];
  }

  /** Another worker goes on, which remembers nothing. */
  changeWorker(): void {
    this.#handler = new UnitHandler(this.#worker());
  }

  close(): Promise<void> {
    return this.#store.close();
  }

  async #done(unit: WorkUnit): Promise<void> {
    for (;;) {
      try {
        return await this.#handler.handle(unit, new AbortController().signal, { lend: () => undefined });
      } catch (error) {
        const waitMs = isFault(error) ? retryDelayMs(error.retry) : undefined;
        if (waitMs === undefined) throw error;
        await this.clock.sleep(waitMs);
      }
    }
  }

  #refs(number: number): PassRefs {
    return {
      workgroupId: 'w',
      customerId: '01JQ0000000000000000000003',
      projectId: '01JQ0000000000000000000002',
      mailboxJobId: '01JQ0000000000000000000000',
      passId: `01JQ00000000000000000001${String(number).padStart(2, '0')}`,
    };
  }

  async #record(event: MailboxJobEvent): Promise<void> {
    const stream = mailboxJobStream(this.#refs(0).mailboxJobId);
    await this.#store.append({
      context: 'projects',
      stream,
      expectedVersion: (await this.#store.read(stream)).length,
      events: [event],
      at: this.clock.now(),
      metadata: { commandId: `test-${String(this.#commits++)}`, by: 'test' },
    });
  }

  /** The log, which also tells the run when the extraction fails, as the projects service would hear it. */
  #log(): ExtractionLog {
    const log = new ExtractionLog(this.#store, this.clock);
    const append = log.append.bind(log);
    log.append = (passId, commandId, events, wanted) => {
      for (const event of events) if (event.type === 'ExtractionFailed') this.#failed = event.data.cause;
      return append(passId, commandId, events, wanted);
    };
    return log;
  }

  #worker(): Worker {
    const transport: Pick<Transport, 'send' | 'backlog'> = {
      send: (topic, records) => {
        if (topic === WORK_TOPIC) this.#queue.push(...records.map(({ value }) => JSON.parse(new TextDecoder().decode(value)) as WorkUnit));
        const alike = Map.groupBy(this.#queue, (unit) => JSON.stringify(unit));
        this.mostAlike = Math.max(this.mostAlike, ...[...alike.values()].map((units) => units.length));
        return Promise.resolve();
      },
      backlog: () => Promise.resolve({ records: 0, bytes: 0 }),
    };
    return {
      store: this.#store,
      transport: transport as Transport,
      work: this.work,
      log: this.#log(),
      histories: new Histories(this.#store),
      clock: this.clock,
      limits: {
        pageItems: 3,
        sliceItems: 10,
        sliceBytes: 1_000_000,
        mostItemBytes: 1_000,
        batchesAtOnce: 2,
        claimFromBytes: 1_000_000,
        backlogBytes: 1_000_000,
        backlogRecords: 1_000,
        ...this.#limits,
      },
      client: () => Promise.resolve(this.#source.source()),
      refused: () => undefined,
      waits: new Waits(),
      held: () => undefined,
      defect: (error) => {
        throw error;
      },
    };
  }
}
