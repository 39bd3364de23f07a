import type { AddSubscription, CommandMeta, CommandReply, EditSubscription, RemoveSubscription } from '@pstream/contracts';
import { toReply } from '@pstream/event-store';
import { decide, type SubscriptionCommand } from '../domain/subscriptions/decide.js';
import { subscriptionsOf, type NotifierPorts } from './ports.js';

/** Somebody is to hear of something from now on. */
export const addSubscription = (ports: NotifierPorts, meta: CommandMeta, body: AddSubscription): Promise<CommandReply> =>
  run(ports, { type: 'AddSubscription', ...body, at: meta.at }, meta);

export const editSubscription = (ports: NotifierPorts, meta: CommandMeta, body: EditSubscription): Promise<CommandReply> =>
  run(ports, { type: 'EditSubscription', ...body, at: meta.at }, meta);

export const removeSubscription = (ports: NotifierPorts, meta: CommandMeta, body: RemoveSubscription): Promise<CommandReply> =>
  run(ports, { type: 'RemoveSubscription', ...body, at: meta.at }, meta);

const run = async (ports: NotifierPorts, command: SubscriptionCommand, meta: CommandMeta): Promise<CommandReply> =>
  toReply(await subscriptionsOf(ports, command.workgroupId).decide((state) => decide(command, state), meta));
