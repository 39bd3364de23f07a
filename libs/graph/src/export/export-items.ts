import { assert, Fault, isFault } from '@pstream/kernel';
import { checkTrail, type OpenReply } from '../calls/calls.js';
import { classifyItemError, helpsToShrink } from '../calls/classify.js';
import type { MailboxSession } from '../calls/session.js';
import type { ExportedItem } from '../client.js';
import type { GraphPath } from '../http/origin.js';
import { ExportResponseParser, type ExportEntry } from './export-response-parser.js';

/** Ids that one call takes; the service's own bound. */
export const MAX_EXPORT_IDS = 20;
/** A reply in more parts than ids makes no sense. */
const MAX_PARTS = MAX_EXPORT_IDS;

/** Ids that are asked for together. `last`: this is the repeat, a failure is final. `trail`: the way of redirects here, this path included. */
type Batch = {
  readonly path: GraphPath;
  readonly ids: readonly string[];
  readonly last: boolean;
  readonly waits: number;
  /** Calls with this one id that ended in an outage. */
  readonly outages?: number;
  readonly trail: readonly string[];
};

/** What is left to do after one call. */
type Leftovers = { alone: string[]; later: string[]; faults: Map<string, Fault>; moved: Map<GraphPath, string[]> };

const EXPORT_PATH = /^[^?]*\/exportItems$/i;
/** Failures that say nothing about the ids, and how many such calls in a row, none of them with an answer, end the halving: more than
 *  it takes to corner one bad id among twenty. */
const OUTAGE: ReadonlySet<string> = new Set(['graph.connection-lost', 'graph.timed-out', 'graph.server-error', 'graph.too-much-at-once']);
const BARREN_CALLS = 6;
/** Failures of a whole call that may be the doing of one id in it. */
const BLAMES_AN_ID: ReadonlySet<string> = new Set(['graph.bad-request', 'graph.item-gone']);

/** Exports items and answers each id exactly once (Graph §5). An id that is not answered, or that comes back with an error which may pass,
 *  is asked for once more alone; a call that fails as a whole is halved until the item at fault stands alone; an item that moved to
 *  another part of an archive is followed there. Faults of mailbox, sign-in and connection are thrown. */
export const exportItems = (session: MailboxSession, ids: readonly string[]): AsyncGenerator<ExportedItem> =>
  new ItemExport(session).answers(ids);

/** One export of up to 20 ids: the calls that are still to be made for them. */
class ItemExport {
  readonly #session: MailboxSession;
  readonly #pending: Batch[] = [];

  constructor(session: MailboxSession) {
    this.#session = session;
  }

  async *answers(ids: readonly string[]): AsyncGenerator<ExportedItem> {
    assert(ids.length >= 1 && ids.length <= MAX_EXPORT_IDS && new Set(ids).size === ids.length, 'exportItems takes 1 to 20 different ids');
    const session = this.#session;
    const start = session.below('/exportItems');
    this.#pending.push({ path: start, ids, last: false, waits: 0, trail: [start.toLowerCase()] });
    let barren = 0;
    for (let batch = this.#pending.shift(); batch !== undefined; batch = this.#pending.shift()) {
      const left = new Set(batch.ids);
      const rest: Leftovers = { alone: [], later: [], faults: new Map(), moved: new Map() };
      let failure: Fault | undefined;
      // An outage of some seconds must not be taken for a fault of every item that was asked for in it.
      if (batch.outages !== undefined) await session.moment(batch.outages);
      barren++;
      try {
        for await (const { entry, path } of this.#entries(batch, rest)) {
          barren = 0;
          const itemId = entry.itemId ?? (batch.ids.length === 1 ? batch.ids[0]! : '');
          if (!left.has(itemId)) continue;
          if (entry.error !== null) {
            left.delete(itemId);
            this.#sort(itemId, entry.error, batch, rest);
          } else if (entry.data !== null) {
            left.delete(itemId);
            yield { itemId, changeKey: entry.changeKey, data: entry.data, mailbox: session.mailboxAt(path) };
          }
        }
      } catch (error) {
        if (!isFault(error) || !(helpsToShrink(error) || BLAMES_AN_ID.has(error.code))) throw error;
        if (OUTAGE.has(error.code) && barren >= BARREN_CALLS) throw error;
        failure = error;
      }
      yield* this.#settle(batch, [...left], failure, rest);
    }
  }

