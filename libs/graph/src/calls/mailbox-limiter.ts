import { backoffMs, Fault, type Clock, type Random } from '@pstream/kernel';
import type { GraphLimits, ThrottleEntry } from '../client.js';
import { MAX_CONCURRENT_PER_MAILBOX } from '../limits.js';

/** One call's place. `release` gives it back with what became of the call; further calls of it change nothing. */
export type Slot = {
  readonly release: (outcome: 'good' | 'failed') => void;
  /** Says that the reply asked for a wait. `afterMs` is how long; without it the backoff decides. Returns the time to wait. */
  readonly coolDown: (wait: { readonly limit: string; readonly afterMs?: number; readonly requestId: string | null }) => number;
};

type Waiting = { readonly go: () => void };

/** How many calls may be in flight: per mailbox between 1 and 4, adapted (halved when throttled, one more after a run of good calls),
 *  and for the whole app. A mailbox told to wait cools down alone; the others go on. Also counts calls per window. */
export class MailboxLimiter {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #limits: GraphLimits;
  readonly #ceiling: number;
  readonly #ledger: (entry: ThrottleEntry) => void;
  readonly #lanes = new Map<string, Lane>();
  #total = 0;
  readonly #turns: Lane[] = [];

  constructor(ports: { clock: Clock; random: Random; ledger: (entry: ThrottleEntry) => void }, limits: GraphLimits, maxPerMailbox: number) {
    this.#clock = ports.clock;
    this.#random = ports.random;
    this.#ledger = ports.ledger;
    this.#limits = limits;
    this.#ceiling = Math.max(1, Math.min(MAX_CONCURRENT_PER_MAILBOX, Math.floor(maxPerMailbox)));
  }

  /** Calls that a mailbox may have in flight now. */
  allowed(mailbox: string): number {
    return this.#lane(mailbox).allowed;
  }

