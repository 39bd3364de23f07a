import { Module, type DynamicModule } from '@nestjs/common';
import { openPartStore, type BlobStore } from '@pstream/blob';
import type { EventStore } from '@pstream/event-store';
import { retryBudget, type Clock, type Ids, type Random, type Threads } from '@pstream/kernel';
import {
  CLOCK,
  errorFacts,
  EVENT_STORE,
  FAILED,
  IDS,
  LOG,
  RANDOM,
  SECRETS,
  threadWatch,
  WORK_BLOBS,
  type Failed,
  type Log,
} from '@pstream/wiring';
import { destinationConfig, PST_LAYOUT } from '@pstream/platform';
import type { SecretStore } from '@pstream/secrets';
import { CLOSING_PORTS, ClosingController } from './closing/closing.controller.js';
import type { ClosingPorts } from './closing/settle-parts.js';
import { BUILDER_PORTS, ItemsService, VERIFIER } from './items/items.service.js';
import type { BuilderLimits, BuilderPorts } from './pass/builder-ports.js';
import { ContentController } from './content/content.controller.js';
import { OpenParts } from './content/open-parts.js';
import { KEEP_DAYS, SweepService } from './sweep/sweep.service.js';
import { inlineVerifier, threadVerifier } from './verify/thread-verifier.js';
import type { Verifier } from './verify/verify-part.js';

/** The numbers of a builder, and where it reads parts back. */
export type BuilderOptions = BuilderLimits & { readonly keepDays: number; readonly threads: Threads };

/** Turns item messages into proven PST parts at the destination. */
@Module({})
export class PstBuilderModule {
  static with({ keepDays, threads, ...limits }: BuilderOptions): DynamicModule {
    const verifier = {
      provide: VERIFIER,
      useFactory: (clock: Clock, random: Random, log: Log, failed: Failed): Verifier =>
        threads === 'own' ? threadVerifier(threadWatch(log, failed)) : inlineVerifier({ clock, random }),
      inject: [CLOCK, RANDOM, LOG, FAILED],
    };
    const ports = {
      provide: BUILDER_PORTS,
      useFactory: (
        store: EventStore,
        work: BlobStore,
        secrets: SecretStore,
        clock: Clock,
        ids: Ids,
        random: Random,
        log: Log,
        verifying: Verifier,
      ): BuilderPorts => ({
        store,
        work,
        clock,
        ids,
        limits,
        parts: async ({ settings }) => {
          const parts = openPartStore(await destinationConfig(settings, secrets), { clock, random, layout: PST_LAYOUT });
          // Makes the container where it is absent, and finds out early what the destination refuses.
          await parts.check();
          return parts;
        },
        verify: async ({ settings }, name, entries) =>
          verifying.verify({ destination: await destinationConfig(settings, secrets), layout: PST_LAYOUT, name, entries }),
        waiting: ({ fault, ...wait }) => log.write('warn', 'pst-builder.waiting', { ...wait, ...errorFacts(fault) }),
        defect: (error) => log.write('error', 'pst-builder.defect', errorFacts(error)),
        uncleared: (error) => log.write('warn', 'pst-builder.uncleared', errorFacts(error)),
      }),
      inject: [EVENT_STORE, WORK_BLOBS, SECRETS, CLOCK, IDS, RANDOM, LOG, VERIFIER],
    };
    const closing = {
      provide: CLOSING_PORTS,
      useFactory: (store: EventStore, secrets: SecretStore, clock: Clock, ids: Ids, random: Random): ClosingPorts => ({
        store,
        clock,
        ids,
        open: async (settings) =>
          openPartStore(await destinationConfig(settings, secrets), {
            clock,
            random,
            layout: PST_LAYOUT,
            budget: retryBudget(clock, { share: 0, least: 2 }),
          }),
      }),
      inject: [EVENT_STORE, SECRETS, CLOCK, IDS, RANDOM],
    };
    const openParts = {
      provide: OpenParts.TOKEN,
      useFactory: (store: EventStore, secrets: SecretStore, clock: Clock, random: Random): OpenParts =>
        new OpenParts({
          store,
          clock,
          parts: async ({ settings }) => openPartStore(await destinationConfig(settings, secrets), { clock, random, layout: PST_LAYOUT }),
        }),
      inject: [EVENT_STORE, SECRETS, CLOCK, RANDOM],
    };
    return {
      module: PstBuilderModule,
      controllers: [ClosingController, ContentController],
      providers: [verifier, ports, closing, openParts, { provide: KEEP_DAYS, useValue: keepDays }, ItemsService, SweepService],
    };
  }
}
