import { backoffMs, Fault, isFault, retryAfterMs, type Clock, type Random, type RetryBudget } from '@pstream/kernel';
import { classifyReply, connectionFault, type Purpose, type Reaction } from './classify.js';
import type { GraphLimits, RedirectHop } from '../client.js';
import { readBody, type HttpReply, type HttpTransport } from '../http/http.js';
import type { MailboxLimiter, Slot } from './mailbox-limiter.js';
import { NetworkDeadline } from '../http/network-deadline.js';
import { mailboxOfPath, pinToMailbox, type GraphPath } from '../http/origin.js';
import type { Token, TokenSource } from '../sign-in/token-source.js';

/** One call to Graph. `shrinks`: the caller answers time-outs and broken replies by asking for less, so they are not repeated here. */
export type Call = {
  readonly purpose: Purpose;
  readonly path: GraphPath;
  readonly deadlineMs: number;
  /** JSON to post; a call without is a GET. */
  readonly post?: unknown;
  readonly prefer?: string;
  /** The mailbox whose limits the call is under, where its path does not name one. */
  readonly mailboxId?: string;
  readonly shrinks?: boolean;
  /** The path is a stored delta or paging link. */
  readonly resumed?: boolean;
  /** The reply is a redirect to a file on another host: that is the answer, and nothing follows it with the token. */
  readonly leadsAway?: boolean;
  /** The call asks for a page of a folder, not for one item of it. */
  readonly lists?: boolean;
};

/** A good reply while it arrives. The mailbox's place is held until `body` has ended or was left. */
export type OpenReply = { readonly path: GraphPath; readonly slot: Slot; readonly body: AsyncIterable<Buffer> };

/** A good reply with its body read. `path` is where it came from after redirects. */
export type JsonReply = { readonly path: GraphPath; readonly body: Readonly<Record<string, unknown>> };

/** What `Calls` works with. */
export type CallsPorts = {
  readonly origin: URL;
  readonly clock: Clock;
  readonly random: Random;
  readonly limits: GraphLimits;
  readonly transport: HttpTransport;
  readonly tokens: TokenSource;
  readonly limiter: MailboxLimiter;
  readonly budget: RetryBudget;
  readonly redirected: (hop: RedirectHop) => void;
  readonly closing: AbortSignal;
};

type Outcome<T> =
  | { readonly good: T }
  | { readonly failed: { readonly reaction: Reaction; readonly fault: Fault; readonly token?: Token } };
type Arrived = { readonly path: GraphPath; readonly reply: HttpReply; readonly slot: Slot; readonly deadline: NetworkDeadline };

/** Graph §4: more hops than any archive has parts in a row. */
export const MAX_HOPS = 5;
const ERROR_BODY_BYTES = 256 * 1024;

/** The limiter's name for calls that concern no mailbox. */
const DIRECTORY = 'directory';

/** Sends calls: place, token, redirects under the origin rule, classification, waits and repeats within the retry budget.
 *  The one place that puts a token on a request, and the one that repeats. */
export class Calls {
  readonly #ports: CallsPorts;

  constructor(ports: CallsPorts) {
    this.#ports = ports;
  }

  /** Sends a call and reads its JSON object. Faults of `classify.ts`; 'graph.truncated-reply' for what is no JSON object (retry: now). */
  json(call: Call, signal?: AbortSignal): Promise<JsonReply> {
    return this.#repeat(call, signal, async (refused) => {
      const outcome = await this.#send(call, signal, refused);
      if ('failed' in outcome) return outcome;
      const { reply, deadline, slot, path } = outcome.good;
      let fault: Fault;
      try {
        const bytes = await deadline.during(() => readBody(reply, this.#ports.limits.listingBytes));
        const body = bytes === undefined ? undefined : parseObject(bytes);
        if (body !== undefined) {
          slot.release('good');
          return { good: { path, body } };
        }
        fault = broken(bytes === undefined ? 'graph.reply-too-large' : 'graph.truncated-reply', bytes?.length, reply);
      } catch (error) {
        fault = this.#connection(call, error, signal);
      } finally {
        deadline.end();
        slot.release('failed');
      }
      return { failed: { reaction: 'shrink', fault } };
    });
  }

