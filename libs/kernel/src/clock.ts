/** The only source of time. Real: `systemClock`; tests: `FakeClock` of @pstream/testing. */
export interface Clock {
  /** Wall-clock time as ISO 8601 in UTC with milliseconds. Never used to order anything. */
  now(): string;
  /** Milliseconds from an arbitrary start that never go back: for durations, deadlines and waits. */
  monotonicMs(): number;
  /** Waits; rejects with the signal's reason when aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Lets other work of the process run before going on. */
  yield(): Promise<void>;
}

/** Runs `work` with a signal that aborts after `ms`; the caller's own signal ends it too.
 *  On expiry the promise rejects with what `onExpiry` makes. */
export const withDeadline = async <T>(
  clock: Clock,
  ms: number,
  signal: AbortSignal | undefined,
  onExpiry: () => Error,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> => {
  const deadline = new AbortController();
  const timer = new AbortController();
  const both = signal === undefined ? deadline.signal : AbortSignal.any([deadline.signal, signal]);
  clock.sleep(ms, timer.signal).then(
    () => deadline.abort(onExpiry()),
    () => undefined,
  );
  try {
    both.throwIfAborted();
    return await work(both);
  } catch (error) {
    if (deadline.signal.aborted && signal?.aborted !== true) throw deadline.signal.reason;
    throw error;
  } finally {
    timer.abort();
  }
};
