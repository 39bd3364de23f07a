import type { ProjectDetail } from '@pstream/api';
import { CliError } from '../cli/cli-error.js';
import type { Cli } from '../cli/cli.js';
import { EXIT, type ExitCode } from '../cli/exit-codes.js';
import { findProject } from '../http/resolve.js';
import { count, size } from '../output/format.js';
import { statusText } from '../output/sums.js';
import { liveLine } from './live-line.js';
import { verdictOf } from './verdict.js';

export type FollowOptions = {
  /** Never gives up without. */
  readonly timeoutMs: number | undefined;
  readonly intervalMs: number;
  /** Only the end on standard output, or also how it goes. */
  readonly show: 'end' | 'progress';
};

/** How long a gateway that does not answer is borne with. */
const PATIENCE_MS = 60_000;
/** Without a terminal, a line at most this often. */
const LINE_EVERY_MS = 60_000;

/** Follows a project until nothing runs any more. Returns the verdict as exit code; 11 when the time is up; 130 on Ctrl+C, which
 *  leaves the export running and says so. */
export const followProject = async (cli: Cli, project: string, { timeoutMs, intervalMs, show }: FollowOptions): Promise<ExitCode> => {
  const { clock, signal } = cli;
  const begun = clock.monotonicMs();
  const live = await liveLine(cli);
  let saidAt = -Infinity;
  const say = (detail: ProjectDetail): void => {
    const now = clock.monotonicMs();
    if (cli.json && show === 'progress') cli.out.line({ type: 'status', at: clock.now(), projectId: detail.projectId, ...detail.sums });
    else if (live !== undefined) live.show([lineOf(detail)]);
    else if (now - saidAt >= LINE_EVERY_MS) cli.stderr.write(`${clock.now()}\t${lineOf(detail)}\n`);
    else return;
    saidAt = now;
  };
  try {
    const { projectId } = await findProject(cli.client(), project);
    for (;;) {
      const detail = await patiently(cli, intervalMs, () => cli.client().getProject({ params: { projectId } }));
      const ended = verdictOf(detail.sums);
      const timedOut = timeoutMs !== undefined && clock.monotonicMs() - begun >= timeoutMs;
      if (ended !== undefined || timedOut) {
        const { exitCode, verdict } = ended ?? { exitCode: EXIT.timedOut, verdict: 'timed-out' };
        live?.close();
        await tellEnd(cli, detail, verdict, exitCode);
        return exitCode;
      }
      say(detail);
      const left = timeoutMs === undefined ? intervalMs : Math.max(0, timeoutMs - (clock.monotonicMs() - begun));
      await clock.sleep(Math.min(intervalMs, left), signal);
    }
  } catch (error) {
    live?.close();
    if (!signal.aborted) throw error;
    throw new CliError(EXIT.interrupted, {
      what: 'Interrupted; the export goes on.',
      why: `Still running. Reattach: pstream export watch ${quoted(project)}  Stop: pstream export stop ${quoted(project)}`,
      advice: `pstream export watch ${quoted(project)}`,
      details: { code: 'cli.interrupted' },
    });
  }
};

const tellEnd = async (cli: Cli, detail: ProjectDetail, verdict: string, exitCode: ExitCode): Promise<void> => {
  const summary = { type: 'summary', projectId: detail.projectId, verdict, exitCode, ...detail.sums };
  if (cli.json) return cli.out.line(summary);
  return cli.out.record(summary, detail, [
    { title: 'Project', exact: ({ name }) => name },
    { title: 'Verdict', exact: () => verdict },
    { title: 'Statuses', exact: ({ sums }) => statusText(sums.statuses) },
    { title: 'Discovered', exact: ({ sums }) => sums.totals.discovered, human: ({ sums }) => count(sums.totals.discovered) },
    { title: 'Exported', exact: ({ sums }) => sums.totals.exported, human: ({ sums }) => count(sums.totals.exported) },
    { title: 'of these as MIME', exact: ({ sums }) => sums.mime, human: ({ sums }) => count(sums.mime) },
    { title: 'Skipped', exact: ({ sums }) => sums.totals.skipped, human: ({ sums }) => count(sums.totals.skipped) },
    { title: 'Failed', exact: ({ sums }) => sums.totals.failed, human: ({ sums }) => count(sums.totals.failed) },
    { title: 'Still to account for', exact: ({ sums }) => sums.unaccounted, human: ({ sums }) => count(sums.unaccounted) },
    { title: 'Parts', exact: ({ sums }) => sums.parts },
  ]);
};

const lineOf = ({ sums }: ProjectDetail): string =>
  `${statusText(sums.statuses)}; ${count(sums.totals.exported + sums.totals.skipped + sums.totals.failed)} of ${count(sums.totals.discovered)} items${sums.listing === 'going-on' ? ' found so far' : ''}${sums.mime === 0 ? '' : `, ${count(sums.mime)} as MIME`}, ${size(sums.extracted.bytes)} read`;

/** A gateway that is restarted is no reason to give up a night's wait. */
const patiently = async <T>({ clock, signal }: Cli, intervalMs: number, work: () => Promise<T>): Promise<T> => {
  const begun = clock.monotonicMs();
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (signal.aborted || !(error instanceof CliError) || error.exitCode !== EXIT.failed || clock.monotonicMs() - begun > PATIENCE_MS)
        throw error;
      await clock.sleep(Math.max(intervalMs, 100), signal);
    }
  }
};

const quoted = (text: string): string => (/^[\w@./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);
