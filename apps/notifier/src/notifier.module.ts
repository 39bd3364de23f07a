import { Module, type DynamicModule, type FactoryProvider } from '@nestjs/common';
import { keptInMemory, type EventStore } from '@pstream/event-store';
import type { Clock, Ids } from '@pstream/kernel';
import type { SecretStore } from '@pstream/secrets';
import { CLOCK, EVENT_STORE, HEALTH, IDS, LOG, SECRETS, type Log, type ProcessHealth } from '@pstream/wiring';
import { deliverer } from './channels/deliver.js';
import { mailOptionsOf, type NotifierOptions } from './config.js';
import { CollectorController, NotifierController } from './notifier.controller.js';
import { NOTIFIER, type Notifier } from './ports.js';
import { AppSecrets } from './process/app-secrets.js';
import { Collector } from './process/collector.js';
import { DELIVERY_ROUND_MS, DeliveryService } from './process/delivery.service.js';
import { Outboxes, type OutboxPorts } from './process/outboxes.js';

const EVERY_MS = 5_000;
/** Workgroups and outboxes whose state is kept in memory. Most outboxes are empty; a full one has 500 entries, about 250 KB. */
const KEPT = { subscriptions: 64, outboxes: 512 };

/** Notices of what happens, to those who want to hear of it. */
@Module({})
export class NotifierModule {
  /** Throws ConfigError where the mail server is not set up completely. */
  static with(options: NotifierOptions): DynamicModule {
    const { everyMs = EVERY_MS, noticeLink: link, noticePrivateHosts } = options;
    const channels = { mail: mailOptionsOf(options), privateHosts: new Set(noticePrivateHosts) };
    const notifier: FactoryProvider<Notifier> = {
      provide: NOTIFIER,
      useFactory: (store: EventStore, secrets: SecretStore, clock: Clock, ids: Ids, log: Log, health: ProcessHealth) => {
        const counts = { open: 0, givenUp: 0, delayed: 0 };
        const ports: OutboxPorts = {
          store,
          kept: { subscriptions: keptInMemory(KEPT.subscriptions), outboxes: keptInMemory(KEPT.outboxes) },
          clock,
          ids,
          deliver: deliverer({ secrets, clock }, channels),
          link,
          noticed: (what, facts) => {
            counts[what === 'given-up' ? 'givenUp' : 'delayed']++;
            log.write(what === 'given-up' ? 'error' : 'warn', `notice.${what}`, facts);
          },
        };
        const outboxes = new Outboxes(ports);
        health.counts('notices', () => ({ ...counts, open: outboxes.open.length }));
        const collector = new Collector(ports, outboxes);
        return { ports, outboxes, collector, appSecrets: new AppSecrets(ports, collector) };
      },
      inject: [EVENT_STORE, SECRETS, CLOCK, IDS, LOG, HEALTH],
    };
    return {
      module: NotifierModule,
      controllers: [NotifierController, CollectorController],
      providers: [notifier, { provide: DELIVERY_ROUND_MS, useValue: everyMs }, DeliveryService],
    };
  }
}
