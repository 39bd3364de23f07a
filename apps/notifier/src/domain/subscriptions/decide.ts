import {
  MOST_SUBSCRIPTIONS,
  type AddSubscription,
  type EditSubscription,
  type NoticeChannel,
  type RemoveSubscription,
  type SubscriptionEvent,
} from '@pstream/contracts';
import { accept, assertNever, reject, type Decision } from '@pstream/kernel';
import type { Subscription, Subscriptions } from './state.js';

export type SubscriptionCommand = { readonly at: string } & (
  | (AddSubscription & { readonly type: 'AddSubscription' })
  | (EditSubscription & { readonly type: 'EditSubscription' })
  | (RemoveSubscription & { readonly type: 'RemoveSubscription' })
);

/** Rules of the subscriptions of a workgroup: a name once, not too many, and a channel stays of its kind. */
export const decide = (command: SubscriptionCommand, state: Subscriptions): Decision<SubscriptionEvent> => {
  const { workgroupId, subscriptionId, at } = command;
  const before = state.get(subscriptionId);
  if (command.type === 'AddSubscription') {
    const { name, kinds, projectId = null, channel } = command;
    if (before !== undefined) return accept();
    if (isTaken(name, subscriptionId, state)) return reject('notice.name-taken', { name });
    if (state.size >= MOST_SUBSCRIPTIONS) return reject('notice.too-many', { most: MOST_SUBSCRIPTIONS });
    return accept({ type: 'SubscriptionAdded', data: { workgroupId, subscriptionId, name, kinds, projectId, channel, at } });
  }
  if (before === undefined) return reject('notice.unknown', { subscriptionId });
  switch (command.type) {
    case 'EditSubscription':
      return edit(command, before, state);
    case 'RemoveSubscription': {
      const ref = 'ref' in before.channel ? { ref: before.channel.ref } : {};
      return accept({ type: 'SubscriptionRemoved', data: { workgroupId, subscriptionId, ...ref, at } });
    }
    default:
      return assertNever(command);
  }
};

const edit = (
  command: Extract<SubscriptionCommand, { type: 'EditSubscription' }>,
  before: Subscription,
  state: Subscriptions,
): Decision<SubscriptionEvent> => {
  const { workgroupId, subscriptionId, at, to, address } = command;
  const { name = before.name, kinds = before.kinds, active = before.active } = command;
  const projectId = command.projectId === undefined ? before.projectId : command.projectId;
  const wanted = before.channel.kind === 'mail' ? address : to;
  if (wanted !== undefined) return reject('notice.other-channel', { channel: before.channel.kind });
  if (isTaken(name, subscriptionId, state)) return reject('notice.name-taken', { name });
  const channel = changed(before.channel, to, address);
  const after = { name, kinds, projectId, channel, active };
  const { addedAt: _since, ...now } = before;
  if (JSON.stringify(sorted(now)) === JSON.stringify(sorted(after))) return accept();
  return accept({ type: 'SubscriptionEdited', data: { workgroupId, subscriptionId, ...after, at } });
};

const sorted = ({ name, kinds, projectId, channel, active }: Omit<Subscription, 'addedAt'>): unknown => [
  name,
  kinds,
  projectId,
  channel,
  active,
];

const changed = (channel: NoticeChannel, to: EditSubscription['to'], address: EditSubscription['address']): NoticeChannel => {
  if (channel.kind === 'mail') return to === undefined ? channel : { ...channel, to };
  return { ...channel, ...address };
};

const isTaken = (name: string, subscriptionId: string, state: Subscriptions): boolean =>
  [...state].some(([other, one]) => other !== subscriptionId && one.name.toLowerCase() === name.toLowerCase());
