import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { crc32 } from 'node:zlib';
import { assert } from '@pstream/kernel';
import { errcodeOf, handOver, isDamage, quickWrite, read, write, type HandedOver } from '@pstream/storage';
import type { TopicSpec } from '../transport.js';

// What runs beside the log database, in the thread that owns it. Each partition has a table of its own, so that a damaged page holds
// records of one partition.

/** The tables of the log database. `next` is the offset of the next record and `bytes` the size of all values ever appended: both outlive
 *  records that are gone. */
export const SCHEMA = `
  CREATE TABLE topics (name TEXT PRIMARY KEY, partitions INTEGER NOT NULL, durability TEXT NOT NULL, retain_for TEXT) WITHOUT ROWID, STRICT;
  CREATE TABLE partitions (
    id INTEGER PRIMARY KEY, topic TEXT NOT NULL, partition INTEGER NOT NULL,
    start INTEGER NOT NULL DEFAULT 0, next INTEGER NOT NULL DEFAULT 0, bytes INTEGER NOT NULL DEFAULT 0,
    UNIQUE (topic, partition)
  ) STRICT;
  CREATE TABLE positions (
    consumers TEXT, topic TEXT, partition INTEGER, next INTEGER NOT NULL, PRIMARY KEY (consumers, topic, partition)
  ) WITHOUT ROWID, STRICT;
`;

/** A record on its way in: its value lies in the arena behind those before it. */
export type NewRecord = { readonly key: string; readonly headers: string; readonly bytes: number };
/** Records of one partition, their values one after another in one buffer. */
export type NewRecords = { readonly id: number; readonly records: readonly NewRecord[]; readonly arena: Uint8Array };
/** What was appended: the first offset, and the buffer back. */
export type AppendedRecords = { readonly first: number; readonly arena: Uint8Array };

/** A record as it lies in the database. */
export type StoredRecord = { readonly offset: number; readonly key: string; readonly headers: string; readonly value: Uint8Array };
/** A record that is not what was written. What could be read of key and headers may be wrong. */
export type LostRecord = {
  readonly offset: number;
  readonly reason: 'checksum' | 'missing' | 'page';
  readonly errcode: number;
  readonly found?: { readonly key: string; readonly headers: string };
};

/** A partition as it is when its topic is opened. */
export type PartitionState = { readonly id: number; readonly start: number; readonly next: number };
/** A topic with its partitions in order. */
export type TopicState = { readonly spec: TopicSpec; readonly partitions: readonly PartitionState[] };
/** A group's position. */
export type Position = { readonly group: string; readonly topic: string; readonly partition: number; readonly next: number };

type Statements = {
  readonly insert: StatementSync;
  readonly from: StatementSync;
  readonly before: StatementSync;
  readonly remove: StatementSync;
};

/** A position and a read move at most so many records at once: bounds how long one call takes. */
const MOST_RECORDS = 1_000;

/** Whether a row cannot be read because of what its pages hold: SQLite says so, or a number has become impossible. */
const isUnreadable = (error: unknown): boolean =>
  errcodeOf(error) !== undefined || (typeof error === 'object' && error !== null && 'code' in error && error.code === 'ERR_OUT_OF_RANGE');

const checksum = (id: number, offset: number, key: string, headers: string, value: Uint8Array): number =>
  crc32(value, crc32(`${id}\u0000${offset}\u0000${key}\u0000${headers}\u0000`));

