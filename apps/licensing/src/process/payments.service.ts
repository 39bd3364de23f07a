import { Inject, Injectable } from '@nestjs/common';
import { licencePoolsPrefix } from '@pstream/contracts';
import type { Clock } from '@pstream/kernel';
import { CLOCK, errorFacts, inRounds, LOG, Resident, type Log } from '@pstream/wiring';
import { LICENSING_PORTS, type LicensingPorts } from '../commands/ports.js';
import { PaymentProcess } from './payment-process.js';

const ROUND_MS = 60_000;

/** Looks at every order that waits for its card payment or its refund each minute: what failed is tried again, and what the provider could
 *  not report is found. */
@Injectable()
export class PaymentsService extends Resident {
  constructor(
    @Inject(LICENSING_PORTS) private readonly ports: LicensingPorts,
    @Inject(PaymentProcess) private readonly process: PaymentProcess,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOG) private readonly log: Log,
  ) {
    super();
  }

  protected override start(): void {
    const failed = (error: unknown): void => this.log.write('warn', 'payment.not-advanced', errorFacts(error));
    this.awaits(
      inRounds({ clock: this.clock, everyMs: ROUND_MS, signal: this.stopping, failed }, async () => {
        for await (const stream of this.ports.store.streams(licencePoolsPrefix)) {
          this.stopping.throwIfAborted();
          for (const error of await this.process.advanceAll(stream.slice(licencePoolsPrefix.length))) failed(error);
        }
      }),
    );
  }
}
