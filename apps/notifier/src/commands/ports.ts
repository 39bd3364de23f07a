import { outboxStream, subscriptionsStream, type OutboxEvent, type SubscriptionEvent } from '@pstream/contracts';
import { streamOf, type EventStore, type KeptStates, type Stream } from '@pstream/event-store';
import { evolve as evolveOutbox, emptyOutbox, type Outbox } from '../domain/outbox/state.js';
import { evolve, noSubscriptions, type Subscription, type Subscriptions } from '../domain/subscriptions/state.js';

/** What the handlers of this service need. */
export type NotifierPorts = {
  readonly store: EventStore;
  readonly kept: { readonly subscriptions: KeptStates<Subscriptions>; readonly outboxes: KeptStates<Outbox> };
};

/** The subscriptions of a workgroup. */
export const subscriptionsOf = ({ store, kept }: NotifierPorts, workgroupId: string): Stream<SubscriptionEvent, Subscriptions> =>
  streamOf(store, subscriptionsStream(workgroupId), { context: 'notices', evolve, initial: noSubscriptions, kept: kept.subscriptions });

/** One of them; undefined if it was removed, or never was. */
export const subscriptionOf = async (
  ports: NotifierPorts,
  { workgroupId, subscriptionId }: { readonly workgroupId: string; readonly subscriptionId: string },
): Promise<Subscription | undefined> => (await subscriptionsOf(ports, workgroupId).fold()).state.get(subscriptionId);

/** What a subscription hears about one thing. */
export const outboxOf = ({ store, kept }: NotifierPorts, outboxId: string): Stream<OutboxEvent, Outbox> =>
  streamOf(store, outboxStream(outboxId), { context: 'notices', evolve: evolveOutbox, initial: emptyOutbox, kept: kept.outboxes });
