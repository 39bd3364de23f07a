import type { StartBody } from '@pstream/api';
import { WAIT_SECONDS } from '@pstream/api/client';
import { PRE_STAGE_DAYS } from '@pstream/contracts';
import { z } from 'zod';
import type { Cli } from '../cli/cli.js';
import type { ExitCode } from '../cli/exit-codes.js';
import { verb, type Verb } from '../cli/verb.js';
import { carryOut, IDLE, type Order } from '../export/carry-out.js';
import { followProject } from '../export/follow.js';
import { isNamed, selectionFields, selectionFlags, selectionOf, type Selecting } from '../export/selection.js';
import { findProject } from '../http/resolve.js';
import { durationMs } from '../output/format.js';
import { sumFields } from '../output/sums.js';

/** Starts a pass over each of the mailboxes. */
const starting =
  (pass: Omit<StartBody, 'mailboxes'>): Order['request'] =>
  (client, projectId, mailboxes) =>
    client.startPasses({ params: { projectId }, body: { ...pass, mailboxes }, waitSeconds: WAIT_SECONDS });

/** Carries an order out over the mailboxes that are selected, or over all. */
const over = async (cli: Cli, [project = '', ...names]: readonly string[], selecting: Selecting, order: Order): Promise<ExitCode> => {
  const { projectId } = await findProject(cli.client(), project);
  return carryOut(cli, projectId, (await selectionOf(cli, projectId, names, selecting)) ?? 'all', order, isNamed(names, selecting));
};

/** A verb without options of its own that requests an operation over mailboxes. */
const order = (name: string, about: string, spec: Order): Verb =>
  verb({
    verb: name,
    about,
    args: '<project> [mailboxes...]',
    flags: selectionFlags,
    options: z.strictObject(selectionFields),
    run: (cli, args, selecting) => over(cli, args, selecting, spec),
  });

const pass = (name: string, about: string, kind: StartBody['kind'], idle: Order['idle'] = IDLE.running): Verb =>
  order(name, about, { request: starting({ kind }), did: 'started', idle });

const Duration = z.string().transform((text, context) => {
  const ms = durationMs(text);
  if (ms === undefined) context.addIssue({ code: 'custom', message: 'Give a duration such as 8h, 30m or 90s.' });
  return ms ?? 0;
});

const Age = z.union(
  [
    z
      .enum(PRE_STAGE_DAYS.map((days) => `${days}d` as const))
      .transform((age) => ({ olderThanDays: PRE_STAGE_DAYS.find((days) => age === `${days}d`) })),
    z.iso.date().transform((before) => ({ before })),
  ],
  { error: 'Give 30d, 60d, 90d or a date such as 2026-01-31.' },
);

const INTERVAL = ['--interval <duration>', 'Ask at most once in this time, however much changes; default 2s'] as const;

export const verbs: readonly Verb[] = [
  pass('verify', 'Verifies credentials for the mailboxes named by id or address, or selected, or for all', 'verify'),
  pass('trial', 'Starts a Trial, free: at most 10 items of each folder, 5 MiB in all', 'trial', { ...IDLE.running, ...IDLE.trial }),
  verb({
    verb: 'pre-stage',
    about: 'Starts a Pre-Stage: only mail that is older than 30, 60 or 90 days, or than a date',
    args: '<project> [mailboxes...]',
    flags: { olderThan: ['--older-than <age>', '30d, 60d, 90d, or a date such as 2026-01-31 (midnight UTC)'], ...selectionFlags },
    options: z.strictObject({ olderThan: Age, ...selectionFields }),
    run: (cli, args, { olderThan, ...selecting }) =>
      over(cli, args, selecting, { request: starting({ kind: 'pre-stage', ...olderThan }), did: 'started', idle: IDLE.running }),
  }),
  pass(
    'start',
    'Starts a Full pass; run again, it exports only what is new. Mailboxes are copied, not kept in step; nothing at the source changes',
    'full',
  ),
  pass('retry-errors', 'Exports the failed items again, and lists folders that could not be listed; free', 'retry-errors', {
    ...IDLE.running,
    ...IDLE.retry,
  }),
  order('stop', 'Stops passes; resume continues them from where they stopped', {
    request: (client, projectId, mailboxes) => client.stopPasses({ params: { projectId }, body: { mailboxes }, waitSeconds: WAIT_SECONDS }),
    did: 'stopping',
    idle: IDLE.stop,
  }),
  order('resume', 'Resumes stopped or failed passes', {
    request: (client, projectId, mailboxes) =>
      client.resumePasses({ params: { projectId }, body: { mailboxes }, waitSeconds: WAIT_SECONDS }),
    did: 'resumed',
    idle: IDLE.resume,
  }),
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
    args: '<project> [mailboxes...]',
    flags: {
      for: ['--for <what>', 'completed: each must be exported; verified: each must have passed Verify. Without: whatever was started last'],
      timeout: ['--timeout <duration>', 'Give up waiting after this time (exit 11); never without'],
      interval: INTERVAL,
      ...selectionFlags,
    },
    options: z.strictObject({
      for: z.enum(['completed', 'verified']).optional(),
      timeout: Duration.optional(),
      interval: Duration.default(2_000),
      ...selectionFields,
    }),
    run: (cli, [project = '', ...names], { for: wanted, timeout, interval, ...selecting }) =>
      followProject(cli, project, { timeoutMs: timeout, intervalMs: interval, show: 'end', names, selecting, wanted }),
  }),
  verb({
    verb: 'watch',
    about: 'Follows an export to its end, with the same exit codes as wait; Ctrl+C leaves it running',
    args: '<project> [mailboxes...]',
    flags: { timeout: ['--timeout <duration>', 'Stop watching after this time (exit 11)'], interval: INTERVAL, ...selectionFlags },
    options: z.strictObject({ timeout: Duration.optional(), interval: Duration.default(2_000), ...selectionFields }),
    run: (cli, [project = '', ...names], { timeout, interval, ...selecting }) =>
      followProject(cli, project, { timeoutMs: timeout, intervalMs: interval, show: 'progress', names, selecting, wanted: undefined }),
  }),
];
