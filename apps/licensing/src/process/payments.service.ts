import { Inject, Injectable } from '@nestjs/common';
import { licencePoolsPrefix } from '@pstream/contracts';
import type { Clock } from '@pstream/kernel';
import { CLOCK, errorFacts, inRounds, LOG, Resident, type Log } from '@pstream/wiring';
import { LICENSING_PORTS, type LicensingPorts } from '../commands/ports.js';
import { PaymentProcess } from './payment-process.js';

/** How often open payments are looked at, in milliseconds. */
export const PAYMENT_ROUND_MS = Symbol('PaymentRoundMs');

/** Looks at every order that waits for its card payment or its refund, in rounds: what failed is tried again, and what the buyer did on the
 *  provider's page is found. */
@Injectable()
export class PaymentsService extends Resident {
  constructor(
    @Inject(LICENSING_PORTS) private readonly ports: LicensingPorts,
    @Inject(PaymentProcess) private readonly process: PaymentProcess,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(PAYMENT_ROUND_MS) private readonly everyMs: number,
    @Inject(LOG) private readonly log: Log,
  ) {
    super();
  }

  protected override start(): void {
    const failed = (error: unknown): void => this.log.write('warn', 'payment.not-advanced', errorFacts(error));
    this.awaits(
      inRounds({ clock: this.clock, everyMs: this.everyMs, signal: this.stopping, failed }, async () => {
        for await (const stream of this.ports.store.streams(licencePoolsPrefix)) {
          this.stopping.throwIfAborted();
          for (const error of await this.process.advanceAll(stream.slice(licencePoolsPrefix.length))) failed(error);
        }
      }),
    );
  }
}
