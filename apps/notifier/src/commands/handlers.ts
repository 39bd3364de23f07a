import type {
  AddSubscription,
  CommandMeta,
  CommandReply,
  EditNoticeTemplate,
  EditSubscription,
  RemoveSubscription,
} from '@pstream/contracts';
import { toReply } from '@pstream/event-store';
import { decide, type SubscriptionCommand } from '../domain/subscriptions/decide.js';
import { decide as decideTemplate } from '../domain/templates/decide.js';
import { subscriptionsOf, templatesOf, type NotifierPorts } from './ports.js';

/** Somebody is to hear of something from now on. */
export const addSubscription = (ports: NotifierPorts, meta: CommandMeta, body: AddSubscription): Promise<CommandReply> =>
  run(ports, { type: 'AddSubscription', ...body, at: meta.at }, meta);

export const editSubscription = (ports: NotifierPorts, meta: CommandMeta, body: EditSubscription): Promise<CommandReply> =>
  run(ports, { type: 'EditSubscription', ...body, at: meta.at }, meta);

export const removeSubscription = (ports: NotifierPorts, meta: CommandMeta, body: RemoveSubscription): Promise<CommandReply> =>
  run(ports, { type: 'RemoveSubscription', ...body, at: meta.at }, meta);

/** Notices of a kind have other words from now on; those that are made already keep theirs. */
export const editNoticeTemplate = async (
  ports: Pick<NotifierPorts, 'store'>,
  meta: CommandMeta,
  body: EditNoticeTemplate,
): Promise<CommandReply> =>
  toReply(
    await templatesOf(ports, body.workgroupId).decide(
      (state) => decideTemplate({ ...body, at: meta.at }, state),
      meta,
      ({ data: { kind } }) => kind === body.kind,
    ),
  );

const run = async (ports: NotifierPorts, command: SubscriptionCommand, meta: CommandMeta): Promise<CommandReply> =>
  toReply(
    await subscriptionsOf(ports, command.workgroupId).decide(
      (state) => decide(command, state),
      meta,
      ({ data: { subscriptionId } }) => subscriptionId === command.subscriptionId,
    ),
  );
