import { Fault, type Facts, type Retry } from '@pstream/kernel';

/** Whoever an attempt waits for is given up after so long. */
export const ATTEMPT_MS = 20_000;

/** Nobody answered, or not in time; what became of the notice is not known. */
export const noAnswer = (reason: string): Fault =>
  new Fault('notice.no-answer', {
    retry: { afterMs: 30_000 },
    facts: { reason },
    advice: 'Check the address and the network; it is tried again.',
  });

/** The receiver answered, and does not want it. */
export const refused = (facts: Facts, retry: Retry): Fault =>
  new Fault('notice.refused', {
    retry,
    facts,
    advice: 'Look at the log of the receiver for the reason; it answered that it does not take the notice.',
  });

/** How attempts are ended that take too long: with the signal of the caller, or when the time is over. */
export const untilOver = (signal: AbortSignal | undefined): AbortSignal =>
  signal === undefined ? AbortSignal.timeout(ATTEMPT_MS) : AbortSignal.any([signal, AbortSignal.timeout(ATTEMPT_MS)]);
