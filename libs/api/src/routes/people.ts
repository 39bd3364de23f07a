import { Done } from '../schemas/answers.js';
import { Agent, AgentEditBody, Agents, InviteBody, Invited, Workgroup, WorkgroupBody, WorkgroupEditBody } from '../schemas/people.js';
import { PeopleQuery, WorkgroupQuery } from '../schemas/queries.js';
import { SignInCode } from '../schemas/sessions.js';
import { route } from '../route.js';

const known = { 404: ['agent.unknown'] } as const;

/** Who works in the workgroup of the caller. */
export const peopleRoutes = {
  getWorkgroup: route({
    tag: 'People',
    right: 'self',
    recorded: false,
    versioned: true,
    summary: 'Show your workgroup',
    query: WorkgroupQuery,
    answer: Workgroup,
  }),
  editWorkgroup: route({
    tag: 'People',
    right: 'workgroup.manage',
    versioned: true,
    summary: 'Rename your workgroup, or share its projects or not',
    body: WorkgroupEditBody,
    answer: Done,
  }),
  createWorkgroup: route({
    tag: 'People',
    right: 'workgroups.create',
    summary: 'Create another workgroup, and invite its owner',
    description:
      'Its people see nothing of yours, and you see nothing of theirs. The answer has the code of a sign-in address for the owner, which works once, within 7 days.',
    body: WorkgroupBody,
    answer: Invited,
    status: 201,
    problems: { 409: ['agent.invitation-over'] },
  }),
  listPeople: route({
    tag: 'People',
    right: 'people.view',
    recorded: false,
    summary: 'List the agents by name',
    query: PeopleQuery,
    answer: Agents,
  }),
  inviteAgent: route({
    tag: 'People',
    right: 'people.manage',
    summary: 'Invite somebody',
    description:
      'The answer has the code of a sign-in address that works once, within 7 days; hand it on. With it the agent accepts the invitation and is signed in.',
    body: InviteBody,
    answer: Invited,
    status: 201,
    problems: { 403: ['role.above-own'], 409: ['agent.address-taken', 'agent.invitation-over'] },
  }),
  getAgent: route({
    tag: 'People',
    right: 'people.view',
    recorded: false,
    versioned: true,
    summary: 'Show an agent',
    query: WorkgroupQuery,
    answer: Agent,
    problems: known,
  }),
  editAgent: route({
    tag: 'People',
    right: 'people.manage',
    versioned: true,
    summary: 'Give an agent another role, or let them in no more',
    description: 'It holds from the next request on, and event streams that the agent has open end within 5 seconds.',
    body: AgentEditBody,
    answer: Done,
    problems: { 403: ['role.above-own'], ...known, 409: ['agent.last-owner'] },
  }),
  removeAgent: route({
    tag: 'People',
    right: 'people.manage',
    versioned: true,
    summary: 'Remove an agent from the workgroup',
    description: 'The address can be invited again. What the agent did stays on record under their id.',
    answer: Done,
    problems: { 403: ['role.above-own'], ...known, 409: ['agent.last-owner'] },
  }),
  createAgentLink: route({
    tag: 'People',
    right: 'people.manage',
    summary: 'Make a one-time code that signs an agent in',
    description:
      'For an agent who has lost the invitation or the session. It works once, within 24 hours; addresses made for the agent before work no longer.',
    answer: SignInCode,
    status: 201,
    problems: { 403: ['role.above-own'], ...known, 409: ['agent.invitation-over'] },
  }),
};
