import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { DEAD_LETTERS, FAILED, TRANSPORT, type Failed } from '@pstream/wiring';
import type { DeadLetters, Subscription, Transport } from '@pstream/transport';
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
    @Inject(DEAD_LETTERS) private readonly deadLetters: DeadLetters,
    @Inject(FAILED) private readonly failed: Failed,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    const { transport, ports, deadLetters, failed } = this;
    this.#subscription = await consumeItems(transport, ports, { deadLetters, failed });
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.#subscription?.close();
    await this.verifier.close();
  }
}
