import { Defect } from './assert.js';
import { Fault } from './fault.js';

/** Where work is done that would hold up others: in threads of their own, or in the thread of the caller, as tests and virtual time want
 *  it. Whoever wires a process says which; nothing falls back from one to the other. */
export type Threads = 'own' | 'inline';

/** Takes what happens to threads. */
export type ThreadWatch = {
  /** A thread that had started has ended by itself; another one takes its place with the next call. */
  readonly lost: (fault: Fault) => void;
  /** A thread cannot start: the process ends. */
  readonly failed: (fault: Fault) => void;
};

/** Memory of a thread: what is new may take 12 MB instead of 48. A process has half a dozen of them, and the collector comes late. */
export const THREAD_LIMITS = { maxYoungGenerationSizeMb: 12 } as const;

/** Reports how a thread has ended, and returns the Fault for those who wait for its answers: 'thread.lost' (retry after a second) if it had
 *  started, else 'thread.not-started' (never). The cause's message is left out: it may quote what the thread was working on. */
export const threadEnded = (watch: ThreadWatch, thread: string, started: boolean, cause: unknown): Fault => {
  const reason =
    typeof cause === 'object' && cause !== null && 'code' in cause
      ? String(cause.code)
      : cause instanceof Error
        ? cause.name
        : String(cause);
  if (started) {
    const fault = new Fault('thread.lost', {
      message: `A thread has ended by itself (${thread}: ${reason}); another one takes its place.`,
      retry: { afterMs: 1_000 },
      facts: { thread, reason },
      advice: 'If it happens again and again, give the process more memory, or report it with the log.',
      cause,
    });
    watch.lost(fault);
    return fault;
  }
  const fault = new Fault('thread.not-started', {
    message: `A thread cannot start (${thread}: ${reason}).`,
    retry: 'never',
    facts: { thread, reason },
    advice: 'Build pstream again (npm run build); if that does not help, report it.',
    cause,
  });
  watch.failed(fault);
  return fault;
};

/** A bug of ours in a thread, as it can be sent: its kind and where it was thrown. Its message stays there, since it may quote mail. */
export type DefectText = { readonly name: string; readonly frames: readonly string[] };

/** What can be sent of a bug. */
export const defectToText = (error: unknown): DefectText => ({
  name: error instanceof Error ? error.name : typeof error,
  frames: error instanceof Error ? (error.stack ?? '').split('\n').filter((line) => line.trimStart().startsWith('at ')) : [],
});

/** The bug that `defectToText` was given, with the place where it was thrown. */
export const defectFromText = ({ name, frames }: DefectText): Defect => {
  const defect = new Defect(`${name} in a thread`);
  defect.stack = [`${defect.name}: ${defect.message}`, ...frames].join('\n');
  return defect;
};
