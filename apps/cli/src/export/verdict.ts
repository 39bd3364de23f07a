import type { Status } from '@pstream/contracts';
import { EXIT, type ExitCode } from '../cli/exit-codes.js';

type Statuses = Readonly<Record<string, number>>;

const OPEN: readonly Status[] = ['Submitted', 'Queued', 'Migrating', 'Stopping'];
const UNDONE: readonly Status[] = ['Failed', 'Stopped', 'Not Submitted'];

const has = (statuses: Statuses, wanted: readonly Status[]): boolean => wanted.some((status) => (statuses[status] ?? 0) > 0);

/** What the end of an export means, from its mailboxes by status; undefined while any of them is on its way. A project is completed
 *  only if every one of its mailboxes is, and every item of it is accounted for. */
export const verdictOf = ({
  statuses,
  unaccounted,
}: {
  readonly statuses: Statuses;
  readonly unaccounted: number;
}): { readonly exitCode: ExitCode; readonly verdict: string } | undefined => {
  if (has(statuses, OPEN)) return undefined;
  if (Object.values(statuses).every((mailboxes) => mailboxes === 0)) return { exitCode: EXIT.failed, verdict: 'empty' };
  if (has(statuses, UNDONE))
    return {
      exitCode: EXIT.failed,
      verdict: has(statuses, ['Failed']) ? 'failed' : has(statuses, ['Stopped']) ? 'stopped' : 'not-submitted',
    };
  if (unaccounted !== 0) return { exitCode: EXIT.failed, verdict: 'sum-does-not-hold' };
  return has(statuses, ['Completed with errors'])
    ? { exitCode: EXIT.withErrors, verdict: 'completed-with-errors' }
    : { exitCode: EXIT.done, verdict: 'completed' };
};
