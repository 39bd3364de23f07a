import { Fault } from '@pstream/kernel';
import type { Database } from '@pstream/storage';
import type { DamagedRecord, LogRecord } from '../transport.js';
import { readHeaders, type Log, type Prepared, type ReadBatch } from './log.js';
import type { calls, LostRecord, PartitionState } from './log-calls.js';
import type { RecentRecords } from './recent-records.js';

/** The log database. */
export type LogDatabase = Database<ReturnType<typeof calls>>;

/** Records to forget before it is worth a call. */
const TRIM_RECORDS = 64n;

/** A durable partition: a table of the log database. Records are delivered from memory where they are still there from being appended,
 *  which is always after they are on the disk. */
export class StoredLog implements Log {
  readonly #database: LogDatabase;
  readonly #topic: string;
  readonly #partition: number;
  readonly #id: number;
  readonly #recent: RecentRecords;
  readonly #appending = new Set<Promise<void>>();
  readonly #listeners = new Set<() => void>();
  #start: bigint;
  #end: bigint;

  constructor(database: LogDatabase, topic: string, partition: number, state: PartitionState, recent: RecentRecords) {
    this.#database = database;
    this.#topic = topic;
    this.#partition = partition;
    this.#id = state.id;
    this.#recent = recent;
    this.#start = BigInt(state.start);
    this.#end = BigInt(state.next);
  }

  get start(): bigint {
    return this.#start;
  }

  get end(): bigint {
    return this.#end;
  }

  append(records: readonly Prepared[]): Promise<void> {
    const appending = this.#append(records);
    this.#appending.add(appending);
    const done = (): void => void this.#appending.delete(appending);
    appending.then(done, done);
    return appending;
  }

  async read(from: bigint, maxBytes: number): Promise<ReadBatch> {
    const offset = from > this.#start ? from : this.#start;
    if (offset >= this.#end) return { records: [], next: offset };
    const recent = this.#recent.read(this.#id, offset, maxBytes);
    if (recent !== undefined) return { records: recent, next: offset + BigInt(recent.length) };
    const { records, lost } = await this.#database.call('read', { id: this.#id, from: Number(offset), maxBytes });
    if (lost !== undefined) return { records: [], next: BigInt(lost.offset) + 1n, damaged: this.#damaged(lost) };
    const first = records[0];
    const next = first === undefined ? offset : BigInt(first.offset + records.length);
    return {
      records: records.map(({ offset: number, key, headers, value }) => this.#record(BigInt(number), key, readHeaders(headers), value)),
      next,
    };
  }

  async trim(before: bigint): Promise<void> {
    const until = before < this.#end ? before : this.#end;
    if (until - this.#start < TRIM_RECORDS && until < this.#end) return;
    while (this.#start < until) this.#start = BigInt(await this.#database.call('trim', { id: this.#id, before: Number(until) }));
  }

  bytesFrom(offset: bigint): Promise<number> {
    return this.#database.call('bytesFrom', { id: this.#id, offset: Number(offset) });
  }

  onAppend(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#appending);
  }

  async #append(records: readonly Prepared[]): Promise<void> {
    const arena = new Uint8Array(records.reduce((sum, { value }) => sum + value.length, 0));
    let at = 0;
    for (const { value } of records) {
      arena.set(value, at);
      at += value.length;
    }
    const appended = await this.#database.call(
      'append',
      { id: this.#id, arena, records: records.map(({ key, headersText, value }) => ({ key, headers: headersText, bytes: value.length })) },
      [arena.buffer],
    );
    let offset = BigInt(appended.first);
    at = 0;
    const recent = records.map(({ key, headers, value }) => {
      const stored = appended.arena.subarray(at, (at += value.length));
      return this.#record(offset++, key, headers, stored);
    });
    this.#recent.add(this.#id, recent, appended.arena.length);
    this.#end = offset;
    for (const listener of this.#listeners) listener();
  }

  #record(offset: bigint, key: string, headers: Readonly<Record<string, string>>, value: Uint8Array): LogRecord {
    return { topic: this.#topic, partition: this.#partition, offset, key, headers, value };
  }

  #damaged({ offset, reason, errcode, found }: LostRecord): DamagedRecord {
    const place = { topic: this.#topic, partition: this.#partition, offset: BigInt(offset) };
    return {
      ...place,
      fault: new Fault('transport.damaged', {
        retry: 'never',
        facts: { file: 'log.sqlite', topic: this.#topic, partition: this.#partition, offset, reason, errcode },
        advice:
          'A record has changed on the disk after it was confirmed. What it carried is asked for again where that is possible. Check the disk.',
      }),
      ...(found === undefined ? {} : { found: { key: found.key, headers: headersAsFound(found.headers) } }),
    };
  }
}

const headersAsFound = (text: string): Readonly<Record<string, string>> => {
  try {
    return readHeaders(text);
  } catch {
    return {};
  }
};
