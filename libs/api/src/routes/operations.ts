import { Operation, OperationRows, Operations } from '../schemas/operations.js';
import { OneQuery, OperationQuery, RowQuery } from '../schemas/queries.js';
import { route } from '../route.js';

const known = { 404: ['operation.unknown'] } as const;

/** What was requested for many mailboxes or users. */
export const operationRoutes = {
  listOperations: route({
    tag: 'Operations',
    right: 'exports.view',
    recorded: false,
    summary: 'List the operations, newest first',
    query: OperationQuery,
    answer: Operations,
  }),
  getOperation: route({
    tag: 'Operations',
    right: 'exports.view',
    recorded: false,
    summary: 'Show how far an operation is',
    query: OneQuery,
    answer: Operation,
    waits: true,
    problems: known,
  }),
  listOperationRows: route({
    tag: 'Operations',
    right: 'exports.view',
    recorded: false,
    summary: 'List what became of each row of an operation',
    query: RowQuery,
    answer: OperationRows,
    problems: known,
  }),
};
