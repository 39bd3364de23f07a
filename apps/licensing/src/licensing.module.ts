import { Module, type DynamicModule } from '@nestjs/common';
import { EVENT_STORE } from '@pstream/wiring';
import { keptInMemory, type EventStore } from '@pstream/event-store';
import { LICENSING_PORTS, LicensingController } from './licensing.controller.js';
import type { LicensingPorts } from './commands/handlers.js';
import { noCards, trialCards } from './payments/payments.js';

/** How this service is set up. */
export type LicensingOptions = {
  /** `trial` accepts every card and moves no money; `none` has no card payments. */
  readonly cards: 'none' | 'trial';
};

/** Orders and User Migration Bundles. */
@Module({})
export class LicensingModule {
  static with(options: LicensingOptions): DynamicModule {
    const ports = {
      provide: LICENSING_PORTS,
      useFactory: (store: EventStore): LicensingPorts => ({
        store,
        payments: options.cards === 'trial' ? trialCards : noCards,
        kept: keptInMemory(16),
      }),
      inject: [EVENT_STORE],
    };
    return { module: LicensingModule, controllers: [LicensingController], providers: [ports] };
  }
}