  /** Puts one item's error where it is dealt with after the call. */
  #sort(itemId: string, error: { code: string; message: string }, batch: Batch, rest: Leftovers): void {
    const { reaction, fault } = classifyItemError(error.code);
    if (reaction === 'moved') {
      try {
        const { path } = this.#session.mailboxPath(error.message.trim(), 'redirect message');
        if (!EXPORT_PATH.test(path)) throw fault;
        checkTrail(batch.trail, path, null);
        rest.moved.set(path, [...(rest.moved.get(path) ?? []), itemId]);
      } catch (refusal) {
        if (!isFault(refusal)) throw refusal;
        rest.faults.set(itemId, refusal);
      }
    } else if (reaction === 'pause') {
      rest.later.push(itemId);
      rest.faults.set(itemId, fault);
    } else if (reaction === 'alone' && !batch.last) rest.alone.push(itemId);
    else rest.faults.set(itemId, fault);
  }

  /** Plans the calls that follow from one call, and answers the ids for which there is nothing more to try. */
  *#settle(batch: Batch, left: readonly string[], failure: Fault | undefined, rest: Leftovers): Generator<ExportedItem> {
    const { tries } = this.#session.limits;
    const alone = [...rest.alone];
    if (failure === undefined) {
      // Entries without data, or no entry at all, in an otherwise good reply.
      for (const itemId of left) {
        if (batch.last) yield { itemId, fault: unanswered() };
        else alone.push(itemId);
      }
    } else if (left.length > 1) {
      const half = Math.ceil(left.length / 2);
      this.#pending.push({ ...batch, ids: left.slice(0, half) }, { ...batch, ids: left.slice(half) });
    } else if (left.length === 1) {
      const outages = (batch.outages ?? 0) + 1;
      if (OUTAGE.has(failure.code) && outages < tries) this.#pending.push({ ...batch, ids: left, last: true, outages });
      else if (batch.last || failure.retry === 'never') yield { itemId: left[0]!, fault: failure };
      else alone.push(left[0]!);
    }
    for (const itemId of alone) this.#pending.push({ ...batch, ids: [itemId], last: true });
    for (const [path, moved] of rest.moved) {
      this.#pending.push({ path, ids: moved, last: false, waits: batch.waits, trail: [...batch.trail, path.toLowerCase()] });
    }
    const again = batch.waits + 1 < tries ? rest.later : [];
    if (again.length > 0) this.#pending.push({ ...batch, ids: again, waits: batch.waits + 1 });
    for (const itemId of again) rest.faults.delete(itemId);
    for (const [itemId, fault] of rest.faults) yield { itemId, fault };
  }

  /** The entries of one call, over all parts of its reply. Cools the mailbox down at the end where an item said that it is busy. */
  async *#entries(batch: Batch, rest: Leftovers): AsyncGenerator<{ readonly entry: ExportEntry; readonly path: GraphPath }> {
    const session = this.#session;
    const call = { purpose: 'export' as const, shrinks: true };
    let reply: OpenReply = await session.open({ ...call, path: batch.path, post: { itemIds: batch.ids } });
    for (let part = 1; ; part++) {
      const parser = new ExportResponseParser({ itemBytes: session.limits.itemBytes });
      try {
        for await (const piece of reply.body) {
          for (const entry of parser.feed(piece)) yield { entry, path: reply.path };
        }
      } catch (error) {
        // What was complete before the break is good.
        for (const entry of parser.rescue()) yield { entry, path: reply.path };
        throw error;
      }
      if (rest.later.length > 0) reply.slot.coolDown({ limit: 'item-busy', requestId: null });
      const { nextLink } = parser.end();
      if (nextLink === null || part === MAX_PARTS) return;
      reply = await session.open({ ...call, path: session.path(nextLink, 'nextLink') });
    }
  }
}

const unanswered = (): Fault =>
  new Fault('graph.item-unanswered', {
    retry: 'never',
    facts: {},
    advice:
      'Exchange leaves this item out of its answers, also when asked for it alone. It is taken as MIME where that works, else reported.',
  });
