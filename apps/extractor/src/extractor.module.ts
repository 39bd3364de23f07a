import { Module, type DynamicModule } from '@nestjs/common';
import type { BlobStore } from '@pstream/blob';
import type { EventStore } from '@pstream/event-store';
import type { Clock, Random, Threads } from '@pstream/kernel';
import {
  CLOCK,
  errorFacts,
  EVENT_STORE,
  FAILED,
  LOG,
  RANDOM,
  SECRETS,
  threadWatch,
  TRANSPORT,
  WORK_BLOBS,
  type Failed,
  type Log,
} from '@pstream/wiring';
import type { SecretStore } from '@pstream/secrets';
import type { Transport } from '@pstream/transport';
import { DRIFT_PORTS, DriftController } from './drift/drift.controller.js';
import type { DriftPorts } from './drift/read-drift.js';
import { ExtractionLog } from './extraction-log.js';
import { UnitHandler } from './handle-unit.js';
import { Histories } from './histories.js';
import { PassesController } from './passes.controller.js';
import { inlineSources, threadedSources } from './source/threaded-sources.js';
import { Tenants } from './tenants.js';
import { Waits } from './waits.js';
import { EXTRACTOR, WorkConsumer, type Extractor } from './work.consumer.js';
import type { ExtractorLimits, Worker } from './worker.js';

/** Files of more than 60 GB are refused by MigrationWiz, and by what opens PSTs long before that. */
const MOST_ITEM_BYTES = 60e9;

/** The numbers of an extractor, and how many mailboxes it takes at once. Without `claimFromBytes`, streams above half of the largest record travel as claims. */
export type ExtractorOptions = Omit<ExtractorLimits, 'claimFromBytes' | 'mostItemBytes'> & {
  readonly claimFromBytes?: number | undefined;
  readonly mailboxesAtOnce: number;
  /** Where calls to tenants run. */
  readonly threads: Threads;
};

/** Pages mailboxes, exports their items and publishes them for the builders. */
@Module({})
export class ExtractorModule {
  static with(options: ExtractorOptions): DynamicModule {
    const extractor = {
      provide: EXTRACTOR,
      useFactory: (
        store: EventStore,
        transport: Transport,
        work: BlobStore,
        secrets: SecretStore,
        clock: Clock,
        random: Random,
        log: Log,
        failed: Failed,
      ): Extractor => {
        const waits = new Waits();
        const sources = options.threads === 'own' ? threadedSources(threadWatch(log, failed)) : inlineSources({ clock, random });
        const tenants = new Tenants(secrets, sources, clock, (entry) => {
          const { mailbox, limit, waitMs, until, requestId } = entry;
          waits.add(entry);
          log.write('info', 'graph.throttled', { mailbox, limit, waitMs, until, requestId });
        });
        const worker: Worker = {
          store,
          transport,
          work,
          clock,
          limits: {
            ...options,
            mostItemBytes: MOST_ITEM_BYTES,
            claimFromBytes: options.claimFromBytes ?? Math.floor(transport.maxRecordBytes / 2),
          },
          log: new ExtractionLog(store, clock),
          histories: new Histories(store),
          client: (control) => tenants.client(control),
          refused: (control) => tenants.forget(control),
          waits,
          held: (facts) => log.write('warn', 'extraction.held', facts),
          defect: (error) => log.write('error', 'extractor.defect', errorFacts(error)),
        };
        return { handler: new UnitHandler(worker), tenants, mailboxesAtOnce: options.mailboxesAtOnce };
      },
      inject: [EVENT_STORE, TRANSPORT, WORK_BLOBS, SECRETS, CLOCK, RANDOM, LOG, FAILED],
    };
    const drift = {
      provide: DRIFT_PORTS,
      useFactory: ({ tenants }: Extractor, store: EventStore, work: BlobStore, clock: Clock): DriftPorts => ({
        store,
        work,
        clock,
        client: (control) => tenants.client(control),
      }),
      inject: [EXTRACTOR, EVENT_STORE, WORK_BLOBS, CLOCK],
    };
    return { module: ExtractorModule, controllers: [PassesController, DriftController], providers: [extractor, drift, WorkConsumer] };
  }
}
