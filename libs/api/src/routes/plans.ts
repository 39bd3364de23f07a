import { PrioritiseBody } from '../schemas/bodies.js';
import { Done } from '../schemas/answers.js';
import { EndpointPlanBody, PauseBody, PlanBody, Plans, ProjectPlan, WorkgroupPlanBody } from '../schemas/plans.js';
import { NamedQuery } from '../schemas/queries.js';
import { Operation } from '../schemas/operations.js';
import { route } from '../route.js';

/** In which order mailboxes are worked on. */
export const planRoutes = {
  prioritiseMailboxes: route({
    tag: 'Passes',
    right: 'exports.run',
    summary: 'Give each selected mailbox another priority',
    description: 'It counts for a pass that waits for its turn and for those that follow. Projects and customers get their turn as before.',
    body: PrioritiseBody,
    answer: Operation,
    status: 202,
    waits: true,
    problems: { 404: ['project.unknown'], 409: ['project.is-discovery', 'project.closed'] },
  }),
  listPlans: route({
    tag: 'Passes',
    right: 'exports.view',
    recorded: false,
    summary: 'List what each project is bound to, what is at work, what waits, and what begins when',
    query: NamedQuery,
    answer: Plans,
  }),
  getProjectPlan: route({
    tag: 'Passes',
    right: 'exports.view',
    recorded: false,
    versioned: true,
    summary: 'Show what a project is bound to, what is at work, what waits, and what begins when',
    answer: ProjectPlan,
    problems: { 404: ['project.unknown'] },
  }),
  planProject: route({
    tag: 'Passes',
    right: 'exports.run',
    versioned: true,
    summary: 'Pause a project, limit its mailboxes at work, or give it a window',
    description: 'What is absent stays as it is. Mailboxes at work are finished; nothing that waits is lost. Verify Credentials goes on.',
    body: PlanBody,
    answer: Done,
    problems: { 404: ['project.unknown'], 409: ['project.is-discovery'] },
  }),
  planEndpoint: route({
    tag: 'Passes',
    right: 'exports.run',
    summary: 'Limit how many mailboxes are read through an endpoint at once',
    description:
      'It counts the mailboxes of all projects of the customer that read from this endpoint. Those at work are finished. Endpoints of other customers have ' +
      'limits of their own, even where they lead to the same tenant with the same app: for these together the limit of the installation holds.',
    body: EndpointPlanBody,
    answer: Done,
    problems: { 404: ['customer.unknown', 'endpoint.unknown'], 409: ['endpoint.not-a-source'] },
  }),
  planAll: route({
    tag: 'Administration',
    right: 'system',
    summary: 'Pause all projects, or have them go on',
    description: 'Those that are paused by themselves stay so. Mailboxes at work are finished; nothing that waits is lost.',
    body: PauseBody,
    answer: Done,
  }),
  planWorkgroup: route({
    tag: 'People',
    right: 'workgroup.manage',
    summary: 'Limit how many mailboxes of your workgroup are at work at once',
    description: 'Those at work are finished. The limits of the installation, of tenants and of projects hold beside it.',
    body: WorkgroupPlanBody,
    answer: Done,
  }),
};
