import type { AppSecrets } from './process/app-secrets.js';
import type { Collector } from './process/collector.js';
import type { OutboxPorts, Outboxes } from './process/outboxes.js';

/** What the doors of this service work with. */
export type Notifier = {
  readonly ports: OutboxPorts;
  readonly outboxes: Outboxes;
  readonly collector: Collector;
  readonly appSecrets: AppSecrets;
};

/** Name under which the module hands it to them. */
export const NOTIFIER = Symbol('Notifier');
