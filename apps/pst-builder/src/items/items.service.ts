import { Inject, Injectable, Optional, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { FAILED, TRANSPORT, type Failed } from '@pstream/wiring';
import type { Subscription, Transport } from '@pstream/transport';
import { consumeItems } from './items.consumer.js';
import type { BuilderPorts } from '../pass/builder-ports.js';
import type { Verifier } from '../verify/verify-part.js';

/** Names under which the module hands the service what builders need, and the verifier that it closes. */
export const BUILDER_PORTS = Symbol('BuilderPorts');
export const VERIFIER = Symbol('Verifier');

/** Runs the consumer of the items topic for as long as the process lives. */
@Injectable()
export class ItemsService implements OnApplicationBootstrap, BeforeApplicationShutdown {
  #subscription: Subscription | undefined;

  constructor(
    @Inject(TRANSPORT) private readonly transport: Transport,
    @Inject(BUILDER_PORTS) private readonly ports: BuilderPorts,
    @Inject(VERIFIER) private readonly verifier: Verifier,
    @Optional() @Inject(FAILED) private readonly failed?: Failed,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    this.#subscription = await consumeItems(this.transport, this.ports, (error) => {
      this.ports.defect(error);
      this.failed?.(error);
    });
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.#subscription?.close();
    await this.verifier.close();
  }
}
