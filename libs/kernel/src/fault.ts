import type { Facts } from './facts.js';

/** Whether and when the same call may succeed: at once, after a wait in milliseconds, or never. */
export type Retry = 'now' | { readonly afterMs: number } | 'never';

/** The outside world failed. `code` is `<noun>.<condition>`; the consumer loop reads `retry` and nothing else.
 *  `advice` says to a person what to do next. Messages and facts hold no mail content, addresses or secrets. */
export class Fault extends Error {
  override readonly name = 'Fault';
  readonly code: string;
  readonly retry: Retry;
  readonly facts: Facts;
  readonly advice: string | undefined;

  constructor(code: string, options: { message?: string; retry: Retry; facts?: Facts; advice?: string; cause?: unknown }) {
    super(options.message ?? describe(code, options.facts ?? {}), options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retry = options.retry;
    this.facts = options.facts ?? {};
    this.advice = options.advice;
  }
}

const describe = (code: string, facts: Facts): string => {
  const told = Object.entries(facts).map(([key, value]) => `${key} ${Array.isArray(value) ? value.join(', ') : String(value)}`);
  return told.length === 0 ? code : `${code}: ${told.join(', ')}`;
};

/** True for a Fault, whichever copy of this package made it. */
export const isFault = (error: unknown): error is Fault => error instanceof Error && error.name === 'Fault' && 'retry' in error;

/** Milliseconds to wait before the next try, or undefined if there must be none. */
export const retryDelayMs = (retry: Retry): number | undefined => (retry === 'never' ? undefined : retry === 'now' ? 0 : retry.afterMs);

/** A Fault in a form that can be sent between threads; its cause stays where it was thrown. */
export type FaultText = {
  readonly code: string;
  readonly message: string;
  readonly retry: Retry;
  readonly facts: Facts;
  readonly advice: string | undefined;
};

/** What can be sent of a Fault. */
export const faultToText = ({ code, message, retry, facts, advice }: Fault): FaultText => ({ code, message, retry, facts, advice });

/** The Fault that `faultToText` was given, without its cause. */
export const faultFromText = ({ code, message, retry, facts, advice }: FaultText): Fault =>
  new Fault(code, { message, retry, facts, ...(advice === undefined ? {} : { advice }) });
