import { Module, type DynamicModule, type FactoryProvider } from '@nestjs/common';
import { keptInMemory, type EventStore } from '@pstream/event-store';
import type { Clock } from '@pstream/kernel';
import { CLOCK, errorFacts, EVENT_STORE, LOG, type Log } from '@pstream/wiring';
import type { PoolPorts } from './commands/pool.js';
import { LICENSING_PORTS, type LicensingPorts } from './commands/ports.js';
import { LicensingController, PaymentProcessController } from './licensing.controller.js';
import { paymentsOf, type CardOptions } from './payments/payments-of.js';
import { onceMore } from './process/once-more.js';
import { PaymentProcess } from './process/payment-process.js';
import { ExpiryService } from './process/expiry.service.js';
import { PAYMENT_ROUND_MS, PaymentsService } from './process/payments.service.js';

/** How this service is set up. */
export type LicensingOptions = CardOptions & {
  /** `off`: no pass needs a licence, and none can be bought. */
  readonly licences?: 'needed' | 'off';
  /** How often open payments are looked at; 15 seconds by default. */
  readonly everyMs?: number;
};

const EVERY_MS = 15_000;

const POOLS = Symbol('LicencePools');

const pools: FactoryProvider<PoolPorts> = {
  provide: POOLS,
  useFactory: (store: EventStore): PoolPorts => ({ store, kept: keptInMemory(16) }),
  inject: [EVENT_STORE],
};

/** Orders, their payment, and User Migration Bundles. */
@Module({})
export class LicensingModule {
  /** Throws ConfigError where card payments are not set up completely. */
  static with(options: LicensingOptions): DynamicModule {
    const { cards, prices, licences = 'needed', everyMs = EVERY_MS } = options;
    const payments = paymentsOf(options);
    const process: FactoryProvider<PaymentProcess> = {
      provide: PaymentProcess,
      useFactory: (licensing: PoolPorts, clock: Clock, log: Log) =>
        new PaymentProcess({ licensing, clock, payments, noticed: (what, facts) => log.write('error', `payment.${what}`, facts) }),
      inject: [POOLS, CLOCK, LOG],
    };
    const ports: FactoryProvider<LicensingPorts> = {
      provide: LICENSING_PORTS,
      useFactory: (licensing: PoolPorts, payment: PaymentProcess, log: Log) => ({
        ...licensing,
        terms: { enforced: licences === 'needed', cards, price: prices ?? null },
        advance: payments?.isImmediate === true ? (order) => payment.advance(order) : undefined,
        lookSoon: onceMore(
          (order) => payment.advance(order),
          (error) => log.write('warn', 'payment.not-advanced', errorFacts(error)),
        ),
        addressOf: payments === undefined ? undefined : (checkout) => payments.addressOf(checkout),
      }),
      inject: [POOLS, PaymentProcess, LOG],
    };
    return {
      module: LicensingModule,
      controllers: [LicensingController, PaymentProcessController],
      providers: [pools, process, ports, { provide: PAYMENT_ROUND_MS, useValue: everyMs }, PaymentsService, ExpiryService],
    };
  }
}
