import { Inject, Injectable, Optional, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { openPartStore, type BlobStore } from '@pstream/blob';
import type { PassControl } from '@pstream/contracts';
import type { EventStore } from '@pstream/event-store';
import type { Clock, Random } from '@pstream/kernel';
import { CLOCK, errorFacts, EVENT_STORE, FAILED, LOG, RANDOM, SECRETS, TRANSPORT, WORK_BLOBS, type Failed, type Log } from '@pstream/nest';
import type { SecretStore } from '@pstream/secrets';
import type { Subscription, Transport } from '@pstream/transport';
import { destinationConfig, PST_LAYOUT } from '@pstream/platform';
import { consumeItems } from './items.consumer.js';
import { threadVerifier } from './thread-verifier.js';
import type { BuilderLimits, BuilderPorts } from './pass-builder.js';

/** Name under which the module hands its numbers to the service. */
export const BUILDER_LIMITS = Symbol('BuilderLimits');

/** Runs the consumer of the items topic for as long as the process lives. */
@Injectable()
export class ItemsService implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #transport: Transport;
  readonly #ports: BuilderPorts;
  readonly #verifier = threadVerifier();
  #subscription: Subscription | undefined;

  constructor(
    @Inject(EVENT_STORE) store: EventStore,
    @Inject(TRANSPORT) transport: Transport,
    @Inject(WORK_BLOBS) work: BlobStore,
    @Inject(SECRETS) secrets: SecretStore,
    @Inject(CLOCK) clock: Clock,
    @Inject(RANDOM) random: Random,
    @Inject(LOG) log: Log,
    @Inject(BUILDER_LIMITS) limits: BuilderLimits,
    @Optional() @Inject(FAILED) private readonly failed?: Failed,
  ) {
    this.#transport = transport;
    this.#ports = {
      store,
      work,
      clock,
      limits,
      parts: async (control: PassControl) => {
        const parts = openPartStore(await destinationConfig(control.settings, secrets), { clock, random, layout: PST_LAYOUT });
        // Makes the container where it is absent, and finds out early what the destination refuses.
        await parts.check();
        return parts;
      },
      verify: async (control, name, entries) => this.#verifier.verify({ destination: await destinationConfig(control.settings, secrets), layout: PST_LAYOUT, name, entries }),
      defect: (error) => log.write('error', 'pst-builder.defect', errorFacts(error)),
      uncleared: (error) => log.write('warn', 'pst-builder.uncleared', errorFacts(error)),
    };
  }

  async onApplicationBootstrap(): Promise<void> {
    this.#subscription = await consumeItems(this.#transport, this.#ports, (error) => {
      this.#ports.defect(error);
      this.failed?.(error);
    });
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.#subscription?.close();
    await this.#verifier.close();
  }
}