  /** Sends a call whose good reply is a redirect to another host; returns where that is, and sends nothing there. */
  location(call: Omit<Call, 'leadsAway'>, signal?: AbortSignal): Promise<string> {
    return this.#repeat(call, signal, async (refused) => {
      const outcome = await this.#send({ ...call, leadsAway: true }, signal, refused);
      if ('failed' in outcome) return outcome;
      const { reply, deadline, slot } = outcome.good;
      reply.discard();
      deadline.end();
      slot.release('good');
      return { good: reply.headers['location'] ?? '' };
    });
  }

  /** Reads a file of another host without a token. Undefined where it is longer than a listing may be; Faults 'graph.connection-lost',
   *  'graph.timed-out', and 'graph.bad-reply' (retry: now) where there is no such file. */
  async file(url: string, deadlineMs: number, signal?: AbortSignal): Promise<Buffer | undefined> {
    const { clock, transport, limits } = this.#ports;
    const deadline = new NetworkDeadline(clock, deadlineMs, [this.#outer(signal)], () =>
      connectionFault('graph.timed-out', 'directory', { deadlineMs }),
    );
    try {
      const headers = { accept: 'text/csv, */*', 'accept-encoding': 'identity', 'user-agent': 'pstream' };
      const reply = await deadline.during(() => transport.send({ method: 'GET', url, headers }, deadline.signal));
      if (reply.status !== 200) {
        reply.discard();
        throw new Fault('graph.bad-reply', { retry: 'now', facts: { expected: 'a file', status: reply.status } });
      }
      return await deadline.during(() => readBody(reply, limits.listingBytes));
    } catch (error) {
      throw this.#connection({ purpose: 'directory' } as Call, error, signal);
    } finally {
      deadline.end();
    }
  }

  /** Sends a call and passes its body on as it arrives. Reading it throws 'graph.connection-lost' and 'graph.timed-out'. */
  open(call: Call, signal?: AbortSignal): Promise<OpenReply> {
    return this.#repeat(call, signal, async (refused) => {
      const outcome = await this.#send(call, signal, refused);
      if ('failed' in outcome) return outcome;
      return { good: { path: outcome.good.path, slot: outcome.good.slot, body: this.#body(call, outcome.good, signal) } };
    });
  }

  async *#body(call: Call, arrived: Arrived, signal: AbortSignal | undefined): AsyncGenerator<Buffer> {
    const pieces = arrived.reply.body[Symbol.asyncIterator]();
    let ended = false;
    try {
      for (;;) {
        const piece = await arrived.deadline.during(() => pieces.next());
        if (piece.done === true) break;
        yield piece.value;
      }
      ended = true;
    } catch (error) {
      throw this.#connection(call, error, signal);
    } finally {
      arrived.deadline.end();
      if (!ended) arrived.reply.discard();
      arrived.slot.release(ended ? 'good' : 'failed');
    }
  }

  async #repeat<T>(call: Call, signal: AbortSignal | undefined, once: (refused: Token | undefined) => Promise<Outcome<T>>): Promise<T> {
    const { limits, budget } = this.#ports;
    let refused: Token | undefined;
    budget.call();
    for (let tried = 1; ; tried++) {
      const outcome = await once(refused);
      if ('good' in outcome) return outcome.good;
      const { reaction, fault, token } = outcome.failed;
      if (reaction === 'renew' && refused === undefined && token !== undefined) {
        refused = token;
        continue;
      }
      const mayRepeat =
        reaction === 'throttle' || reaction === 'pause' || reaction === 'again' || (reaction === 'shrink' && call.shrinks !== true);
      if (!mayRepeat || tried >= limits.tries) throw fault;
      const cooling = reaction === 'throttle' || reaction === 'pause';
      if (cooling && typeof fault.retry === 'object' && fault.retry.afterMs > limits.longestInlineWaitMs) throw fault;
      if (!budget.retry()) throw withFact(fault, { retryBudget: 'used up' });
      // A cooling mailbox is waited for where the next place is taken.
      if (!cooling) await this.moment(tried, signal);
    }
  }

  /** Waits as before the `tried`-th repeat of a call. */
  moment(tried: number, signal?: AbortSignal): Promise<void> {
    const { clock, random, limits } = this.#ports;
    return clock.sleep(backoffMs(limits.passing, tried, random), this.#outer(signal));
  }

  #outer(signal: AbortSignal | undefined): AbortSignal {
    return signal === undefined ? this.#ports.closing : AbortSignal.any([signal, this.#ports.closing]);
  }

  /** One try, redirects followed: a reply with status 2xx, its place still held, or the classified failure. */
  async #send(call: Call, signal: AbortSignal | undefined, refused: Token | undefined): Promise<Outcome<Arrived>> {
    let path = call.path;
    const trail = [path.toLowerCase()];
    for (;;) {
      const sent = await this.#sendTo(path, call, signal, refused);
      if ('failed' in sent) return sent;
      const { reply, slot, deadline } = sent.good;
      if ((reply.status >= 200 && reply.status < 300) || call.leadsAway === true) return sent;
      deadline.end();
      // 307 is not documented; it asks for the same as 308. The others would change the method.
      const next = this.#redirect(reply, slot, trail);
      this.#ports.redirected({ from: limiterKey(path), to: limiterKey(next), at: this.#ports.clock.now(), requestId: requestIdOf(reply) });
      path = next;
    }
  }

  #redirect(reply: HttpReply, slot: Slot, trail: string[]): GraphPath {
    reply.discard();
    slot.release('failed');
    const { path } = pinToMailbox(reply.headers['location'] ?? '', this.#ports.origin, 'Location');
    checkTrail(trail, path, requestIdOf(reply));
    trail.push(path.toLowerCase());
    return path;
  }

  /** One request: a reply with status 2xx, 307 or 308, or the classified failure. */
  async #sendTo(path: GraphPath, call: Call, signal: AbortSignal | undefined, refused: Token | undefined): Promise<Outcome<Arrived>> {
    const { clock, tokens, transport, limiter, origin } = this.#ports;
    const outer = this.#outer(signal);
    const slot = await limiter.acquire(call.mailboxId ?? limiterKey(path), outer);
    const deadline = new NetworkDeadline(clock, call.deadlineMs, [outer], () =>
      connectionFault('graph.timed-out', call.purpose, { deadlineMs: call.deadlineMs }),
    );
    let keep = false;
    try {
      const token = await tokens.token(outer, refused);
      let reply: HttpReply;
      let body: Buffer | undefined;
      try {
        reply = await deadline.during(() => transport.send(this.#request(path, call, origin, token), deadline.signal));
        if (call.leadsAway === true ? reply.status === 302 : isGoodOrMoved(reply.status)) {
          keep = true;
          return { good: { path, reply, slot, deadline } };
        }
        body = await deadline.during(() => readBody(reply, ERROR_BODY_BYTES)).catch(() => undefined);
        outer.throwIfAborted();
      } catch (error) {
        const fault = this.#connection(call, error, signal);
        return { failed: { reaction: fault.code === 'graph.timed-out' ? 'shrink' : 'again', fault } };
      }
      return this.#classified(call, reply, body, slot, token);
    } finally {
      if (!keep) {
        deadline.end();
        slot.release('failed');
      }
    }
  }

  #request(path: GraphPath, call: Call, origin: URL, token: Token): Parameters<HttpTransport['send']>[0] {
    return {
      method: call.post === undefined ? 'GET' : 'POST',
      url: `${origin.origin}${path}`,
      ...(call.post === undefined ? {} : { body: JSON.stringify(call.post) }),
      headers: {
        accept: 'application/json',
        'accept-encoding': 'identity',
        'user-agent': 'pstream',
        'client-request-id': this.#requestId(),
        ...(call.post === undefined ? {} : { 'content-type': 'application/json' }),
        ...(call.prefer === undefined ? {} : { prefer: call.prefer }),
        authorization: `Bearer ${token.value}`,
      },
    };
  }

  #requestId(): string {
    const hex = Buffer.from(this.#ports.random.bytes(16)).toString('hex');
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`;
  }

  #classified(call: Call, reply: HttpReply, body: Buffer | undefined, slot: Slot, token: Token): Outcome<never> {
    const error = (body === undefined ? undefined : parseObject(body))?.['error'] as { code?: unknown; message?: unknown } | undefined;
    const told = retryAfterMs(reply.headers['retry-after'], this.#ports.clock.now());
    const failed = {
      status: reply.status,
      code: typeof error?.code === 'string' ? error.code : '',
      message: typeof error?.message === 'string' ? error.message : '',
      requestId: requestIdOf(reply),
      purpose: call.purpose,
      resumed: call.resumed === true,
      lists: call.lists === true,
    };
    const verdict = classifyReply({ ...failed, ...(told === undefined ? {} : { retryAfterMs: told }) });
    const cools = verdict.reaction === 'throttle' || verdict.reaction === 'pause' || (reply.status === 504 && told !== undefined);
    if (!cools) return { failed: { ...verdict, token } };
    const limit = /^[\w.-]{1,100}$/.test(failed.code) ? failed.code : `status-${String(reply.status)}`;
    const waitMs = slot.coolDown({ limit, requestId: failed.requestId, ...(told === undefined ? {} : { afterMs: told }) });
    return { failed: classifyReply({ ...failed, retryAfterMs: Math.ceil(waitMs) }) };
  }

  /** What a failure below HTTP means; an abort by the caller or by `close` is thrown as it is. */
  #connection(call: Call, error: unknown, signal: AbortSignal | undefined): Fault {
    if (signal?.aborted === true) throw signal.reason;
    if (this.#ports.closing.aborted) throw this.#ports.closing.reason;
    if (isFault(error)) return error;
    const { code } = error as { code?: unknown };
    return connectionFault('graph.connection-lost', call.purpose, { because: typeof code === 'string' ? code : 'unknown' });
  }
}

/** The limiter's name for the mailbox that a path leads to: physical mailboxes are throttled one by one. */
export const limiterKey = (path: GraphPath): string => mailboxOfPath(path)?.mailboxId ?? DIRECTORY;

/** Throws where a redirect leads back to a place it came from ('graph.redirect-loop') or on too often ('graph.too-many-redirects'). */
export const checkTrail = (trail: readonly string[], next: GraphPath, requestId: string | null): void => {
  const loop = trail.includes(next.toLowerCase());
  if (!loop && trail.length <= MAX_HOPS) return;
  throw new Fault(loop ? 'graph.redirect-loop' : 'graph.too-many-redirects', {
    retry: { afterMs: 300_000 },
    facts: { hops: trail.length, requestId },
    advice:
      'The parts of this archive point to each other in a circle. Exchange may be moving it; try later, then report the request id to Microsoft.',
  });
};

const isGoodOrMoved = (status: number): boolean => (status >= 200 && status < 300) || status === 307 || status === 308;

const requestIdOf = (reply: HttpReply): string | null => /^[\w-]{1,100}$/.exec(reply.headers['request-id'] ?? '')?.[0] ?? null;

const parseObject = (body: Buffer): Readonly<Record<string, unknown>> | undefined => {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
};

const broken = (code: string, bytes: number | undefined, reply: HttpReply): Fault =>
  new Fault(code, {
    retry: 'now',
    facts: { bytes: bytes ?? null, requestId: requestIdOf(reply) },
    advice: 'Exchange sent an answer that breaks off or is too large; it is asked for less at a time.',
  });

const withFact = (fault: Fault, facts: Fault['facts']): Fault =>
  new Fault(fault.code, {
    retry: fault.retry,
    facts: { ...fault.facts, ...facts },
    ...(fault.advice === undefined ? {} : { advice: fault.advice }),
  });
