import type { Operation, Selection, StartBody } from '@pstream/api';
import { rowsOf, WAIT_SECONDS } from '@pstream/api/client';
import { PRE_STAGE_DAYS } from '@pstream/contracts';
import { z } from 'zod';
import type { Cli } from '../cli/cli.js';
import { EXIT, type ExitCode } from '../cli/exit-codes.js';
import { verb, type Verb } from '../cli/verb.js';
import { followProject } from '../export/follow.js';
import type { Client } from '../http/client.js';
import { carriedOut } from '../http/operation.js';
import { findProject } from '../http/resolve.js';
import { count, durationMs } from '../output/format.js';
import { sumFields } from '../output/sums.js';

type Request = (client: Client, projectId: string, mailboxes: Selection) => Promise<Operation>;

/** Requests an operation over the mailboxes named, or over all, and waits for its end; what was refused goes to standard error, and makes exit 3. */
const each = async (cli: Cli, project: string, mailboxes: readonly string[], request: Request, did: string): Promise<ExitCode> => {
  const client = cli.client();
  const { projectId, name } = await findProject(client, project);
  const operation = await carriedOut(client, await request(client, projectId, mailboxes.length === 0 ? 'all' : [...mailboxes]));
  const { accepted, rejected } = operation;
  const refused = rejected === 0 ? [] : await rowsOf(client, operation, 'rejected');
  cli.out.done(
    cli.json ? { ...operation, accepted: await rowsOf(client, operation, 'accepted'), rejected: refused } : operation,
    `${did}: ${count(accepted)} of ${count(accepted + rejected)} mailboxes of ${name}.`,
    String(accepted),
  );
  if (rejected === 0) return EXIT.done;
  if (!cli.json)
    for (const { source, reason } of refused) cli.stderr.write(`${source}: ${reason?.title.replace(/\.$/, '')}. ${reason?.detail}\n`);
  return EXIT.rejected;
};

/** Starts a pass over each of the mailboxes. */
const starting =
  (pass: Omit<StartBody, 'mailboxes'>): Request =>
  (client, projectId, mailboxes) =>
    client.startPasses({ params: { projectId }, body: { ...pass, mailboxes }, waitSeconds: WAIT_SECONDS });

/** A verb without options that requests an operation over mailboxes. */
const order = (name: string, about: string, request: Request, did: string): Verb =>
  verb({
    verb: name,
    about,
    args: '<project> [mailboxes...]',
    flags: {},
    options: z.strictObject({}),
    run: (cli, [project = '', ...mailboxes]) => each(cli, project, mailboxes, request, did),
  });

const pass = (name: string, about: string, kind: StartBody['kind'], did: string): Verb => order(name, about, starting({ kind }), did);

const Duration = z.string().transform((text, context) => {
  const ms = durationMs(text);
  if (ms === undefined) context.addIssue({ code: 'custom', message: 'must be a duration such as 8h, 30m or 90s' });
  return ms ?? 0;
});

const Age = z.union(
  [
    z
      .enum(PRE_STAGE_DAYS.map((days) => `${days}d` as const))
      .transform((age) => ({ olderThanDays: PRE_STAGE_DAYS.find((days) => age === `${days}d`) })),
    z.iso.date().transform((before) => ({ before })),
  ],
  { error: 'must be 30d, 60d, 90d or a date such as 2026-01-31' },
);

const INTERVAL = ['--interval <duration>', 'Ask at most once in this time, however much changes; default 2s'] as const;

export const verbs: readonly Verb[] = [
  pass('verify', 'Verifies credentials for the mailboxes named by id or address, or for all', 'verify', 'Verifying'),
  pass('trial', 'Starts a Trial, free: at most 10 items of each folder, 5 MB in all', 'trial', 'Trying'),
  verb({
    verb: 'pre-stage',
    about: 'Starts a Pre-Stage: only mail that is older than 30, 60 or 90 days, or than a date',
    args: '<project> [mailboxes...]',
    flags: { olderThan: ['--older-than <age>', '30d, 60d, 90d, or a date such as 2026-01-31 (midnight UTC)'] },
    options: z.strictObject({ olderThan: Age }),
    run: (cli, [project = '', ...mailboxes], { olderThan }) =>
      each(cli, project, mailboxes, starting({ kind: 'pre-stage', ...olderThan }), 'Started'),
  }),
  pass(
    'start',
    'Starts a Full pass; run again, it exports only what is new. Mailboxes are copied, not kept in step; nothing at the source changes',
    'full',
    'Started',
  ),
  pass('retry-errors', 'Exports the failed items again; free', 'retry-errors', 'Retrying'),
  order(
    'stop',
    'Stops passes; they can go on later where they were',
    (client, projectId, mailboxes) => client.stopPasses({ params: { projectId }, body: { mailboxes }, waitSeconds: WAIT_SECONDS }),
    'Stopping',
  ),
  order(
    'resume',
    'Goes on with stopped or failed passes',
    (client, projectId, mailboxes) => client.resumePasses({ params: { projectId }, body: { mailboxes }, waitSeconds: WAIT_SECONDS }),
    'Resumed',
  ),
  verb({
    verb: 'status',
    about: 'Shows how far the export of a project is',
    args: '<project>',
    flags: {},
    options: z.strictObject({}),
    run: async (cli, [project = '']) => {
      const { projectId } = await findProject(cli.client(), project);
      const detail = await cli.client().getProject({ params: { projectId } });
      await cli.out.record({ projectId, name: detail.name, ...detail.sums }, detail, [
        { title: 'Project', exact: ({ name }) => name },
        ...sumFields,
      ]);
    },
  }),
  verb({
    verb: 'wait',
    about: 'Waits until nothing runs any more; the exit code is the verdict (see: pstream help exit-codes)',
    args: '<project>',
    flags: {
      for: ['--for <what>', 'completed'],
      timeout: ['--timeout <duration>', 'Give up waiting after this time (exit 11); never without'],
      interval: INTERVAL,
    },
    options: z.strictObject({
      for: z.enum(['completed']).default('completed'),
      timeout: Duration.optional(),
      interval: Duration.default(2_000),
    }),
    run: (cli, [project = ''], { timeout, interval }) =>
      followProject(cli, project, { timeoutMs: timeout, intervalMs: interval, show: 'end' }),
  }),
  verb({
    verb: 'watch',
    about: 'Follows an export to its end, with the same exit codes as wait; Ctrl+C leaves it running',
    args: '<project>',
    flags: { timeout: ['--timeout <duration>', 'Stop watching after this time (exit 11)'], interval: INTERVAL },
    options: z.strictObject({ timeout: Duration.optional(), interval: Duration.default(2_000) }),
    run: (cli, [project = ''], { timeout, interval }) =>
      followProject(cli, project, { timeoutMs: timeout, intervalMs: interval, show: 'progress' }),
  }),
];
