import { isFault, retryDelayMs, type Clock, type Facts, type Fault } from '@pstream/kernel';
import type { DamagedRecord, LogRecord, OutgoingRecord, Transport } from './transport.js';

/** A record that was given up: where it stood, who could not use it, and why. The bytes are on the dead-letter topic only. */
export type DeadLetter = {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  readonly key: string;
  readonly group: string;
  readonly code: string;
  readonly facts: Facts;
};

const MAX_FACTS_CHARACTERS = 4096;
/** Places of letters that are remembered, so that a batch that is repeated does not repeat them. */
const REMEMBERED = 10_000;

/** A key that is one of our ids may be shown; whatever else stands there is nobody's business but the finder's. */
const OURS = /^(?:[a-z-]+:)?[0-9A-HJKMNP-TV-Z]{26}$/;
export const isOurKey = (key: string): boolean => OURS.test(key);

/** Topic that takes the records of `topic` that no retry can help. */
export const deadLetterTopic = (topic: string): string => `${topic}.dead`;

/** What stands in the place of a damaged record: whatever was found of it, without a value. */
export const inPlaceOf = ({ topic, partition, offset, found }: DamagedRecord): LogRecord => ({
  topic,
  partition,
  offset,
  key: found?.key ?? '',
  headers: found?.headers ?? {},
  value: new Uint8Array(0),
});

/** The dead letters that this process writes: each goes to `<topic>.dead` as it came, with the reason in its headers, is counted, and
 *  is reported to `written`. A record that is delivered again to this process is not written again; after a restart it may be, since
 *  letters are at least once, like all else. */
export class DeadLetters {
  readonly #transport: Transport;
  readonly #clock: Clock;
  readonly #written: (letter: DeadLetter) => void;
  readonly #counts = new Map<string, number>();
  readonly #ensured = new Map<string, Promise<void>>();
  readonly #lately = new Set<string>();

  constructor(transport: Transport, ports: { readonly clock: Clock; readonly written: (letter: DeadLetter) => void }) {
    this.#transport = transport;
    this.#clock = ports.clock;
    this.#written = ports.written;
  }

  /** Letters written since the process started, by the topic that the records came from. */
  get counts(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#counts);
  }

  /** Creates the topics for the dead letters of `topics`, so that missing permissions show at the start and not in the middle of work. */
  async prepare(topics: readonly string[]): Promise<void> {
    await Promise.all(topics.map((topic) => this.#ensure(topic)));
  }

  /** Reads each record of a batch; those that the reader refuses for ever become dead letters. Rejects as `write` does. */
  async readEach<T>(
    records: readonly LogRecord[],
    group: string,
    read: (record: LogRecord) => T,
    signal: AbortSignal,
  ): Promise<{ readonly values: readonly { readonly record: LogRecord; readonly value: T }[]; readonly unread: readonly LogRecord[] }> {
    const values: { readonly record: LogRecord; readonly value: T }[] = [];
    const unread: LogRecord[] = [];
    for (const record of records) {
      try {
        values.push({ record, value: read(record) });
      } catch (error) {
        if (!isFault(error) || error.retry !== 'never') throw error;
        await this.write(record, group, error, signal);
        unread.push(record);
      }
    }
    return { values, unread };
  }

  /** Resolves when the letter is durable; waits as long as the log's faults ask for. Rejects with a Fault that must not be retried, or
   *  with the signal's reason. */
  async write(record: LogRecord, group: string, fault: Fault, signal: AbortSignal): Promise<void> {
    const { topic, partition, offset, key } = record;
    const name = `${group} ${topic} ${partition} ${offset}`;
    if (this.#lately.has(name)) return;
    await this.#untilSent(topic, letterOf(record, group, fault, this.#clock.now()), signal);
    this.#remember(name);
    this.#counts.set(topic, (this.#counts.get(topic) ?? 0) + 1);
    this.#written({ topic, partition, offset, key, group, code: fault.code, facts: fault.facts });
  }

  #remember(name: string): void {
    this.#lately.add(name);
    if (this.#lately.size <= REMEMBERED) return;
    for (const oldest of this.#lately) {
      this.#lately.delete(oldest);
      return;
    }
  }

  async #untilSent(topic: string, letter: OutgoingRecord, signal: AbortSignal): Promise<void> {
    for (;;) {
      signal.throwIfAborted();
      try {
        await this.#ensure(topic);
        await this.#transport.send(deadLetterTopic(topic), [letter]);
        return;
      } catch (error) {
        if (!isFault(error)) throw error;
        if (error.code === 'transport.record-too-large' && letter.value.length > 0)
          return this.#untilSent(topic, withoutValue(letter), signal);
        const delay = retryDelayMs(error.retry);
        if (delay === undefined) throw error;
        await this.#clock.sleep(delay, signal);
      }
    }
  }

  #ensure(topic: string): Promise<void> {
    const known = this.#ensured.get(topic);
    if (known !== undefined) return known;
    const ensuring = this.#transport.ensureTopics([{ name: deadLetterTopic(topic), partitions: 1, durability: 'durable' }]);
    this.#ensured.set(topic, ensuring);
    ensuring.catch(() => this.#ensured.delete(topic));
    return ensuring;
  }
}

/** The headers of a record without those of a letter: nobody else's may stand in a letter, and none in a record that is put back. */
export const ownHeaders = (headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !name.startsWith('dead_')));

const letterOf = (record: LogRecord, group: string, fault: Fault, at: string): OutgoingRecord => {
  const facts = JSON.stringify(fault.facts);
  return {
    key: record.key,
    value: record.value,
    headers: {
      ...ownHeaders(record.headers),
      dead_code: fault.code,
      ...(facts.length > MAX_FACTS_CHARACTERS ? {} : { dead_facts: facts }),
      dead_group: group,
      dead_topic: record.topic,
      dead_partition: String(record.partition),
      dead_offset: String(record.offset),
      dead_at: at,
    },
  };
};

/** A record so large that its letter does not fit stays where it is; the letter says where, and how large it is. */
const withoutValue = ({ key, headers, value }: OutgoingRecord): OutgoingRecord => ({
  key,
  headers: { ...headers, dead_value_bytes: String(value.length) },
  value: new Uint8Array(),
});
