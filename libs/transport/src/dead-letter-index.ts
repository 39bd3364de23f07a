import { Fault, type Clock, type Facts } from '@pstream/kernel';
import { deadLetterTopic, isOurKey, ownHeaders } from './dead-letters.js';
import { readRecord } from './read-record.js';
import type { LogRecord, OutgoingRecord, PartitionConsumer, Subscription, Transport } from './transport.js';

/** What has become of a dead letter: nothing yet, its record was put back, or somebody gave it up. */
export type LetterState = 'open' | 'replayed' | 'dropped';

/** A dead letter as it is kept, without its bytes. */
export type KeptLetter = {
  /** `<topic>:<n>`: the topic that the record came from, and the place of the letter among those of this topic. */
  readonly id: string;
  readonly topic: string;
  /** Where the record stood; null where the letter does not say. */
  readonly partition: number | null;
  readonly offset: string | null;
  /** The group that could not use it, and why: a code, and facts without values of the record. */
  readonly group: string;
  readonly code: string;
  readonly facts: Facts;
  /** When the letter was written, ISO 8601 UTC; null for one of an earlier release. */
  readonly at: string | null;
  /** The record's key, where it is one of our ids. */
  readonly key: string | null;
  /** Size of the record's value. */
  readonly bytes: number;
  /** Whether the letter holds all of the record: a damaged one is lost, and one that is too large stays where it is. */
  readonly whole: boolean;
  readonly state: LetterState;
  /** Who put it back or gave it up, and when. */
  readonly settled: { readonly by: string; readonly at: string } | null;
};

export type DeadLetterIndexOptions = {
  readonly transport: Transport;
  readonly clock: Clock;
  /** Names the groups with which this process reads: nobody else uses it. They commit nothing and leave nothing behind. */
  readonly group: string;
  /** Which topics' letters are ours; brokers may be shared with others. */
  readonly reads: (topic: string) => boolean;
  /** Letters held at once, about 500 bytes each; the rest is counted, and held once there is room. Default 50,000. */
  readonly most?: number;
  /** The index has ended by an error. The process should end. */
  readonly failed: (error: unknown) => void;
};

const MOST_HELD = 50_000;
/** Settled letters that are still held. */
const MOST_SETTLED = 2_000;
const CURRENT_WITHIN_MS = 20_000;
const DEAD = deadLetterTopic('');

/** How far a topic of letters has been read. `beyond` letters from `firstBeyond` on are open and only counted. */
type Topic = {
  readonly group: string;
  consumer: PartitionConsumer | undefined;
  start: bigint;
  next: bigint;
  beyond: number;
  firstBeyond: bigint | undefined;
};

/** The dead letters of the whole system, whoever wrote them: read from their topics, each letter once. What is done with one is noted on the
 *  same topic behind it, so every process and every later one finds the same. */
