import type { ProjectDetail } from '@pstream/api';
import { CliError } from '../cli/cli-error.js';
import type { Cli } from '../cli/cli.js';
import { EXIT, type ExitCode } from '../cli/exit-codes.js';
import { listen } from '../http/listen.js';
import { patiently } from '../http/patiently.js';
import { findProject } from '../http/resolve.js';
import { count, size } from '../output/format.js';
import { progressLine, type ProgressLine } from '../output/progress-line.js';
import { heldSums, statusText } from '../output/sums.js';
import { News } from './news.js';
import { lookAt, type Look } from './look.js';
import { selectionOf, type Selecting } from './selection.js';
import { verdictOf, type Wanted } from './verdict.js';

export type FollowOptions = {
  /** Without it, never gives up. */
  readonly timeoutMs: number | undefined;
  /** At most one look at the project in this time, however much changes. */
  readonly intervalMs: number;
  /** On standard output only the end, or the progress too. */
  readonly show: 'end' | 'progress';
  /** Names of the mailboxes that matter, and how they are selected; without either, all of the project. */
  readonly names: readonly string[];
  readonly selecting: Selecting;
  readonly wanted: Wanted;
};

/** Sums follow what they are sums of, so after the last change there may be more to see: further looks, each after twice the wait of the one
 *  before, at most this long. */
const LONGEST_QUIET_MS = 30_000;

/** Follows a project until nothing runs any more: listens to what changes, and looks at its sums when something has. Returns the verdict as
 *  exit code; 11 when the time is up; 130 on Ctrl+C, which leaves the export running and says so. */
export const followProject = async (cli: Cli, project: string, options: FollowOptions): Promise<ExitCode> => {
  const { clock, signal } = cli;
  const begun = clock.monotonicMs();
  const stop = new AbortController();
  const progress = await progressLine(cli);
  try {
    const { projectId } = await findProject(cli.client(), project);
    const news = new News(clock, signal);
    listen(cli, projectId, () => news.came(), AbortSignal.any([signal, stop.signal])).catch((error: unknown) => news.failed(error));
    const look = await lookAt(cli, projectId, await selectionOf(cli, projectId, options.names, options.selecting));
    return await lookUntilEnd(cli, look, news, { ...options, begun, progress });
  } catch (error) {
    progress.close();
    if (!signal.aborted) throw error;
    throw new CliError(EXIT.interrupted, {
      what: 'Interrupted; the export goes on.',
      why: `Still running. Reattach: pstream export watch ${quoted(project)}  Stop: pstream export stop ${quoted(project)}`,
      advice: `pstream export watch ${quoted(project)}`,
      details: { code: 'cli.interrupted' },
    });
  } finally {
    stop.abort();
  }
};

type Following = FollowOptions & { readonly begun: number; readonly progress: ProgressLine };

const lookUntilEnd = async (cli: Cli, look: Look, news: News, following: Following): Promise<ExitCode> => {
  const { clock, signal } = cli;
  const { timeoutMs, intervalMs, begun, progress, wanted } = following;
  const leftMs = (): number => (timeoutMs === undefined ? Infinity : Math.max(0, timeoutMs - (clock.monotonicMs() - begun)));
  const show = shower(cli, following);
  await news.within(leftMs());
  for (let quietMs = intervalMs; ; ) {
    const detail = await patiently(cli, intervalMs, look);
    const ended = verdictOf(detail.sums, wanted);
    if (ended !== undefined || leftMs() === 0) {
      const { exitCode, verdict } = ended ?? { exitCode: EXIT.timedOut, verdict: 'timed-out' };
      progress.close();
      await printEnd(cli, detail, verdict, exitCode);
      return exitCode;
    }
    show(detail);
    await clock.sleep(Math.min(intervalMs, leftMs()), signal);
    const changed = await news.within(Math.min(quietMs, leftMs()));
    quietMs = changed ? intervalMs : Math.min(2 * quietMs, LONGEST_QUIET_MS);
  }
};

/** Shows a look at the project: the line of progress, or as JSON a line for each look that shows something else than the one before. */
const shower = (cli: Cli, { show, progress }: Following): ((detail: ProjectDetail) => void) => {
  let before = '';
  return (detail) => {
    if (!cli.json || show === 'end') return progress.show(lineOf(detail));
    const sums = JSON.stringify(detail.sums);
    if (sums === before) return;
    before = sums;
    cli.out.line({ type: 'status', at: cli.clock.now(), projectId: detail.projectId, ...detail.sums });
  };
};

const printEnd = async (cli: Cli, detail: ProjectDetail, verdict: string, exitCode: ExitCode): Promise<void> => {
  const summary = { type: 'summary', projectId: detail.projectId, verdict, exitCode, ...detail.sums };
  if (cli.json) return cli.out.line(summary);
  return cli.out.record(summary, detail, [
    { title: 'Project', exact: ({ name }) => name },
    { title: 'Verdict', exact: () => verdict },
    { title: 'Statuses', exact: ({ sums }) => statusText(sums.statuses) },
    { title: 'Discovered', exact: ({ sums }) => sums.totals.discovered, human: ({ sums }) => count(sums.totals.discovered) },
    { title: 'Exported', exact: ({ sums }) => sums.totals.exported, human: ({ sums }) => count(sums.totals.exported) },
    { title: 'of these as MIME', exact: ({ sums }) => sums.mime, human: ({ sums }) => count(sums.mime) },
    { title: 'of these with doubts', exact: ({ sums }) => sums.doubts, human: ({ sums }) => count(sums.doubts) },
    { title: 'Skipped', exact: ({ sums }) => sums.totals.skipped, human: ({ sums }) => count(sums.totals.skipped) },
    { title: 'Failed', exact: ({ sums }) => sums.totals.failed, human: ({ sums }) => count(sums.totals.failed) },
    {
      title: 'Folders not listed',
      exact: ({ sums }) => sums.foldersNotListed,
      human: ({ sums }) => count(sums.foldersNotListed),
    },
    { title: 'Still to account for', exact: ({ sums }) => sums.unaccounted, human: ({ sums }) => count(sums.unaccounted) },
    { title: 'Parts', exact: ({ sums }) => sums.parts },
  ]);
};

const lineOf = ({ sums }: ProjectDetail): string =>
  `${statusText(sums.statuses)}; ${count(sums.totals.exported + sums.totals.skipped + sums.totals.failed)} of ${count(sums.totals.discovered)} items${sums.listing === 'going-on' ? ' found so far' : ''}${sums.mime === 0 ? '' : `, ${count(sums.mime)} as MIME`}${sums.doubts === 0 ? '' : `, ${count(sums.doubts)} with doubts`}, ${size(sums.extracted.bytes)} read${Object.keys(sums.held).length === 0 ? '' : `; ${heldSums(sums)}`}`;

const quoted = (text: string): string => (/^[\w@./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);
