import { Inject, Injectable, Optional, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import type { BlobStore } from '@pstream/blob';
import { WORK_GROUP, WORK_TOPIC, WorkUnit } from '@pstream/contracts';
import type { EventStore } from '@pstream/event-store';
import { Fault, type Clock, type Random } from '@pstream/kernel';
import { CLOCK, errorFacts, EVENT_STORE, FAILED, LOG, RANDOM, SECRETS, TRANSPORT, WORK_BLOBS, type Failed, type Log } from '@pstream/nest';
import type { SecretStore } from '@pstream/secrets';
import { consumeByKey, type Subscription, type Transport } from '@pstream/transport';
import { ExtractionLog } from './extraction-log.js';
import { UnitHandler } from './handle-unit.js';
import { Histories } from './histories.js';
import { Tenants } from './tenants.js';
import { Waits } from './waits.js';
import type { ExtractorLimits } from './worker.js';

/** Name under which the module hands its numbers to the consumer. */
export const EXTRACTOR_OPTIONS = Symbol('ExtractorOptions');
export type ExtractorOptions = Omit<ExtractorLimits, 'claimFromBytes'> & { readonly claimFromBytes?: number | undefined; readonly mailboxesAtOnce: number };

/** Works on units from the topic: many mailboxes side by side, each in order. */
@Injectable()
export class WorkConsumer implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #transport: Transport;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #options: ExtractorOptions;
  readonly #tenants: Tenants;
  readonly #handler: UnitHandler;
  #subscription: Subscription | undefined;

  constructor(
    @Inject(EVENT_STORE) store: EventStore,
    @Inject(TRANSPORT) transport: Transport,
    @Inject(WORK_BLOBS) work: BlobStore,
    @Inject(SECRETS) secrets: SecretStore,
    @Inject(CLOCK) clock: Clock,
    @Inject(RANDOM) random: Random,
    @Inject(LOG) log: Log,
    @Inject(EXTRACTOR_OPTIONS) options: ExtractorOptions,
    @Optional() @Inject(FAILED) private readonly failed?: Failed,
  ) {
    this.#transport = transport;
    this.#clock = clock;
    this.#log = log;
    this.#options = options;
    const waits = new Waits();
    this.#tenants = new Tenants(secrets, { clock, random }, (entry) => {
      const { mailbox, limit, waitMs, requestId } = entry;
      waits.add(entry);
      log.write('info', 'graph.throttled', { mailbox, limit, waitMs, requestId });
    });
    const defect = (error: unknown): void => log.write('error', 'extractor.defect', errorFacts(error));
    this.#handler = new UnitHandler(
      { store, transport, work, clock, limits: { ...options, claimFromBytes: options.claimFromBytes ?? Math.floor(transport.maxRecordBytes / 2) }, log: new ExtractionLog(store, clock), histories: new Histories(store), client: (control) => this.#tenants.client(control), refused: (control) => this.#tenants.forget(control), waits, defect },
    );
  }

  async onApplicationBootstrap(): Promise<void> {
    this.#subscription = await consumeByKey(this.#transport, {
      clock: this.#clock,
      topics: [WORK_TOPIC],
      group: WORK_GROUP,
      concurrency: this.#options.mailboxesAtOnce,
      handler: async (record, signal) => this.#handler.handle(readUnit(record.value), signal),
      failed: (error) => {
        this.#log.write('error', 'extractor.stopped', errorFacts(error));
        this.failed?.(error);
      },
    });
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.#subscription?.close();
    await this.#tenants.close();
  }
}

const readUnit = (value: Uint8Array): WorkUnit => {
  const parsed = WorkUnit.safeParse(JSON.parse(new TextDecoder().decode(value)));
  if (parsed.success) return parsed.data;
  throw new Fault('work.unreadable', { retry: 'never', facts: { fields: parsed.error.issues.map((issue) => issue.path.join('.')) } });
};
