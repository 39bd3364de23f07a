import type { Clock } from '@pstream/kernel';
import { Refusal, retryAfter } from './refusal.js';

/** What an app may do to one mailbox; the values of the Outlook service are the defaults of `startTenant`. */
export type Limits = {
  /** Calls in flight per app and mailbox. */
  readonly concurrent: number;
  /** Calls per window per app and mailbox. */
  readonly requests: number;
  readonly windowMs: number;
  /** What 429 says to wait; without it there is no Retry-After header. */
  readonly retryAfterSeconds?: number;
};

/** Exchange Online's published limits, with the shortest wait. */
export const OUTLOOK_LIMITS: Limits = { concurrent: 4, requests: 10_000, windowMs: 600_000, retryAfterSeconds: 1 };

type Lane = { inFlight: number; windowStartMs: number; seen: number };

/** Counts calls per app and mailbox and refuses what is over the limits. */
export class Gate {
  readonly #lanes = new Map<string, Lane>();

  constructor(
    private readonly limits: Limits | undefined,
    private readonly clock: Clock,
  ) {}

  /** Lets a call in; returns how many are now in flight, itself included, and the function that lets it out.
   *  A refused call counts towards the window but not towards the concurrency. */
  enter(clientId: string, mailboxId: string): { readonly concurrent: number; readonly refusal: Refusal | undefined; leave(): void } {
    const key = `${clientId} ${mailboxId}`;
    const lane = this.#lanes.get(key) ?? { inFlight: 0, windowStartMs: this.clock.monotonicMs(), seen: 0 };
    this.#lanes.set(key, lane);
    const now = this.clock.monotonicMs();
    if (this.limits !== undefined && now - lane.windowStartMs >= this.limits.windowMs) {
      lane.windowStartMs = now;
      lane.seen = 0;
    }
    lane.seen++;
    lane.inFlight++;
    const refusal = this.#refusal(lane);
    let inside = true;
    return {
      concurrent: lane.inFlight,
      refusal,
      leave: () => {
        if (inside) lane.inFlight--;
        inside = false;
      },
    };
  }

  #refusal(lane: Lane): Refusal | undefined {
    if (this.limits === undefined) return undefined;
    if (lane.inFlight > this.limits.concurrent) return throttled('MailboxConcurrency', this.limits.retryAfterSeconds);
    if (lane.seen > this.limits.requests) return throttled('RequestCount', this.limits.retryAfterSeconds);
    return undefined;
  }
}

/** 429 with the service's wording. */
export const throttled = (limit: string, retryAfterSeconds: number | undefined, code = 'ApplicationThrottled'): Refusal =>
  new Refusal(429, code, `Application is over its ${limit} limit.`, retryAfter(retryAfterSeconds));
