import type { Selection } from '@pstream/api';
import { allPages } from '@pstream/api/client';
import { statuses } from '@pstream/contracts';
import { amountOf } from '@pstream/kernel';
import { z } from 'zod';
import { usageError } from '../cli/cli-error.js';
import type { Cli } from '../cli/cli.js';
import { readGiven } from '../cli/config.js';
import { option, type Given } from '../cli/option.js';
import { problemError } from '../http/problem-error.js';

/** Statuses as they are typed: separated by commas, in any case. */
export const Statuses = z
  .string()
  .transform((text) => text.split(',').map((part) => statuses.find((status) => status.toLowerCase() === part.trim().toLowerCase()) ?? part))
  .pipe(z.array(z.enum(statuses)));

/** Options that select mailboxes of a project, beside their names. */
export const selectionOptions = {
  all: option('--all', 'Every mailbox of the project', z.boolean().default(false)),
  status: option(
    '--status <statuses>',
    `Those with one of these statuses, separated by commas: ${statuses.join(', ')}`,
    Statuses.optional(),
  ),
  filter: option(
    '--filter <text>',
    'Those with this text in the address or the name of the PST, whatever its case and accents',
    z.string().min(1).optional(),
  ),
  file: option('--file <file>', 'Those listed in a file by id or address, one a line (- for standard input)', z.string().optional()),
};
export type Selecting = Given<typeof selectionOptions>;

/** Whether mailboxes are named, and not chosen by what they are: then each of them has to be one that the request fits. */
export const isNamed = (names: readonly string[], { file }: Selecting): boolean => names.length > 0 || file !== undefined;

/** The mailboxes that names or options select; undefined if there are neither. Exit 2 if they contradict each other, 3 if none matches. */
export const selectionOf = async (
  cli: Cli,
  projectId: string,
  names: readonly string[],
  selecting: Selecting,
): Promise<Selection | undefined> => {
  const { all, status, filter, file } = selecting;
  const named = isNamed(names, selecting);
  const ways = [named, all, status !== undefined || filter !== undefined].filter(Boolean).length;
  if (ways > 1) throw usageError('Name mailboxes, or select them by --status and --filter, or give --all: one of these.');
  if (named) return [...names, ...(file === undefined ? [] : await listed(cli, file))];
  if (all) return 'all';
  if (filter === undefined) return status === undefined ? undefined : { status };
  const found = await allPages((page) => cli.client().listMailboxes({ params: { projectId }, query: { ...page, status, search: filter } }));
  if (found.items.length > 0) return found.items.map(({ mailboxJobId }) => mailboxJobId);
  throw problemError(409, { code: 'selection.empty', title: 'No mailbox selected', detail: 'No mailbox of the project matches.' });
};

/** What has to be named: nothing is removed or moved because somebody left the names out. */
export const chosen = async (cli: Cli, projectId: string, names: readonly string[], selecting: Selecting): Promise<Selection> => {
  const selection = await selectionOf(cli, projectId, names, selecting);
  if (selection !== undefined) return selection;
  throw usageError('No mailbox is named.', 'their addresses, --status, --filter, --file, or --all');
};

/** A selection in words: `2 mailboxes`. */
export const said = (selection: Selection): string => {
  if (selection === 'all') return 'every mailbox';
  if (Array.isArray(selection)) return amountOf(selection.length, 'mailbox', 'mailboxes');
  return `every mailbox that is ${selection.status.join(' or ')}`;
};

const listed = async (cli: Cli, file: string): Promise<string[]> => {
  const bytes = file === '-' ? await cli.readStdin() : await readGiven(file);
  const lines = new TextDecoder()
    .decode(bytes)
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
  if (lines.length > 0) return lines;
  throw usageError('The file lists no mailbox.', 'one id or address a line');
};
