import { PrioritiseBody } from '../schemas/bodies.js';
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
    problems: { 404: ['project.unknown'] },
  }),
};
