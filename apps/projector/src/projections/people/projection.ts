import { newWorkgroup, VIEWS, type AgentView, type PublishedEvent, type WorkgroupView } from '@pstream/contracts';
import { projectionOf } from '../projection-of.js';

/** Of an agent who was removed, nothing is shown any more; that they are gone stays on record for whoever listens. */
type AgentDocument = AgentView & {
  readonly accepted: boolean;
  readonly active: boolean;
  readonly removedFrom?: { readonly workgroupId: string };
};

const statusOf = ({ accepted, active }: Pick<AgentDocument, 'accepted' | 'active'>): AgentView['status'] =>
  !active ? 'inactive' : accepted ? 'active' : 'invited';

const changed = (agent: AgentDocument | null, change: Partial<AgentDocument>): AgentDocument | null => {
  if (agent === null) return null;
  const now = { ...agent, ...change };
  return { ...now, status: statusOf(now) };
};

const agentOf = (event: PublishedEvent): string | undefined => {
  switch (event.type) {
    case 'AgentInvited':
    case 'InvitationAccepted':
    case 'AgentRoleChanged':
    case 'AgentActivated':
    case 'AgentDeactivated':
    case 'AgentRemoved':
      return event.data.agentId;
    default:
      return undefined;
  }
};

/** Who works in a workgroup, and may do what? The door asks it with every request. */
export const agents = projectionOf<AgentDocument>({
  name: VIEWS.agents,
  contexts: ['people'],
  keys: (event) => {
    const agentId = agentOf(event);
    return agentId === undefined ? [] : [agentId];
  },
  evolve: (view, event) => {
    switch (event.type) {
      case 'AgentInvited': {
        const { agentId, workgroupId, email, name, role, at } = event.data;
        return {
          agentId,
          workgroupId,
          email,
          name,
          role,
          invitedAt: at,
          acceptedAt: null,
          accepted: false,
          active: true,
          status: 'invited',
        };
      }
      case 'InvitationAccepted':
        return changed(view, { accepted: true, acceptedAt: event.data.at });
      case 'AgentRoleChanged':
        return changed(view, { role: event.data.role });
      case 'AgentActivated':
        return changed(view, { active: true });
      case 'AgentDeactivated':
        return changed(view, { active: false });
      case 'AgentRemoved':
        return changed(view, {
          active: false,
          workgroupId: '',
          email: '',
          name: '',
          removedFrom: { workgroupId: event.data.workgroupId },
        });
      default:
        return view;
    }
  },
  announce: ({ workgroupId, removedFrom }) => (removedFrom === undefined ? { workgroupId } : { ...removedFrom, gone: true }),
  queryFields: ['workgroupId', 'name', 'email'],
  searchFields: ['~name', '~email'],
  orders: [{ within: ['workgroupId'], sort: 'name' }],
});

/** What is a workgroup called, and does it share its projects? */
export const workgroups = projectionOf<WorkgroupView>({
  name: VIEWS.workgroups,
  contexts: ['people'],
  keys: (event) =>
    event.type === 'WorkgroupCreated' || event.type === 'WorkgroupRenamed' || event.type === 'ProjectSharingChanged'
      ? [event.data.workgroupId]
      : [],
  evolve: (view, event) => {
    switch (event.type) {
      case 'WorkgroupCreated':
      case 'WorkgroupRenamed':
        return { ...(view ?? newWorkgroup(event.data.workgroupId)), name: event.data.name };
      case 'ProjectSharingChanged':
        return { ...(view ?? newWorkgroup(event.data.workgroupId)), shareProjects: event.data.shareProjects };
      default:
        return view;
    }
  },
  announce: ({ workgroupId }) => ({ workgroupId }),
  queryFields: ['name'],
});