export class DeadLetterIndex {
  readonly #options: DeadLetterIndexOptions;
  readonly #most: number;
  readonly #letters = new Map<string, KeptLetter>();
  readonly #settled: string[] = [];
  readonly #topics = new Map<string, Topic>();
  readonly #waiting = new Set<() => void>();
  #subscriptions: Subscription[] = [];
  #groups = 0;
  #covering: Promise<void> | undefined;
  #busy: Promise<unknown> = Promise.resolve();
  #settling: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(options: DeadLetterIndexOptions) {
    this.#options = options;
    this.#most = options.most ?? MOST_HELD;
  }

  /** Begins to read the topics of letters that are there and are not read yet. */
  cover(): Promise<void> {
    this.#covering ??= this.#coverNew().finally(() => (this.#covering = undefined));
    return this.#covering;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#covering?.catch(() => undefined);
    await this.#settling;
    await this.#busy;
    await this.#leave();
  }

  /** Open letters by the topic that their records came from, as far as they have been read. */
  get open(): Readonly<Record<string, number>> {
    const counts = new Map<string, number>();
    for (const [name, { beyond }] of this.#topics) if (beyond > 0) counts.set(baseOf(name), beyond);
    for (const { topic, state } of this.#letters.values()) if (state === 'open') counts.set(topic, (counts.get(topic) ?? 0) + 1);
    return Object.fromEntries(counts);
  }

  /** All letters that are held, in the order of their topics, once everything that is on the log now has been read. Fault
   *  'dead-letters.behind' (retry). */
  async all(): Promise<readonly KeptLetter[]> {
    await this.#current();
    return [...this.#letters.values()];
  }

  /** One letter as it is now; undefined if there is none. Faults of `all`. */
  async find(id: string): Promise<KeptLetter | undefined> {
    await this.#current();
    return this.#letters.get(id);
  }

  /** The record of a whole letter. Fault 'dead-letters.not-whole' (never) for another, and for one that is damaged itself. */
  async recordOf(letter: KeptLetter): Promise<LogRecord> {
    const { transport, clock, group } = this.#options;
    const place = { topic: deadLetterTopic(letter.topic), partition: 0, offset: offsetIn(letter.id) };
    const record = letter.whole ? await this.#alone(() => readRecord(transport, clock, `${group}.one`, place)) : undefined;
    if (record !== undefined) return { ...record, headers: ownHeaders(record.headers) };
    throw new Fault('dead-letters.not-whole', { retry: 'never', facts: { id: letter.id } });
  }

  /** Puts the record of a letter back on its topic under its key, with its own headers and bytes, and notes who did. A letter that is
   *  settled stays as it is; returns the letter as it is then. A process that dies between the two leaves it open, and the record may then be put
   *  back once more. Faults of `recordOf` and of `Transport.send`. */
  replay(letter: KeptLetter, by: string): Promise<KeptLetter> {
    return this.#whileOpen(letter, async () => {
      const { key, headers, value } = await this.recordOf(letter);
      await this.#options.transport.send(letter.topic, [{ key, headers, value }]);
      return this.#settle(letter, 'replayed', by);
    });
  }

  /** Notes that nobody needs the record. A letter that is settled stays as it is; returns the letter as it is then. */
  drop(letter: KeptLetter, by: string): Promise<KeptLetter> {
    return this.#whileOpen(letter, () => this.#settle(letter, 'dropped', by));
  }

  /** One after another, each on the letter as it is then: whoever asks may have seen it before somebody else settled it. */
  async #whileOpen(letter: KeptLetter, settle: () => Promise<KeptLetter>): Promise<KeptLetter> {
    if (letter.state !== 'open') return letter;
    const settled = this.#settling.then(async () => {
      const now = (await this.find(letter.id)) ?? letter;
      return now.state === 'open' ? settle() : now;
    });
    this.#settling = settled.catch(() => undefined);
    return settled;
  }

  async #settle(letter: KeptLetter, state: Exclude<LetterState, 'open'>, by: string): Promise<KeptLetter> {
    const { transport, clock } = this.#options;
    await transport.send(deadLetterTopic(letter.topic), [noteOf(letter, state, by, clock.now())]);
    return (await this.find(letter.id)) ?? { ...letter, state };
  }

  async #coverNew(): Promise<void> {
    const { transport, group, reads, failed } = this.#options;
    const topics = (await transport.topics()).filter((name) => name.endsWith(DEAD) && reads(baseOf(name)) && !this.#topics.has(name));
    if (topics.length === 0 || this.#closed) return;
    const own = `${group}.${this.#groups++}`;
    for (const name of topics)
      this.#topics.set(name, { group: own, consumer: undefined, start: 0n, next: 0n, beyond: 0, firstBeyond: undefined });
    const subscribing = transport.subscribe({
      group: own,
      topics,
      handler: {
        assigned: async (partition) => this.#begin(partition),
        batch: async (_partition, records) => {
          for (const record of records) this.#take(record);
          this.#read();
        },
        damaged: async (_partition, { topic, offset }) => {
          this.#passed(topic, offset);
          this.#read();
        },
        revoked: async ({ topic }) => {
          const known = this.#topics.get(topic);
          if (known !== undefined) known.consumer = undefined;
        },
        failed,
      },
    });
    try {
      this.#subscriptions.push(await subscribing);
    } catch (error) {
      for (const name of topics) this.#topics.delete(name);
      throw error;
    }
  }

  #begin(partition: PartitionConsumer): void {
    const known = this.#topics.get(partition.topic);
    if (known === undefined) return;
    known.consumer = partition;
    known.start = partition.logStart;
    if (known.next < known.start) known.next = known.start;
  }

  /** A group that commits nothing gets everything again when its partitions are assigned again. */
  #take(record: LogRecord): void {
    if (!this.#passed(record.topic, record.offset)) return;
    const topic = baseOf(record.topic);
    const { dead_note: state, dead_note_of: of = '', dead_note_by: by = '', dead_note_at: at = '' } = record.headers;
    if (state === undefined) this.#add(letterIn(topic, record), record);
    else if ((state === 'replayed' || state === 'dropped') && /^\d{1,15}$/.test(of))
      this.#note(record.topic, BigInt(of), state, { by, at });
  }

  /** Whether a record is new. */
  #passed(topic: string, offset: bigint): boolean {
    const known = this.#topics.get(topic);
    if (known === undefined || offset < known.next) return false;
    known.next = offset + 1n;
    return true;
  }

  #add(letter: KeptLetter | undefined, { topic, offset }: LogRecord): void {
    const known = this.#topics.get(topic);
    if (letter === undefined || known === undefined) return;
    if (this.#letters.size < this.#most) {
      this.#letters.set(letter.id, letter);
      return;
    }
    known.beyond++;
    known.firstBeyond ??= offset;
  }

  #note(name: string, offset: bigint, state: LetterState, settled: { readonly by: string; readonly at: string }): void {
    const id = `${baseOf(name)}:${offset}`;
    const letter = this.#letters.get(id);
    const known = this.#topics.get(name);
    if (letter === undefined && known?.firstBeyond !== undefined && offset >= known.firstBeyond && known.beyond > 0) known.beyond--;
    // The first note counts.
    if (letter?.state !== 'open') return;
    this.#letters.set(id, { ...letter, state, settled });
    this.#settled.push(id);
    if (this.#settled.length > Math.min(MOST_SETTLED, this.#most / 4)) this.#letters.delete(this.#settled.shift() ?? '');
  }

  #read(): void {
    for (const go of this.#waiting) go();
  }

  /** Waits until everything that is on the log now has been read, and what was only counted too where there is room for it. */
  async #current(): Promise<void> {
    await this.cover();
    do {
      for (const [name, { group }] of this.#topics) {
        const { records } = await this.#options.transport.backlog(name, group);
        await this.#until(name, BigInt(records));
      }
    } while (this.#readsCountedAgain());
  }

  #readsCountedAgain(): boolean {
    let again = false;
    if (this.#letters.size > this.#most / 2) return again;
    for (const topic of this.#topics.values()) {
      const { consumer, firstBeyond, beyond } = topic;
      if (consumer === undefined || firstBeyond === undefined || beyond === 0) continue;
      consumer.seek(firstBeyond);
      Object.assign(topic, { next: firstBeyond, beyond: 0, firstBeyond: undefined });
      again = true;
    }
    return again;
  }

  async #until(name: string, records: bigint): Promise<void> {
    const { clock } = this.#options;
    const reached = (): boolean => {
      const topic = this.#topics.get(name);
      return topic === undefined || topic.next - topic.start >= records;
    };
    if (reached()) return;
    const over = new AbortController();
    const done = Promise.withResolvers<void>();
    const look = (): void => {
      if (reached()) done.resolve();
    };
    this.#waiting.add(look);
    const late = clock.sleep(CURRENT_WITHIN_MS, over.signal).then(() => {
      throw new Fault('dead-letters.behind', { retry: { afterMs: 1_000 }, facts: { topic: name } });
    });
    try {
      await Promise.race([done.promise, late]);
    } finally {
      this.#waiting.delete(look);
      over.abort();
      late.catch(() => undefined);
    }
  }

  async #leave(): Promise<void> {
    await Promise.all(this.#subscriptions.splice(0).map((subscription) => subscription.close()));
  }

  /** One after another: they share a group. */
  #alone<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#busy.then(work);
    this.#busy = result.catch(() => undefined);
    return result;
  }
}