/** The operations of the log database. */
export const calls = (database: DatabaseSync) => {
  const tables = new Map<number, Statements>();
  const addTopic = database.prepare(
    'INSERT INTO topics VALUES (?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET retain_for = excluded.retain_for',
  );
  const addPartition = database.prepare('INSERT INTO partitions (topic, partition) VALUES (?, ?) ON CONFLICT DO NOTHING');
  const partitionsOf = database.prepare('SELECT id, start, next FROM partitions WHERE topic = ? ORDER BY partition');
  const partition = database.prepare('SELECT start, next, bytes FROM partitions WHERE id = ?');
  const grow = database.prepare('UPDATE partitions SET next = next + ?, bytes = bytes + ? WHERE id = ?');
  const shrink = database.prepare('UPDATE partitions SET start = ? WHERE id = ?');
  const setPosition = database.prepare('INSERT INTO positions VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET next = excluded.next');

  const table = (id: number): Statements => {
    const known = tables.get(id);
    if (known !== undefined) return known;
    assert(Number.isSafeInteger(id), 'a partition has a number');
    const name = `records_${id}`;
    const made: Statements = {
      insert: database.prepare(`INSERT INTO ${name} VALUES (?, ?, ?, ?, ?, ?)`),
      from: database.prepare(`SELECT record, key, headers, checksum, value FROM ${name} WHERE record >= ? ORDER BY record`),
      before: database.prepare(`SELECT bytes_before FROM ${name} WHERE record = ?`),
      remove: database.prepare(`DELETE FROM ${name} WHERE record < ?`),
    };
    tables.set(id, made);
    return made;
  };
  const stateOf = (id: number): { readonly start: number; readonly next: number; readonly bytes: number } => {
    const row = partition.get(id);
    assert(row !== undefined, `there is no partition ${id}`);
    return { start: Number(row['start']), next: Number(row['next']), bytes: Number(row['bytes']) };
  };
  /** Bytes of values from an offset on; an estimate where the record is damaged. */
  const bytesFrom = (id: number, offset: number): number => {
    const { start, next, bytes } = stateOf(id);
    const at = Math.max(offset, start);
    if (at >= next) return 0;
    try {
      const before = Number(table(id).before.get(at)?.['bytes_before'] ?? bytes);
      return Math.min(Math.max(bytes - before, 0), bytes);
    } catch (error) {
      if (isUnreadable(error)) return 0;
      throw error;
    }
  };

  return {
    topics: read((): readonly TopicState[] =>
      database
        .prepare('SELECT * FROM topics ORDER BY name')
        .all()
        .map((row) => ({
          spec: {
            name: String(row['name']),
            partitions: Number(row['partitions']),
            durability: row['durability'] === 'volatile' ? 'volatile' : 'durable',
            ...(typeof row['retain_for'] === 'string' ? { retainFor: JSON.parse(row['retain_for']) as string[] } : {}),
          },
          partitions: partitionStates(partitionsOf.all(String(row['name']))),
        })),
    ),
    positions: read((): readonly Position[] =>
      database
        .prepare('SELECT consumers, topic, partition, next FROM positions')
        .all()
        .map((row) => ({
          group: String(row['consumers']),
          topic: String(row['topic']),
          partition: Number(row['partition']),
          next: Number(row['next']),
        })),
    ),
    /** Adds a topic, or changes for whom a known one is retained. */
    saveTopic: write(({ name, partitions, durability, retainFor }: TopicSpec): readonly PartitionState[] => {
      addTopic.run(name, partitions, durability, retainFor === undefined ? null : JSON.stringify(retainFor));
      if (durability === 'volatile') return [];
      for (let number = 0; number < partitions; number++) {
        if (Number(addPartition.run(name, number).changes) === 0) continue;
        const id = Number(partitionsOf.all(name)[number]?.['id']);
        database.exec(
          `CREATE TABLE records_${id} (
             record INTEGER PRIMARY KEY, key TEXT NOT NULL, headers TEXT NOT NULL, checksum INTEGER NOT NULL, bytes_before INTEGER NOT NULL,
             value BLOB NOT NULL
           ) STRICT`,
        );
      }
      return partitionStates(partitionsOf.all(name));
    }),
    append: write(({ id, records, arena }: NewRecords): HandedOver<AppendedRecords> => {
      const { insert } = table(id);
      const { next, bytes } = stateOf(id);
      let offset = next;
      let at = 0;
      for (const { key, headers, bytes: length } of records) {
        const value = arena.subarray(at, at + length);
        insert.run(offset, key, headers, checksum(id, offset, key, headers, value), bytes + at, value);
        offset++;
        at += length;
      }
      grow.run(records.length, at, id);
      return handOver({ first: next, arena }, [arena.buffer as ArrayBuffer]);
    }),
    /** Records from an offset on, at least one and as many as fit into `maxBytes`, up to the first that is lost. */
    read: read(({ id, from, maxBytes }: { readonly id: number; readonly from: number; readonly maxBytes: number }) => {
      const { start, next } = stateOf(id);
      const records: StoredRecord[] = [];
      let lost: LostRecord | undefined;
      let bytes = 0;
      let offset = Math.max(from, start);
      try {
        for (const row of table(id).from.iterate(offset)) {
          const [found, key, headers, value] = [Number(row['record']), String(row['key']), String(row['headers']), row['value']];
          if (!ArrayBuffer.isView(value) || row['checksum'] !== checksum(id, found, key, headers, value)) {
            lost = { offset, reason: 'checksum', errcode: 0, ...(found === offset ? { found: { key, headers } } : {}) };
            break;
          }
          if (found !== offset) {
            lost = { offset, reason: 'missing', errcode: 0 };
            break;
          }
          if (records.length > 0 && (bytes + value.byteLength > maxBytes || records.length === MOST_RECORDS)) break;
          records.push({ offset, key, headers, value });
          bytes += value.byteLength;
          offset++;
        }
        if (records.length === 0 && lost === undefined && offset < next) lost = { offset, reason: 'missing', errcode: 0 };
      } catch (error) {
        if (!isUnreadable(error)) throw error;
        lost = { offset, reason: 'page', errcode: errcodeOf(error) ?? 0 };
      }
      const result: { readonly records: readonly StoredRecord[]; readonly lost?: LostRecord } =
        lost === undefined || records.length > 0 ? { records } : { records, lost };
      return handOver(
        result,
        records.map(({ value }) => value.buffer as ArrayBuffer),
      );
    }),
    bytesFrom: read(({ id, offset }: { readonly id: number; readonly offset: number }): number => bytesFrom(id, offset)),
    /** A power cut may set a group back to an earlier position, which is what "at least once" allows. */
    commit: quickWrite(({ group, topic, partition: number, next }: Position): void => {
      setPosition.run(group, topic, number, next);
    }),
    /** Forgets records below an offset, a bounded number at once, and returns the new start. It never overtakes the positions that free
     *  them: those were committed before, and a power cut undoes the later commits first. */
    trim: quickWrite(({ id, before }: { readonly id: number; readonly before: number }): number => {
      const { start, next } = stateOf(id);
      const until = Math.min(before, next, start + MOST_RECORDS);
      if (until <= start) return start;
      try {
        table(id).remove.run(until);
      } catch (error) {
        // What lies on a damaged page stays there; nobody asks for it any more.
        if (!isDamage(error)) throw error;
      }
      shrink.run(until, id);
      return until;
    }),
  };
};

const partitionStates = (rows: readonly Readonly<Record<string, unknown>>[]): readonly PartitionState[] =>
  rows.map((row) => ({ id: Number(row['id']), start: Number(row['start']), next: Number(row['next']) }));
