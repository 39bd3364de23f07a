import type { NoticeChannel, NoticeKind, SubscriptionEvent } from '@pstream/contracts';
import { assertNever } from '@pstream/kernel';

/** Who hears of what, and how. `projectId` null: of the whole workgroup. */
export type Subscription = {
  readonly name: string;
  readonly kinds: readonly NoticeKind[];
  readonly projectId: string | null;
  readonly channel: NoticeChannel;
  readonly active: boolean;
  /** It hears of what happens from then on. */
  readonly addedAt: string;
};

/** The subscriptions of a workgroup, by id. */
export type Subscriptions = ReadonlyMap<string, Subscription>;

export const noSubscriptions = (): Subscriptions => new Map();

export const evolve = (state: Subscriptions, event: SubscriptionEvent): Subscriptions => {
  switch (event.type) {
    case 'SubscriptionAdded': {
      const { subscriptionId, name, kinds, projectId, channel, at } = event.data;
      return new Map(state).set(subscriptionId, { name, kinds, projectId, channel, active: true, addedAt: at });
    }
    case 'SubscriptionEdited': {
      const { subscriptionId, name, kinds, projectId, channel, active, at } = event.data;
      const addedAt = state.get(subscriptionId)?.addedAt ?? at;
      return new Map(state).set(subscriptionId, { name, kinds, projectId, channel, active, addedAt });
    }
    case 'SubscriptionRemoved': {
      const left = new Map(state);
      left.delete(event.data.subscriptionId);
      return left;
    }
    default:
      return assertNever(event);
  }
};
