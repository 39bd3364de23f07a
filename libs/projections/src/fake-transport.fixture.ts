import { toCloudEvent, eventTopic, type RecordedEvent } from '@pstream/contracts';
import { isFault, retryDelayMs, type Clock } from '@pstream/kernel';
import type { LogRecord, OutgoingRecord, PartitionHandler, SubscribeOptions, Transport } from '@pstream/transport';

type Position = { committed: bigint };
type Subscriber = {
  readonly topic: string;
  readonly handler: PartitionHandler;
  readonly position: Position;
  next: bigint;
  running: boolean;
  readonly stop: AbortController;
};

/** One partition per topic, in memory, and what the real logs do on a bad day: records that never arrive, and a group that is
 *  sent back to its last commit. */
export class FakeTransport implements Transport {
  readonly maxRecordBytes = 1_000_000;
  private readonly logs = new Map<string, LogRecord[]>();
  private readonly positions = new Map<string, Position>();
  private readonly subscribers = new Set<Subscriber>();
  private readonly clock: Clock;
  /** Records per batch. */
  batch = 3;
  private readonly onCommit = new Set<(next: bigint) => void>();

  constructor(clock: Clock) {
    this.clock = clock;
  }

  async ensureTopics(): Promise<void> {}

  topics(): Promise<readonly string[]> {
    return Promise.resolve([...this.logs.keys()]);
  }

  async send(topic: string, records: readonly OutgoingRecord[]): Promise<void> {
    const log = this.logs.get(topic) ?? [];
    this.logs.set(topic, log);
    for (const { key, headers = {}, value } of records) log.push({ topic, partition: 0, offset: BigInt(log.length), key, headers, value });
    for (const subscriber of this.subscribers) if (subscriber.topic === topic) void this.deliver(subscriber);
  }

  /** Everything that was sent to a topic. */
  sent(topic: string): readonly LogRecord[] {
    return this.logs.get(topic) ?? [];
  }

  publish(events: readonly RecordedEvent[]): Promise<void> {
    const [first] = events;
    return first === undefined ? Promise.resolve() : this.send(eventTopic(first.context), events.map(toCloudEvent));
  }

  async subscribe({ group, topics, handler }: SubscribeOptions): Promise<{ close(): Promise<void> }> {
    const mine = topics.map((topic): Subscriber => {
      const position = this.positions.get(`${group} ${topic}`) ?? { committed: 0n };
      this.positions.set(`${group} ${topic}`, position);
      return { topic, handler, position, next: position.committed, running: false, stop: new AbortController() };
    });
    for (const subscriber of mine) {
      this.subscribers.add(subscriber);
      void this.deliver(subscriber);
    }
    return {
      close: async () => {
        for (const subscriber of mine) {
          subscriber.stop.abort();
          this.subscribers.delete(subscriber);
        }
      },
    };
  }

  /** What happens after a crash or a rebalance: delivery starts over where the group last committed, or before. */
  redeliver(from?: bigint): void {
    for (const subscriber of this.subscribers) {
      subscriber.next = from ?? subscriber.position.committed;
      void this.deliver(subscriber);
    }
  }

  /** Calls back with every position that is committed from now on. */
  committing(listener: (next: bigint) => void): { readonly count: number } {
    const seen = { count: 0 };
    this.onCommit.add((next) => {
      seen.count++;
      listener(next);
    });
    return seen;
  }

  /** Records that no group has committed yet, over all groups. */
  get behind(): number {
    return [...this.subscribers].reduce(
      (sum, { topic, position }) => sum + (this.logs.get(topic)?.length ?? 0) - Number(position.committed),
      0,
    );
  }

  async backlog(topic: string, group: string): Promise<{ records: number; bytes: number }> {
    const committed = this.positions.get(`${group} ${topic}`)?.committed ?? 0n;
    return { records: (this.logs.get(topic)?.length ?? 0) - Number(committed), bytes: 0 };
  }

  async close(): Promise<void> {}

  private async deliver(subscriber: Subscriber): Promise<void> {
    if (subscriber.running) return;
    subscriber.running = true;
    while (!subscriber.stop.signal.aborted) {
      const records = (this.logs.get(subscriber.topic) ?? []).slice(Number(subscriber.next), Number(subscriber.next) + this.batch);
      if (records.length === 0) break;
      const start = subscriber.next;
      subscriber.next += BigInt(records.length);
      try {
        await subscriber.handler.batch(
          {
            topic: subscriber.topic,
            partition: 0,
            logStart: 0n,
            commit: async (next) => {
              for (const listener of this.onCommit) listener(next);
              if (next > subscriber.position.committed) subscriber.position.committed = next;
            },
            seek: (offset) => (subscriber.next = offset),
            pause: () => undefined,
            resume: () => undefined,
          },
          records,
          subscriber.stop.signal,
        );
      } catch (error) {
        const delay = isFault(error) ? retryDelayMs(error.retry) : undefined;
        if (delay === undefined) {
          subscriber.handler.failed(error);
          break;
        }
        subscriber.next = start;
        await this.clock.sleep(delay);
      }
    }
    subscriber.running = false;
  }
}
