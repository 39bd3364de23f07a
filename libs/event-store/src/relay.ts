import { eventTopic, toCloudEvent } from '@pstream/contracts';
import { assert, backoffMs, isFault, retryDelayMs, type Clock, type Fault } from '@pstream/kernel';
import type { EventStore, UnpublishedCommit } from './event-store.js';

/** Where the relay publishes; the Transport port is one. `send` resolves when every record is durable (acks = all), and
 *  records of one key keep the order given. */
export type EventPublisher = {
  send(
    topic: string,
    records: readonly { readonly key: string; readonly headers: Readonly<Record<string, string>>; readonly value: Uint8Array }[],
  ): Promise<void>;
};

/** What the relay works with. */
export type RelayOptions = {
  readonly store: EventStore;
  readonly transport: EventPublisher;
  readonly clock: Clock;
  /** Commits read and published at once. Default 500. */
  readonly batch?: number;
  /** How often the store is asked although this process appended nothing: others may have. Default 1,000 ms. */
  readonly pollMs?: number;
  /** Told of every failure that is going to be retried. `stream` is set when this one stream stands still. */
  readonly onProblem?: (problem: { readonly fault: Fault; readonly stream?: string }) => void;
};

/** A running relay. */
export type Relay = {
  /** Commits sent and marked so far, and the streams that stand still with the code of their fault. */
  status(): { readonly published: number; readonly blocked: Readonly<Record<string, string>> };
  /** Resolves after `close`; rejects when our own bug ended the relay. */
  readonly done: Promise<void>;
  /** Finishes the send under way. What it sent and could not mark is sent again by the next relay. */
  close(): Promise<void>;
};

const WAITS = { firstMs: 100, mostMs: 30_000 };

type Blocked = { readonly code: string; readonly untilMs: number; readonly failures: number };

/** Publishes what the store holds, forever: reads unpublished commits (marks, no cursor: a commit that becomes visible late
 *  is not passed over), sends them per stream in order, and marks them after the acknowledgement. It takes no lock: two
 *  relays, or a lost acknowledgement, repeat events (v1 v2 v1 v2) and never leave one out, because each sends a sequence
 *  without holes and a stream stops at its first failure. */
export const startRelay = (options: RelayOptions): Relay => {
  const { store, transport, clock, batch = 500, pollMs = 1_000 } = options;
  const closing = new AbortController();
  const blocked = new Map<string, Blocked>();
  let published = 0;
  let failures = 0;
  let dirty = true;
  let wake: () => void = () => undefined;
  const stopListening = store.onAppended(() => {
    dirty = true;
    wake();
  });

  const sleep = async (ms: number): Promise<void> => {
    const stop = new AbortController();
    await clock.sleep(ms, AbortSignal.any([stop.signal, closing.signal])).catch(() => undefined);
    stop.abort();
  };
  const idle = async (): Promise<void> => {
    const stop = new AbortController();
    const appended = new Promise<void>((resolve) => (wake = resolve));
    const timer = clock.sleep(pollMs, AbortSignal.any([stop.signal, closing.signal])).catch(() => undefined);
    if (!dirty) await Promise.race([appended, timer]);
    stop.abort();
  };

  const mark = async (commits: readonly UnpublishedCommit[]): Promise<void> => {
    await store.markPublished(commits.map((commit) => commit.id));
    published += commits.length;
    for (const { stream } of commits) blocked.delete(stream);
  };

  const block = (stream: string, fault: Fault): void => {
    const inARow = (blocked.get(stream)?.failures ?? 0) + 1;
    const delayMs = Math.max(retryDelayMs(fault.retry) ?? 0, backoffMs(WAITS, inARow));
    blocked.set(stream, { code: fault.code, untilMs: clock.monotonicMs() + delayMs, failures: inARow });
    options.onProblem?.({ fault, stream });
  };

  /** The commits in front of the first damaged one of their stream. */
  const readable = (commits: readonly UnpublishedCommit[]): readonly UnpublishedCommit[] => {
    const stopped = new Set<string>();
    return commits.filter(({ stream, damage }) => {
      if (damage !== undefined && !stopped.has(stream)) block(stream, damage);
      if (damage !== undefined) stopped.add(stream);
      return !stopped.has(stream);
    });
  };

  /** All streams at once, one send and one mark per topic. */
  const publishTogether = async (commits: readonly UnpublishedCommit[]): Promise<void> => {
    for (const [topic, ofTopic] of byTopic(commits)) {
      await transport.send(
        topic,
        ofTopic.flatMap(({ events }) => events.map(toCloudEvent)),
      );
      await mark(ofTopic);
    }
  };

  /** Stream by stream, after a failure that concerns some record: the others must not wait for it. */
  const publishApart = async (commits: readonly UnpublishedCommit[]): Promise<void> => {
    const stopped = new Set<string>();
    for (const commit of commits) {
      if (stopped.has(commit.stream) || closing.signal.aborted) continue;
      try {
        await publishTogether([commit]);
      } catch (error) {
        if (!isFault(error)) throw error;
        stopped.add(commit.stream);
        block(commit.stream, error);
      }
    }
  };

  /** One round; true if there may be more to do at once. */
  const round = async (): Promise<boolean> => {
    const isDue = ({ stream }: UnpublishedCommit): boolean => (blocked.get(stream)?.untilMs ?? 0) <= clock.monotonicMs();
    let limit = batch;
    let commits = await store.unpublished(limit);
    // Streams that stand still must not fill the window and hide the others.
    while (commits.length === limit && !commits.some(isDue)) commits = await store.unpublished((limit *= 2));
    const due = readable(commits.filter(isDue));
    try {
      await publishTogether(due);
    } catch (error) {
      if (!isFault(error) || error.retry !== 'never') throw error;
      await publishApart(due);
    }
    return commits.length === limit;
  };

  const run = async (): Promise<void> => {
    while (!closing.signal.aborted) {
      dirty = false;
      try {
        const more = await round();
        failures = 0;
        if (!more) await idle();
      } catch (error) {
        if (!isFault(error)) throw error;
        options.onProblem?.({ fault: error });
        const askedMs = retryDelayMs(error.retry) ?? WAITS.mostMs;
        await sleep(Math.min(WAITS.mostMs, Math.max(askedMs, backoffMs(WAITS, ++failures))));
      }
    }
  };
  const done = run().finally(stopListening);

  return {
    status: () => ({ published, blocked: Object.fromEntries([...blocked].map(([stream, { code }]) => [stream, code])) }),
    done,
    close: async () => {
      closing.abort();
      wake();
      await done;
    },
  };
};

const byTopic = (commits: readonly UnpublishedCommit[]): Map<string, UnpublishedCommit[]> => {
  const topics = new Map<string, UnpublishedCommit[]>();
  for (const commit of commits) {
    const [first] = commit.events;
    assert(first !== undefined, 'a commit holds at least one event');
    const topic = eventTopic(first.context);
    const list = topics.get(topic);
    if (list === undefined) topics.set(topic, [commit]);
    else list.push(commit);
  }
  return topics;
};
