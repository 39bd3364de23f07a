import type { OperationRow } from '@pstream/api';
import { allPages } from '@pstream/api/client';
import { z } from 'zod';
import { Command, Verb, type Args, type CommandType } from '../cli/command.js';
import { option, type Given } from '../cli/option.js';
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

@Verb({ name: 'list', about: 'Lists what was requested for many mailboxes or users, newest first' })
class ListOperations extends Command {
  static readonly options = { project: option('--project <project>', 'Only over mailboxes of this project', z.string().optional()) };

  async execute(_args: Args, { project }: Given<typeof ListOperations.options>): Promise<void> {
    const { client } = this;
    const projectId = project === undefined ? undefined : (await findProject(client, project)).projectId;
    const found = await allPages((page) => client.listOperations({ query: { ...page, project: projectId } }));
    await this.out.list(
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
  }
}

@Verb({ name: 'show', about: 'Shows how far an operation is', args: '<operation>' })
class ShowOperation extends Command {
  async execute([operationId = '']: Args): Promise<void> {
    const operation = await this.client.getOperation({ params: { operationId } });
    await this.out.record(operation, operation, [
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
  }
}

@Verb({ name: 'rows', about: 'Lists what became of each row of an operation', args: '<operation>' })
class ListOperationRows extends Command {
  static readonly options = {
    outcome: option('--outcome <outcome>', 'Only accepted or only rejected ones', z.enum(['accepted', 'rejected']).optional()),
  };

  async execute([operationId = '']: Args, { outcome }: Given<typeof ListOperationRows.options>): Promise<void> {
    const found = await allPages((page) => this.client.listOperationRows({ params: { operationId }, query: { ...page, outcome } }));
    await this.out.list(found, found.items, rowColumns, 'No row has such an outcome.');
  }
}

export const verbs: readonly CommandType[] = [ListOperations, ShowOperation, ListOperationRows];
