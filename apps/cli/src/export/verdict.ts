import type { Status } from '@pstream/contracts';
import { EXIT, type ExitCode } from '../cli/exit-codes.js';

type Statuses = Readonly<Record<string, number>>;

/** What was asked for; without it, whatever the last passes were. */
export type Wanted = 'completed' | 'verified' | undefined;

const OPEN: readonly Status[] = ['Verifying', 'Submitted', 'Queued', 'Migrating', 'Stopping'];
/** Statuses that are nobody's aim, the worst first. */
const UNDONE = [
  ['Failed', 'failed'],
  ['Verification failed', 'verification-failed'],
  ['Stopped', 'stopped'],
  ['Not Submitted', 'not-submitted'],
] as const satisfies readonly (readonly [Status, string])[];
const EXPORTED: readonly Status[] = ['Completed', 'Completed with errors'];

const has = (statuses: Statuses, ...wanted: readonly Status[]): boolean => wanted.some((status) => (statuses[status] ?? 0) > 0);

/** What the end means, from mailboxes by status; undefined while any of them is on its way. They are completed only if every one of them is, and
 *  every item of it is accounted for: one that was only verified is not exported. They are verified if every one of them is, or is beyond that. */
export const verdictOf = (
  { statuses, unaccounted }: { readonly statuses: Statuses; readonly unaccounted: number },
  wanted: Wanted,
): { readonly exitCode: ExitCode; readonly verdict: string } | undefined => {
  if (has(statuses, ...OPEN)) return undefined;
  if (Object.values(statuses).every((mailboxes) => mailboxes === 0)) return { exitCode: EXIT.failed, verdict: 'empty' };
  const undone = UNDONE.find(([status]) => has(statuses, status));
  if (undone !== undefined) return { exitCode: EXIT.failed, verdict: undone[1] };
  const isVerified = has(statuses, 'Verified');
  if (wanted === 'verified' || (wanted === undefined && isVerified && !has(statuses, ...EXPORTED)))
    return { exitCode: EXIT.done, verdict: 'verified' };
  if (isVerified) return { exitCode: EXIT.failed, verdict: 'not-exported' };
  if (unaccounted !== 0) return { exitCode: EXIT.failed, verdict: 'sum-does-not-hold' };
  return has(statuses, 'Completed with errors')
    ? { exitCode: EXIT.withErrors, verdict: 'completed-with-errors' }
    : { exitCode: EXIT.done, verdict: 'completed' };
};
