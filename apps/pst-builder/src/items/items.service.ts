import { Inject, Injectable } from '@nestjs/common';
import { DEAD_LETTERS, FAILED, Resident, TRANSPORT, type Failed } from '@pstream/wiring';
import type { DeadLetters, Transport } from '@pstream/transport';
import { consumeItems } from './items.consumer.js';
import type { BuilderPorts } from '../pass/builder-ports.js';
import type { Verifier } from '../verify/verify-part.js';

/** Names under which the module hands the service what builders need, and the verifier that it closes. */
export const BUILDER_PORTS = Symbol('BuilderPorts');
export const VERIFIER = Symbol('Verifier');

/** Runs the consumer of the items topic for as long as the process lives. */
@Injectable()
export class ItemsService extends Resident {
  constructor(
    @Inject(TRANSPORT) private readonly transport: Transport,
    @Inject(BUILDER_PORTS) private readonly ports: BuilderPorts,
    @Inject(VERIFIER) private readonly verifier: Verifier,
    @Inject(DEAD_LETTERS) private readonly deadLetters: DeadLetters,
    @Inject(FAILED) private readonly failed: Failed,
  ) {
    super();
  }

  protected override async start(): Promise<void> {
    const { transport, ports, deadLetters, failed } = this;
    this.closes(this.verifier);
    this.closes(await consumeItems(transport, ports, { deadLetters, failed }));
  }
}
