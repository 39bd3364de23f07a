import type { AcknowledgeBody, ItemError } from '@pstream/api';
import { allPages } from '@pstream/api/client';
import { itemErrorStates, itemOutcomes } from '@pstream/contracts';
import { amountOf } from '@pstream/kernel';
import { z } from 'zod';
import { usageError } from '../cli/cli-error.js';
import { Command, Verb, type Args, type CommandType } from '../cli/command.js';
import { option, type Given } from '../cli/option.js';
import { findMailbox, findProject } from '../http/resolve.js';
import { shown } from '../http/shown.js';
import { count, minute, size } from '../output/format.js';
import type { Column } from '../output/output.js';
import { PROJECT } from './mailbox-options.js';

const Outcome = z.enum(itemOutcomes).optional();
const Code = z.string().min(1).optional();

const FILTER = {
  state: option(
    '--state <state>',
    'open (default), mended by a later pass, acknowledged by somebody, or all',
    z.enum([...itemErrorStates, 'all']).default('open'),
  ),
  outcome: option(
    '--outcome <outcome>',
    'Only failed, only skipped, only those exported as MIME (mime), or only those exported with doubts (doubts)',
    Outcome,
  ),
  code: option('--code <code>', 'Only items with this code', Code),
};

const columns: readonly Column<ItemError>[] = [
  { title: 'Item', exact: ({ itemKey }) => itemKey },
  { title: 'State', exact: ({ state }) => state },
  { title: 'Outcome', exact: ({ outcome }) => outcome },
  { title: 'Folder', exact: ({ folderPath }) => folderPath },
  { title: 'Type', exact: ({ itemType }) => itemType },
  { title: 'Date', exact: ({ itemDate }) => itemDate, human: ({ itemDate }) => minute(itemDate) },
  { title: 'Size', exact: ({ sizeBytes }) => sizeBytes, human: ({ sizeBytes }) => size(sizeBytes) },
  { title: 'Code', exact: ({ code }) => code },
  { title: 'What to do', exact: ({ advice }) => advice },
  { title: 'Attempts', exact: ({ attempts }) => attempts, human: ({ attempts }) => count(attempts) },
  { title: 'First seen', exact: ({ firstSeenAt }) => firstSeenAt, human: ({ firstSeenAt }) => minute(firstSeenAt) },
  { title: 'Last seen', exact: ({ lastSeenAt }) => lastSeenAt, human: ({ lastSeenAt }) => minute(lastSeenAt) },
  { title: 'Not as MIME because', exact: ({ fallback }) => fallback },
  { title: 'Doubts', exact: ({ doubts }) => doubts.join(' ') },
  { title: 'Mended by pass', exact: ({ mended }) => mended?.number ?? null },
  { title: 'Acknowledged by', exact: ({ acknowledged }) => acknowledged?.by ?? null },
  { title: 'because', exact: ({ acknowledged }) => acknowledged?.reason ?? null },
  { title: 'Graph id', exact: ({ itemId }) => itemId },
];

const emptyText = (state: string): string => (state === 'open' ? 'No error is open.' : 'There are no such errors.');

/** The items of a whole project that were not exported as they were. */
@Verb({
  name: 'errors',
  about: 'Lists the items of a project that were not exported, or only as MIME or with doubts; by default those that are open',
  args: '<project>',
})
export class ListProjectErrors extends Command {
  static readonly options = FILTER;

  async execute([project = '']: Args, filter: Given<typeof ListProjectErrors.options>): Promise<void> {
    const { projectId } = await findProject(this.client, project);
    const found = await allPages((page) => this.client.listProjectErrors({ params: { projectId }, query: { ...page, ...filter } }));
    const mailbox: Column<ItemError> = { title: 'Mailbox', exact: ({ mailboxJobId }) => mailboxJobId };
    await this.out.list(found, found.items, [mailbox, ...columns], emptyText(filter.state));
  }
}

@Verb({
  name: 'errors',
  about: 'Lists the items of a mailbox that were not exported, or only as MIME or with doubts; by default those that are open',
  args: '<mailbox>',
})
class ListMailboxErrors extends Command {
  static readonly options = { ...PROJECT, ...FILTER };

  async execute([mailbox = '']: Args, { project, ...filter }: Given<typeof ListMailboxErrors.options>): Promise<void> {
    const { mailboxJobId } = await findMailbox(this.client, mailbox, project);
    const found = await allPages((page) => this.client.listMailboxErrors({ params: { mailboxJobId }, query: { ...page, ...filter } }));
    await this.out.list(found, found.items, columns, emptyText(filter.state));
  }
}

@Verb({
  name: 'acknowledge',
  about: 'Records that errors of items of a mailbox are accepted, and why; they leave the list of open errors',
  args: '<mailbox>',
})
class AcknowledgeErrors extends Command {
  static readonly options = {
    ...PROJECT,
    reason: option('--reason <text>', 'Why; it is shown with each item', z.string().trim().min(1)),
    item: option('--item <key...>', 'These items, by the keys that `pstream mailbox errors` shows', z.array(z.string().min(1)).optional()),
    outcome: option(
      '--outcome <outcome>',
      'Those that are open and failed, skipped, or exported as MIME (mime) or with doubts (doubts)',
      Outcome,
    ),
    code: option('--code <code>', 'Those that are open and have this code', Code),
    all: option('--all', 'Everything that is open', z.literal(true).optional()),
  };

  async execute([mailbox = '']: Args, { project, reason, ...which }: Given<typeof AcknowledgeErrors.options>): Promise<void> {
    const errors = errorsOf(which);
    const { mailboxJobId } = await findMailbox(this.client, mailbox, project);
    const done = await this.client.acknowledgeMailboxErrors({ params: { mailboxJobId }, body: { errors, reason } });
    await shown(done, (query) => this.client.listMailboxErrors({ params: { mailboxJobId }, query: { ...query, limit: 1 } }));
    this.out.done(done, `${amountOf(done.acknowledged, 'error')} acknowledged.`, String(done.acknowledged));
  }
}

/** The items of a mailbox that were not exported as they were, and who accepts that. */
export const errorVerbs: readonly CommandType[] = [ListMailboxErrors, AcknowledgeErrors];

type Which = { readonly item?: string[] | undefined; readonly all?: true | undefined } & {
  readonly [K in 'outcome' | 'code']?: Exclude<AcknowledgeBody['errors'], string | string[]>[K];
};

/** Exactly one way to say which: items, a filter, or all. */
const errorsOf = ({ item, outcome, code, all }: Which): AcknowledgeBody['errors'] => {
  const given: AcknowledgeBody['errors'][] = [
    ...(item === undefined ? [] : [item]),
    ...(outcome === undefined && code === undefined ? [] : [{ outcome, code }]),
    ...(all === undefined ? [] : ['all' as const]),
  ];
  const [errors] = given;
  if (errors !== undefined && given.length === 1) return errors;
  throw usageError('Say which errors with one of --item, --all, or --outcome and --code.', 'pstream mailbox acknowledge --help');
};
