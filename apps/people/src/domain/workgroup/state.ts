import { DEFAULT_WORKGROUP, type PeopleEvent, type Role } from '@pstream/contracts';
import { assertNever } from '@pstream/kernel';

/** Somebody in a workgroup. `accepted` means that they have signed in; `active`, that they are let in. */
export type Agent = {
  readonly email: string;
  readonly role: Role;
  readonly accepted: boolean;
  readonly active: boolean;
  /** Until when the invitation holds. */
  readonly expiresAt: string;
};

/** A workgroup with everybody in it. */
export type Workgroup = {
  readonly exists: boolean;
  readonly name: string;
  readonly shareProjects: boolean;
  readonly agents: ReadonlyMap<string, Agent>;
};

/** The workgroup that an installation begins with is there without an event. */
export const noWorkgroup = (workgroupId: string): Workgroup => ({
  exists: workgroupId === DEFAULT_WORKGROUP,
  name: 'Workgroup',
  shareProjects: true,
  agents: new Map(),
});

/** Addresses are one without regard to case. */
export const sameEmail = (email: string): string => email.trim().toLowerCase();

export const evolve = (state: Workgroup, event: PeopleEvent): Workgroup => {
  switch (event.type) {
    case 'WorkgroupCreated':
    case 'WorkgroupRenamed':
      return { ...state, exists: true, name: event.data.name };
    case 'ProjectSharingChanged':
      return { ...state, shareProjects: event.data.shareProjects };
    case 'AgentInvited': {
      const { agentId, email, role, expiresAt } = event.data;
      return { ...state, agents: new Map(state.agents).set(agentId, { email, role, expiresAt, accepted: false, active: true }) };
    }
    case 'InvitationAccepted':
      return changed(state, event.data.agentId, { accepted: true });
    case 'AgentRoleChanged':
      return changed(state, event.data.agentId, { role: event.data.role });
    case 'AgentActivated':
      return changed(state, event.data.agentId, { active: true });
    case 'AgentDeactivated':
      return changed(state, event.data.agentId, { active: false });
    case 'AgentRemoved': {
      const agents = new Map(state.agents);
      agents.delete(event.data.agentId);
      return { ...state, agents };
    }
    default:
      return assertNever(event);
  }
};

const changed = (state: Workgroup, agentId: string, change: Partial<Agent>): Workgroup => {
  const agent = state.agents.get(agentId);
  return agent === undefined ? state : { ...state, agents: new Map(state.agents).set(agentId, { ...agent, ...change }) };
};
