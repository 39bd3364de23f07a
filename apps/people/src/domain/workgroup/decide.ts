import {
  INVITATION_MS,
  type AcceptInvitation,
  type CreateWorkgroup,
  type EditAgent,
  type EditWorkgroup,
  type InviteAgent,
  type PeopleEvent,
  type RemoveAgent,
} from '@pstream/contracts';
import { accept, assertNever, reject, type Decision } from '@pstream/kernel';
import { sameEmail, type Agent, type Workgroup } from './state.js';

export type WorkgroupCommand = { readonly at: string } & (
  | (CreateWorkgroup & { readonly type: 'CreateWorkgroup' })
  | (EditWorkgroup & { readonly type: 'EditWorkgroup' })
  | (InviteAgent & { readonly type: 'InviteAgent' })
  | (AcceptInvitation & { readonly type: 'AcceptInvitation' })
  | (EditAgent & { readonly type: 'EditAgent' })
  | (RemoveAgent & { readonly type: 'RemoveAgent' })
);

/** Rules of a workgroup: an address is in it once; an invitation is accepted in time, and once; where there is an owner who is let in, there
 *  stays one. Who may give which role is the door's to say. */
export const decide = (command: WorkgroupCommand, state: Workgroup): Decision<PeopleEvent> => {
  if (command.type === 'CreateWorkgroup') {
    const { workgroupId, name, at } = command;
    return state.exists ? accept() : accept({ type: 'WorkgroupCreated', data: { workgroupId, name, at } });
  }
  const { workgroupId } = command;
  if (!state.exists) return reject('workgroup.unknown', { workgroupId });
  switch (command.type) {
    case 'EditWorkgroup':
      return edit(command, state);
    case 'InviteAgent':
      return invite(command, state);
    case 'AcceptInvitation':
    case 'EditAgent':
    case 'RemoveAgent': {
      const agent = state.agents.get(command.agentId);
      return agent === undefined ? reject('agent.unknown', { agentId: command.agentId }) : ofAgent(command, agent, state);
    }
    default:
      return assertNever(command);
  }
};

const edit = (
  { workgroupId, name, shareProjects, at }: Extract<WorkgroupCommand, { type: 'EditWorkgroup' }>,
  state: Workgroup,
): Decision<PeopleEvent> => {
  const events: PeopleEvent[] = [];
  if (name !== undefined && name !== state.name) events.push({ type: 'WorkgroupRenamed', data: { workgroupId, name, at } });
  if (shareProjects !== undefined && shareProjects !== state.shareProjects)
    events.push({ type: 'ProjectSharingChanged', data: { workgroupId, shareProjects, at } });
  return accept(...events);
};

const invite = (
  { workgroupId, agentId, email, name, role, at }: Extract<WorkgroupCommand, { type: 'InviteAgent' }>,
  { agents }: Workgroup,
): Decision<PeopleEvent> => {
  if (agents.has(agentId)) return accept();
  if ([...agents.values()].some((agent) => sameEmail(agent.email) === sameEmail(email))) return reject('agent.address-taken');
  const expiresAt = new Date(Date.parse(at) + INVITATION_MS).toISOString();
  return accept({ type: 'AgentInvited', data: { workgroupId, agentId, email, name, role, expiresAt, at } });
};

const ofAgent = (
  command: Extract<WorkgroupCommand, { readonly type: 'AcceptInvitation' | 'EditAgent' | 'RemoveAgent' }>,
  agent: Agent,
  state: Workgroup,
): Decision<PeopleEvent> => {
  const { workgroupId, agentId, at } = command;
  const data = { workgroupId, agentId, at };
  switch (command.type) {
    case 'AcceptInvitation':
      if (!agent.active) return reject('agent.invitation-over', { agentId });
      if (agent.accepted) return accept();
      return agent.expiresAt > at ? accept({ type: 'InvitationAccepted', data }) : reject('agent.invitation-over', { agentId });
    case 'EditAgent': {
      const { role = agent.role, active = agent.active } = command;
      if (isLastOwner(agentId, state) && (role !== 'owner' || !active)) return reject('agent.last-owner', { agentId });
      const events: PeopleEvent[] = [];
      if (role !== agent.role) events.push({ type: 'AgentRoleChanged', data: { ...data, role } });
      if (active !== agent.active) events.push({ type: active ? 'AgentActivated' : 'AgentDeactivated', data });
      return accept(...events);
    }
    case 'RemoveAgent':
      return isLastOwner(agentId, state) ? reject('agent.last-owner', { agentId }) : accept({ type: 'AgentRemoved', data });
    default:
      return assertNever(command);
  }
};

/** An invited owner may never come, so only one who has signed in counts. */
const isLastOwner = (agentId: string, { agents }: Workgroup): boolean => {
  const owners = [...agents].filter(([, { role, active, accepted }]) => role === 'owner' && active && accepted).map(([id]) => id);
  return owners.length === 1 && owners[0] === agentId;
};
