import { Module, type DynamicModule, type FactoryProvider } from '@nestjs/common';
import { keptInMemory, type EventStore } from '@pstream/event-store';
import type { Clock } from '@pstream/kernel';
import { CLOCK, EVENT_STORE, LOG, type Log } from '@pstream/wiring';
import type { PoolPorts } from './commands/pool.js';
import { LICENSING_PORTS, type LicensingPorts } from './commands/ports.js';
import type { Prices } from './config.js';
import { LicensingController, PaymentProcessController } from './licensing.controller.js';
import type { Payments } from './payments/payments.js';
import { trialCards } from './payments/trial-cards.js';
import { PaymentProcess } from './process/payment-process.js';
import { ExpiryService } from './process/expiry.service.js';
import { PaymentsService } from './process/payments.service.js';

/** How this service is set up. */
export type LicensingOptions = {
  /** `trial` accepts every card and moves no money; `none` has no card payments. */
  readonly cards: 'none' | 'trial';
  readonly prices?: Prices | undefined;
  /** `off`: no pass needs a licence, and none can be bought. */
  readonly licences?: 'needed' | 'off';
};

const POOLS = Symbol('LicencePools');

const pools: FactoryProvider<PoolPorts> = {
  provide: POOLS,
  useFactory: (store: EventStore): PoolPorts => ({ store, kept: keptInMemory(16) }),
  inject: [EVENT_STORE],
};

/** Orders, their payment, and User Migration Bundles. */
@Module({})
export class LicensingModule {
  static with({ cards, prices, licences = 'needed' }: LicensingOptions): DynamicModule {
    const payments: Payments | undefined = cards === 'trial' ? trialCards : undefined;
    const process: FactoryProvider<PaymentProcess> = {
      provide: PaymentProcess,
      useFactory: (licensing: PoolPorts, clock: Clock, log: Log) =>
        new PaymentProcess({ licensing, clock, payments, noticed: (what, facts) => log.write('error', `payment.${what}`, facts) }),
      inject: [POOLS, CLOCK, LOG],
    };
    const ports: FactoryProvider<LicensingPorts> = {
      provide: LICENSING_PORTS,
      useFactory: (licensing: PoolPorts, payment: PaymentProcess) => ({
        ...licensing,
        terms: { enforced: licences === 'needed', cards, price: prices ?? null },
        advance: payments?.isImmediate === true ? (order) => payment.advance(order) : undefined,
      }),
      inject: [POOLS, PaymentProcess],
    };
    return {
      module: LicensingModule,
      controllers: [LicensingController, PaymentProcessController],
      providers: [pools, process, ports, PaymentsService, ExpiryService],
    };
  }
}
