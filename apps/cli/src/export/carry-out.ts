import type { Operation, OperationRow, Selection } from '@pstream/api';
import { rowsOf } from '@pstream/api/client';
import type { Cli } from '../cli/cli.js';
import { EXIT, type ExitCode } from '../cli/exit-codes.js';
import type { Client } from '../http/client.js';
import { carriedOut } from '../http/operation.js';
import { count } from '../output/format.js';

/** A request over mailboxes of a project. */
export type Order = {
  readonly request: (client: Client, projectId: string, mailboxes: Selection) => Promise<Operation>;
  /** What is said of those for which it was accepted: `started`. */
  readonly did: string;
  /** Codes that mean that a mailbox had nothing to be done to it, and what is said of these: `had nothing to retry`. */
  readonly idle: Readonly<Record<string, string>>;
  /** What is said of a mailbox that was given another PST name; absent where none can have been. */
  readonly renamed?: (name: string) => string;
};

/** What rows say that were refused because there was nothing to do. */
export const IDLE = {
  running: { 'mailbox-job.pass-open': 'had a pass under way' },
  trial: { 'mailbox-job.already-exported': 'had been exported before' },
  retry: { 'mailbox-job.nothing-to-retry': 'had nothing to retry' },
  stop: { 'mailbox-job.not-running': 'had nothing running', 'mailbox-job.verification-ends-by-itself': 'were being verified' },
  startOver: { 'mailbox-job.nothing-to-start-over': 'had nothing to start over' },
  resume: { 'mailbox-job.not-stopped': 'had nothing to resume' },
} as const;

/** Names printed with a reason that several rows share. */
const MOST_NAMES = 5;

/** Requests an operation and waits for its end. Where mailboxes are not `named` one by one, those without anything to do are counted and no
 *  failure; whatever else was refused, and every row of a list, goes to standard error with its reason and makes exit 3. */
export const carryOut = async (
  cli: Cli,
  projectId: string,
  selection: Selection,
  { request, did, idle, renamed: words }: Order,
  named = Array.isArray(selection),
): Promise<ExitCode> => {
  const client = cli.client();
  const operation = await carriedOut(cli, client, await request(client, projectId, selection));
  const rejected = operation.rejected === 0 ? [] : await rowsOf(client, operation, 'rejected');
  const isIdle = ({ reason }: OperationRow): boolean => !named && reason !== null && reason.code in idle;
  const refused = rejected.filter((row) => !isIdle(row));
  const counts = [
    `${count(operation.accepted)} ${did}`,
    ...[...byCode(rejected.filter(isIdle))].map(([code, rows]) => `${count(rows.length)} ${idle[code] ?? code}`),
    ...(refused.length === 0 ? [] : [`${count(refused.length)} refused`]),
  ];
  const accepted = cli.json || words !== undefined ? await rowsOf(client, operation, 'accepted') : [];
  cli.out.done(cli.json ? { ...operation, accepted, rejected } : operation, `${counts.join(', ')}.`, String(operation.accepted));
  if (!cli.json)
    for (const { source, renamed } of accepted) if (renamed !== null) cli.stderr.write(`${source}: ${words?.(renamed) ?? renamed}.\n`);
  if (!cli.json) for (const rows of byCode(refused).values()) tell(cli, rows);
  return refused.length === 0 ? EXIT.done : EXIT.rejected;
};

const byCode = (rows: readonly OperationRow[]): Map<string, OperationRow[]> => {
  const groups = new Map<string, OperationRow[]>();
  for (const row of rows) groups.set(row.reason?.code ?? '', [...(groups.get(row.reason?.code ?? '') ?? []), row]);
  return groups;
};

const tell = (cli: Cli, rows: readonly OperationRow[]): void => {
  const reason = rows[0]?.reason ?? null;
  const names = rows.slice(0, MOST_NAMES).map(({ source }) => source);
  const more = rows.length > MOST_NAMES ? ` and ${count(rows.length - MOST_NAMES)} more` : '';
  cli.stderr.write(`${names.join(', ')}${more}: ${reason?.title.replace(/\.$/, '')}. ${reason?.detail}\n`);
};
