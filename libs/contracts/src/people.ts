import { z } from 'zod';
import { streamName, type StreamName } from './envelope.js';
import { at, id, workgroup, type EventOf } from './event-shapes.js';
import { field, idField, textField, timeField, timeOrNullField } from './view-fields.js';
import { Ulid } from './words.js';

// People: who works in a workgroup, in which role, and whether projects are shared there.

/** What somebody may do in a workgroup, from the most to the least: Owner and Admin run it, an Agent exports, a Viewer looks on, Finance
 *  buys licences. */
export const ROLES = ['owner', 'admin', 'agent', 'viewer', 'finance'] as const;
export type Role = (typeof ROLES)[number];

/** The workgroup that every installation begins with. Its owners look after the system too. */
export const DEFAULT_WORKGROUP = 'default';

/** How long an invitation can be accepted. */
export const INVITATION_MS = 7 * 24 * 3_600_000;

/** Address of a person, as it is typed; compared without case. */
const Email = z.email({ error: 'Give a mail address such as ada@contoso.com.' }).max(254);
const Name = z.string().trim().min(1).max(120);
const WorkgroupId = z.string().min(1).max(64);
const role = z.enum(ROLES);

export const CreateWorkgroup = z.strictObject({ workgroupId: Ulid, name: Name });
export const EditWorkgroup = z.strictObject({ workgroupId: WorkgroupId, name: Name.optional(), shareProjects: z.boolean().optional() });
/** Invites somebody; the link by which they accept is made by the door, which keeps its hash alone. */
export const InviteAgent = z.strictObject({ workgroupId: WorkgroupId, agentId: Ulid, email: Email, name: Name, role });
/** Notes that an invited agent has signed in. */
export const AcceptInvitation = z.strictObject({ workgroupId: WorkgroupId, agentId: Ulid });
/** Gives an agent another role, or lets them work or not; what is absent stays. */
export const EditAgent = z.strictObject({ workgroupId: WorkgroupId, agentId: Ulid, role: role.optional(), active: z.boolean().optional() });
export const RemoveAgent = z.strictObject({ workgroupId: WorkgroupId, agentId: Ulid });
export type CreateWorkgroup = z.infer<typeof CreateWorkgroup>;
export type EditWorkgroup = z.infer<typeof EditWorkgroup>;
export type InviteAgent = z.infer<typeof InviteAgent>;
export type AcceptInvitation = z.infer<typeof AcceptInvitation>;
export type EditAgent = z.infer<typeof EditAgent>;
export type RemoveAgent = z.infer<typeof RemoveAgent>;

const agent = { ...workgroup, agentId: id };

/** Events of a workgroup and the people in it. */
export const peopleEvents = {
  WorkgroupCreated: z.object({ ...workgroup, name: z.string(), at }),
  WorkgroupRenamed: z.object({ ...workgroup, name: z.string(), at }),
  /** Whether every agent sees all projects of the workgroup, or owners, admins and whoever created them. */
  ProjectSharingChanged: z.object({ ...workgroup, shareProjects: z.boolean(), at }),
  AgentInvited: z.object({ ...agent, email: z.string(), name: z.string(), role, expiresAt: at, at }),
  InvitationAccepted: z.object({ ...agent, at }),
  AgentRoleChanged: z.object({ ...agent, role, at }),
  AgentActivated: z.object({ ...agent, at }),
  AgentDeactivated: z.object({ ...agent, at }),
  AgentRemoved: z.object({ ...agent, at }),
};
export type PeopleEvent = EventOf<typeof peopleEvents>;

/** Stream of a workgroup and everybody in it: rules such as the one about the last owner need all of them. */
export const workgroupStream = (workgroupId: string): StreamName<PeopleEvent> => streamName(`workgroup:${workgroupId}`);

/** Invited agents have not signed in yet; inactive ones can no longer sign in. */
export const agentStatuses = ['invited', 'active', 'inactive'] as const;

/** Somebody who works in a workgroup, as the API shows them. */
export const AgentView = z.object({
  agentId: idField('pass', 'Id of the agent; what they do is recorded under it.'),
  workgroupId: textField('Workgroup of the agent.', 'default'),
  email: textField('Mail address.', 'ada@contoso.com'),
  name: textField('Name.', 'Ada Lovelace'),
  role: field(role, 'What the agent may do.', 'agent'),
  status: field(z.enum(agentStatuses), 'Invited agents have not signed in yet; inactive ones can no longer sign in.', 'active'),
  invitedAt: timeField('When the agent was invited.'),
  acceptedAt: timeOrNullField('When the agent first signed in; null for one who has not.'),
});
export type AgentView = z.infer<typeof AgentView>;

/** A workgroup as the API shows it. */
export const WorkgroupView = z.object({
  workgroupId: textField('Id of the workgroup.', 'default'),
  name: textField('Name of the workgroup.', 'Migrations'),
  shareProjects: field(
    z.boolean(),
    'Whether every agent sees all projects; if not, an agent sees those that they created, and owners and admins see all.',
    true,
  ),
});
export type WorkgroupView = z.infer<typeof WorkgroupView>;

/** The workgroup that an installation begins with, before anything was done to it. */
export const newWorkgroup = (workgroupId: string): WorkgroupView => ({ workgroupId, name: 'Workgroup', shareProjects: true });
