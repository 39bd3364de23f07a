import { Inject, Injectable } from '@nestjs/common';
import type { Clock, Facts } from '@pstream/kernel';
import { CLOCK, errorFacts, inRounds, LOG, Resident, type Log } from '@pstream/wiring';
import { forAllPools } from '../commands/pool.js';
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
    const { ports, process, clock, everyMs, log, stopping: signal } = this;
    const failed = (error: unknown, facts: Facts = {}): void =>
      log.write('warn', 'payment.not-advanced', { ...facts, ...errorFacts(error) });
    const round = (): Promise<void> =>
      forAllPools(ports, { signal, failed }, async (workgroupId) => {
        for (const { orderId, error } of await process.advanceAll(workgroupId, signal)) failed(error, { orderId });
      });
    this.awaits(inRounds({ clock, everyMs, signal, failed }, round));
  }
}
