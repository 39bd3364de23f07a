import {
  workgroupStream,
  type AcceptInvitation,
  type CommandMeta,
  type CommandReply,
  type CreateWorkgroup,
  type EditAgent,
  type EditWorkgroup,
  type InviteAgent,
  type PeopleEvent,
  type ReadAudit,
  type ReadAuditReply,
  type RecordAudit,
  type RemoveAgent,
} from '@pstream/contracts';
import { streamOf, toReply, type Concerns, type EventStore, type KeptStates } from '@pstream/event-store';
import type { AuditTrail } from '../audit/audit-trail.js';
import { decide, type WorkgroupCommand } from '../domain/workgroup/decide.js';
import { evolve, noWorkgroup, type Workgroup } from '../domain/workgroup/state.js';

/** What the handlers of this service need. */
export type PeoplePorts = { readonly store: EventStore; readonly kept: KeptStates<Workgroup>; readonly trail: AuditTrail };

/** A workgroup beside those that there are. */
export const createWorkgroup = (ports: PeoplePorts, meta: CommandMeta, body: CreateWorkgroup): Promise<CommandReply> =>
  run(ports, { type: 'CreateWorkgroup', ...body, at: meta.at }, meta);

/** Another name for a workgroup, or another answer to whether its projects are shared. */
export const editWorkgroup = (ports: PeoplePorts, meta: CommandMeta, body: EditWorkgroup): Promise<CommandReply> =>
  run(ports, { type: 'EditWorkgroup', ...body, at: meta.at }, meta);

export const inviteAgent = (ports: PeoplePorts, meta: CommandMeta, body: InviteAgent): Promise<CommandReply> =>
  run(ports, { type: 'InviteAgent', ...body, at: meta.at }, meta);

/** Notes that an agent has come. */
export const acceptInvitation = (ports: PeoplePorts, meta: CommandMeta, body: AcceptInvitation): Promise<CommandReply> =>
  run(ports, { type: 'AcceptInvitation', ...body, at: meta.at }, meta);

export const editAgent = (ports: PeoplePorts, meta: CommandMeta, body: EditAgent): Promise<CommandReply> =>
  run(ports, { type: 'EditAgent', ...body, at: meta.at }, meta);

export const removeAgent = (ports: PeoplePorts, meta: CommandMeta, body: RemoveAgent): Promise<CommandReply> =>
  run(ports, { type: 'RemoveAgent', ...body, at: meta.at }, meta);

/** Puts a step of what somebody does on record. */
export const recordAudit = ({ trail }: PeoplePorts, meta: CommandMeta, body: RecordAudit): Promise<CommandReply> =>
  trail.record(body, meta);

/** Records as they are stored. */
export const readAudit = ({ trail }: PeoplePorts, body: ReadAudit): Promise<ReadAuditReply> => trail.read(body);

/** Whether an event is about the same agent, or about the workgroup itself. */
const concernsOf =
  (command: WorkgroupCommand): Concerns<PeopleEvent> =>
  ({ data }) =>
    'agentId' in command ? 'agentId' in data && data.agentId === command.agentId : !('agentId' in data);

const run = async ({ store, kept }: PeoplePorts, command: WorkgroupCommand, meta: CommandMeta): Promise<CommandReply> => {
  const { workgroupId } = command;
  const workgroup = streamOf(store, workgroupStream(workgroupId), {
    context: 'people',
    evolve,
    initial: () => noWorkgroup(workgroupId),
    kept,
  });
  return toReply(await workgroup.decide((state) => decide(command, state), meta, concernsOf(command)));
};
