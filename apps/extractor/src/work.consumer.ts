import { Inject, Injectable, Optional, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { readWorkUnit, WORK_GROUP, WORK_TOPIC } from '@pstream/contracts';
import type { Clock } from '@pstream/kernel';
import { CLOCK, errorFacts, FAILED, LOG, TRANSPORT, type Failed, type Log } from '@pstream/wiring';
import { consumeByKey, type Subscription, type Transport } from '@pstream/transport';
import type { UnitHandler } from './handle-unit.js';
import type { Tenants } from './tenants.js';

/** Name under which the module hands the consumer what works on units. */
export const EXTRACTOR = Symbol('Extractor');
/** What works on units, the tenants that it talks to, and how many mailboxes it takes at once. */
export type Extractor = { readonly handler: UnitHandler; readonly tenants: Tenants; readonly mailboxesAtOnce: number };

/** Works on units from the topic: many mailboxes side by side, each in order. */
@Injectable()
export class WorkConsumer implements OnApplicationBootstrap, BeforeApplicationShutdown {
  #subscription: Subscription | undefined;

  constructor(
    @Inject(TRANSPORT) private readonly transport: Transport,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOG) private readonly log: Log,
    @Inject(EXTRACTOR) private readonly extractor: Extractor,
    @Optional() @Inject(FAILED) private readonly failed?: Failed,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    this.#subscription = await consumeByKey(this.transport, {
      clock: this.clock,
      topics: [WORK_TOPIC],
      group: WORK_GROUP,
      concurrency: this.extractor.mailboxesAtOnce,
      handler: async (record, signal) => this.extractor.handler.handle(readWorkUnit(record), signal),
      failed: (error) => {
        this.log.write('error', 'extractor.stopped', errorFacts(error));
        this.failed?.(error);
      },
    });
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.#subscription?.close();
    await this.extractor.tenants.close();
  }
}
