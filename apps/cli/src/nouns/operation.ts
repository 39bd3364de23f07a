import type { OperationRow } from '@pstream/api';
import { allPages } from '@pstream/api/client';
import { z } from 'zod';
import { verb, type Verb } from '../cli/verb.js';
import { findProject } from '../http/resolve.js';
import { count, minute } from '../output/format.js';
import type { Column } from '../output/output.js';

const rowColumns: readonly Column<OperationRow>[] = [
  { title: 'Row', exact: ({ row }) => row },
  { title: 'Mailbox or user', exact: ({ source }) => source },
  { title: 'Outcome', exact: ({ outcome }) => outcome },
  { title: 'Code', exact: ({ reason }) => reason?.code ?? null },
  { title: 'What to do', exact: ({ reason }) => reason?.detail ?? null },
  { title: 'When', exact: ({ at }) => at, human: ({ at }) => minute(at) },
];

export const verbs: readonly Verb[] = [
  verb({
    verb: 'list',
    about: 'Lists what was requested for many mailboxes or users, newest first',
    flags: { project: ['--project <project>', 'Only over mailboxes of this project'] },
    options: z.strictObject({ project: z.string().optional() }),
    run: async (cli, _args, { project }) => {
      const client = cli.client();
      const projectId = project === undefined ? undefined : (await findProject(client, project)).projectId;
      const found = await allPages((page) => client.listOperations({ query: { ...page, project: projectId } }));
      await cli.out.list(
        found,
        found.items,
        [
          { title: 'Id', exact: ({ operationId }) => operationId },
          { title: 'Verb', exact: ({ verb: name }) => name },
          { title: 'State', exact: ({ state }) => state },
          { title: 'Rows', exact: ({ total }) => total, human: ({ total }) => (total === null ? '' : count(total)) },
          { title: 'Done', exact: ({ accepted }) => accepted, human: ({ accepted }) => count(accepted) },
          { title: 'Refused', exact: ({ rejected }) => rejected, human: ({ rejected }) => count(rejected) },
          { title: 'Requested', exact: ({ createdAt }) => createdAt, human: ({ createdAt }) => minute(createdAt) },
        ],
        'Nothing was requested for many mailboxes or users yet.',
      );
    },
  }),
  verb({
    verb: 'show',
    about: 'Shows how far an operation is',
    args: '<operation>',
    flags: {},
    options: z.strictObject({}),
    run: async (cli, [operationId = '']) => {
      const operation = await cli.client().getOperation({ params: { operationId } });
      await cli.out.record(operation, operation, [
        { title: 'Id', exact: (one) => one.operationId },
        { title: 'Verb', exact: ({ verb: name }) => name },
        { title: 'State', exact: ({ state }) => state },
        { title: 'Rows', exact: ({ total }) => total },
        { title: 'Done', exact: ({ accepted }) => accepted, human: ({ accepted }) => count(accepted) },
        { title: 'Refused', exact: ({ rejected }) => rejected, human: ({ rejected }) => count(rejected) },
        { title: 'Cause', exact: ({ cause }) => (cause === null ? null : `${cause.code}: ${cause.detail}`) },
        { title: 'Requested', exact: ({ createdAt }) => createdAt, human: ({ createdAt }) => minute(createdAt) },
        { title: 'Ended', exact: ({ endedAt }) => endedAt, human: ({ endedAt }) => minute(endedAt) },
      ]);
    },
  }),
  verb({
    verb: 'rows',
    about: 'Lists what became of each row of an operation',
    args: '<operation>',
    flags: { outcome: ['--outcome <outcome>', 'Only accepted or only rejected ones'] },
    options: z.strictObject({ outcome: z.enum(['accepted', 'rejected']).optional() }),
    run: async (cli, [operationId = ''], { outcome }) => {
      const found = await allPages((page) => cli.client().listOperationRows({ params: { operationId }, query: { ...page, outcome } }));
      await cli.out.list(found, found.items, rowColumns, 'No row has such an outcome.');
    },
  }),
];
