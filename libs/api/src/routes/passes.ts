import { ResumeBody, SelectionBody, StartBody, StartOverBody } from '../schemas/bodies.js';
import { Operation } from '../schemas/operations.js';
import { route } from '../route.js';

const known = { 404: ['project.unknown'] } as const;

/** Passes over selected mailboxes of a project. */
export const passRoutes = {
  startPasses: route({
    tag: 'Passes',
    right: 'exports.run',
    summary: 'Start a pass over each selected mailbox',
    body: StartBody,
    answer: Operation,
    status: 202,
    waits: true,
    problems: { ...known, 409: ['project.is-discovery', 'project.closed', 'pass.start-out-of-range'] },
  }),
  stopPasses: route({
    tag: 'Passes',
    right: 'exports.run',
    summary: 'Stop the pass of each selected mailbox',
    body: SelectionBody,
    answer: Operation,
    status: 202,
    waits: true,
    problems: { ...known, 409: ['project.is-discovery'] },
  }),
  resumePasses: route({
    tag: 'Passes',
    right: 'exports.run',
    summary: 'Resume the stopped or failed pass of each selected mailbox',
    body: ResumeBody,
    answer: Operation,
    status: 202,
    waits: true,
    problems: { ...known, 409: ['project.is-discovery', 'project.closed'] },
  }),
  startOver: route({
    tag: 'Passes',
    right: 'exports.run',
    summary: 'Have each selected mailbox begin again from nothing',
    description:
      'What it exported counts no more and is exported again by the next pass; licences stay with their users, and the history stays. Refused while a pass is under way.',
    body: StartOverBody,
    answer: Operation,
    status: 202,
    waits: true,
    problems: { ...known, 409: ['project.is-discovery', 'project.closed'] },
  }),
};
