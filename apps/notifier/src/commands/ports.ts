import {
  outboxStream,
  subscriptionsStream,
  templatesStream,
  type OutboxEvent,
  type SubscriptionEvent,
  type TemplateEvent,
} from '@pstream/contracts';
import { streamOf, type EventStore, type KeptStates, type Stream } from '@pstream/event-store';
import { evolve as evolveOutbox, emptyOutbox, type Outbox } from '../domain/outbox/state.js';
import { evolve as evolveTemplates, noTemplates, type Templates } from '../domain/templates/decide.js';
import { evolve, noSubscriptions, type Subscription, type Subscriptions } from '../domain/subscriptions/state.js';

/** What the handlers of this service need. */
export type NotifierPorts = {
  readonly store: EventStore;
  readonly kept: { readonly subscriptions: KeptStates<Subscriptions>; readonly outboxes: KeptStates<Outbox> };
};

/** The subscriptions of a workgroup. */
export const subscriptionsOf = ({ store, kept }: NotifierPorts, workgroupId: string): Stream<SubscriptionEvent, Subscriptions> =>
  streamOf(store, subscriptionsStream(workgroupId), { context: 'notices', evolve, initial: noSubscriptions, kept: kept.subscriptions });

/** The templates of a workgroup. There are few, and they are read where a notice is made. */
export const templatesOf = ({ store }: Pick<NotifierPorts, 'store'>, workgroupId: string): Stream<TemplateEvent, Templates> =>
  streamOf(store, templatesStream(workgroupId), { context: 'notices', evolve: evolveTemplates, initial: noTemplates });

/** One of them; undefined if it was removed, or never was. */
export const subscriptionOf = async (
  ports: NotifierPorts,
  { workgroupId, subscriptionId }: { readonly workgroupId: string; readonly subscriptionId: string },
): Promise<Subscription | undefined> => (await subscriptionsOf(ports, workgroupId).fold()).state.get(subscriptionId);

/** What a subscription hears about one thing. */
export const outboxOf = ({ store, kept }: NotifierPorts, outboxId: string): Stream<OutboxEvent, Outbox> =>
  streamOf(store, outboxStream(outboxId), { context: 'notices', evolve: evolveOutbox, initial: emptyOutbox, kept: kept.outboxes });