const baseOf = (name: string): string => name.slice(0, -DEAD.length);
const offsetIn = (id: string): bigint => BigInt(id.slice(id.lastIndexOf(':') + 1));

/** The letter that a record of a dead-letter topic holds; undefined for what is none. */
const letterIn = (topic: string, { offset, key, headers, value }: LogRecord): KeptLetter | undefined => {
  const code = headers['dead_code'];
  if (code === undefined) return undefined;
  const left = headers['dead_value_bytes'];
  return {
    id: `${topic}:${offset}`,
    topic,
    partition: numberIn(headers['dead_partition']),
    offset: headers['dead_offset'] ?? null,
    group: headers['dead_group'] ?? '',
    code,
    facts: factsIn(headers['dead_facts']),
    at: headers['dead_at'] ?? null,
    key: isOurKey(key) ? key : null,
    bytes: left === undefined ? value.length : (numberIn(left) ?? 0),
    whole: left === undefined && code !== 'transport.damaged',
    state: 'open',
    settled: null,
  };
};

const numberIn = (text: string | undefined): number | null => (text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : null);

const factsIn = (text: string | undefined): Facts => {
  try {
    const facts: unknown = JSON.parse(text ?? '{}');
    return typeof facts === 'object' && facts !== null && !Array.isArray(facts) ? (facts as Facts) : {};
  } catch {
    return {};
  }
};

/** What is noted behind a letter on its topic. */
const noteOf = ({ id, key }: KeptLetter, state: LetterState, by: string, at: string): OutgoingRecord => ({
  key: key ?? '',
  headers: { dead_note: state, dead_note_of: String(offsetIn(id)), dead_note_by: by, dead_note_at: at },
  value: new Uint8Array(),
});