  /** Waits until the mailbox is cool and has a place. Fault 'graph.throttled' (with the time left) instead of a wait longer than
   *  `longestInlineWaitMs`; the signal's reason when aborted. */
  async acquire(mailbox: string, signal?: AbortSignal): Promise<Slot> {
    const lane = this.#lane(mailbox);
    for (;;) {
      signal?.throwIfAborted();
      await this.#coolOff(lane, signal);
      if (lane.inFlight < lane.allowed && this.#total < this.#limits.concurrencyTotal && lane.queue.length === 0) break;
      await this.#queue(lane, signal);
      // Woken with a place reserved; a cool-down that began meanwhile still has to be sat out.
      if (lane.coolUntil <= this.#clock.monotonicMs()) return this.#slot(lane);
      this.#leave(lane);
    }
    this.#enter(lane);
    return this.#slot(lane);
  }

  async #coolOff(lane: Lane, signal: AbortSignal | undefined): Promise<void> {
    for (;;) {
      const now = this.#clock.monotonicMs();
      lane.sent = lane.sent.filter((bucket) => bucket.at > now - this.#limits.windowMs);
      const sent = lane.sent.reduce((sum, bucket) => sum + bucket.calls, 0);
      if (sent >= this.#limits.callsPerWindow && lane.sent[0] !== undefined) {
        this.#extend(lane, lane.sent[0].at + this.#limits.windowMs - now, 'requests-per-window', null);
      }
      const waitMs = lane.coolUntil - now;
      if (waitMs <= 0) return;
      if (waitMs > this.#limits.longestInlineWaitMs) {
        throw new Fault('graph.throttled', {
          retry: { afterMs: Math.ceil(waitMs) },
          facts: { mailbox: lane.mailbox, limit: lane.limit, waitMs: Math.ceil(waitMs), countsAsAttempt: false },
          advice: 'Microsoft 365 asked for a longer pause of this mailbox; the export comes back to it by itself.',
        });
      }
      await this.#clock.sleep(waitMs, signal);
    }
  }

  #queue(lane: Lane, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const stop = (): void => {
        lane.queue = lane.queue.filter((one) => one !== waiting);
        reject(signal?.reason as Error);
      };
      const waiting: Waiting = {
        go: () => {
          signal?.removeEventListener('abort', stop);
          resolve();
        },
      };
      signal?.addEventListener('abort', stop, { once: true });
      lane.queue.push(waiting);
      if (!this.#turns.includes(lane)) this.#turns.push(lane);
    });
  }

  #enter(lane: Lane): void {
    lane.inFlight++;
    this.#total++;
  }

  #leave(lane: Lane): void {
    lane.inFlight--;
    this.#total--;
    this.#wake();
  }

  /** Gives free places to waiting calls, one mailbox after the other. A woken call holds its place already. */
  #wake(): void {
    for (let looked = 0; looked < this.#turns.length && this.#total < this.#limits.concurrencyTotal; ) {
      const lane = this.#turns.shift()!;
      const waiting = lane.inFlight < lane.allowed ? lane.queue.shift() : undefined;
      if (lane.queue.length > 0) this.#turns.push(lane);
      if (waiting === undefined) looked++;
      else {
        looked = 0;
        this.#enter(lane);
        waiting.go();
      }
    }
  }

  #slot(lane: Lane): Slot {
    this.#count(lane);
    const episode = lane.episode;
    let held = true;
    return {
      release: (outcome) => {
        if (!held) return;
        held = false;
        if (outcome === 'good') this.#good(lane, episode);
        this.#leave(lane);
      },
      coolDown: (wait) => this.#throttled(lane, episode, wait),
    };
  }

  #count(lane: Lane): void {
    const now = this.#clock.monotonicMs();
    const last = lane.sent.at(-1);
    if (last !== undefined && last.at > now - this.#limits.windowMs / 100) last.calls++;
    else lane.sent.push({ at: now, calls: 1 });
  }

  #good(lane: Lane, episode: number): void {
    // A reply to a call from before the last throttling says nothing about the time after it.
    if (episode !== lane.episode) return;
    lane.streak = 0;
    if (++lane.good >= this.#limits.goodCallsPerStep && lane.allowed < this.#ceiling) {
      lane.good = 0;
      lane.allowed++;
      this.#wake();
    }
  }

  #throttled(lane: Lane, episode: number, wait: { limit: string; afterMs?: number; requestId: string | null }): number {
    // Calls in flight together are throttled together: that is one event, not several.
    const first = episode === lane.episode;
    if (first) {
      lane.episode++;
      lane.good = 0;
      lane.allowed = Math.max(1, Math.floor(lane.allowed / 2));
    }
    let waitMs = wait.afterMs;
    if (waitMs === undefined) {
      if (!first) return Math.max(0, lane.coolUntil - this.#clock.monotonicMs());
      waitMs = backoffMs(this.#limits.throttled, lane.streak + 1, this.#random);
    }
    if (first) lane.streak++;
    this.#extend(lane, waitMs, wait.limit, wait.requestId);
    return Math.max(0, lane.coolUntil - this.#clock.monotonicMs());
  }

  #extend(lane: Lane, waitMs: number, limit: string, requestId: string | null): void {
    const now = this.#clock.monotonicMs();
    const until = now + waitMs;
    const added = until - Math.max(now, lane.coolUntil);
    if (added <= 0) return;
    lane.coolUntil = until;
    lane.limit = limit;
    const at = this.#clock.now();
    const waitsUntil = new Date(Date.parse(at) + Math.ceil(until - now)).toISOString();
    this.#ledger({ mailbox: lane.mailbox, limit, waitMs: Math.round(added), at, until: waitsUntil, requestId });
  }

  #lane(mailbox: string): Lane {
    let lane = this.#lanes.get(mailbox);
    if (lane === undefined) {
      const allowed = Math.min(this.#limits.concurrencyStart, this.#ceiling);
      lane = { mailbox, allowed, inFlight: 0, good: 0, streak: 0, episode: 0, coolUntil: 0, limit: '', queue: [], sent: [] };
      lane.coolUntil = Number.NEGATIVE_INFINITY;
      this.#lanes.set(mailbox, lane);
    }
    return lane;
  }
}

type Lane = {
  readonly mailbox: string;
  allowed: number;
  inFlight: number;
  /** Good calls since the last change. */
  good: number;
  /** Throttlings in a row without a good call between them. */
  streak: number;
  /** Counts throttlings; a call remembers in which one it was sent. */
  episode: number;
  /** Monotonic. */
  coolUntil: number;
  limit: string;
  queue: Waiting[];
  sent: { readonly at: number; calls: number }[];
};
