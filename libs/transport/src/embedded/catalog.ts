import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { TopicSpec } from '../transport.js';
import { closedFault } from '../faults.js';
import { storageFault } from './faults.js';
import type { Tail } from './partition-log.js';

const SCHEMA = `
CREATE TABLE IF NOT EXISTS topics (name TEXT PRIMARY KEY, partitions INTEGER NOT NULL, durability TEXT NOT NULL, retain_for TEXT) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS positions (consumers TEXT, topic TEXT, partition INTEGER, next INTEGER NOT NULL, PRIMARY KEY (consumers, topic, partition)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS tails (topic TEXT, partition INTEGER, base INTEGER NOT NULL, bytes INTEGER NOT NULL, next INTEGER NOT NULL, PRIMARY KEY (topic, partition)) WITHOUT ROWID;`;

type Commit = { readonly group: string; readonly topic: string; readonly partition: number; readonly next: bigint };

const positionKey = (group: string, topic: string, partition: number): string => JSON.stringify([group, topic, partition]);
const tailKey = (topic: string, partition: number): string => JSON.stringify([topic, partition]);

/** Topics, group positions and clean ends of a directory, in a small SQLite file that one process owns at a time. */
export class Catalog {
  readonly topics = new Map<string, TopicSpec>();
  /** Ends left by a clean shutdown; they hold for the first opening only. */
  readonly tails = new Map<string, Tail>();
  private readonly db: DatabaseSync;
  private readonly positions = new Map<string, bigint>();
  private waiting = new Map<string, Commit>();
  private flushing: Promise<void> | undefined;
  private closed = false;

  /** Throws Fault 'storage.in-use' if another process, or another transport of this one, has the directory open. */
  constructor(dir: string) {
    let db: DatabaseSync | undefined;
    try {
      mkdirSync(dir, { recursive: true });
      db = new DatabaseSync(join(dir, 'catalog.db'));
      // An exclusive WAL keeps the lock from here to close; the operating system frees it when the process dies.
      db.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; BEGIN EXCLUSIVE;');
      db.exec(SCHEMA);
      const read = (sql: string): Record<string, unknown>[] => {
        const statement = db!.prepare(sql);
        statement.setReadBigInts(true);
        return statement.all();
      };
      for (const row of read('SELECT * FROM topics')) {
        const retainFor = typeof row['retain_for'] === 'string' ? (JSON.parse(row['retain_for']) as string[]) : undefined;
        this.topics.set(String(row['name']), {
          name: String(row['name']),
          partitions: Number(row['partitions']),
          durability: row['durability'] === 'volatile' ? 'volatile' : 'durable',
          ...(retainFor === undefined ? {} : { retainFor }),
        });
      }
      for (const row of read('SELECT * FROM positions')) {
        this.positions.set(positionKey(String(row['consumers']), String(row['topic']), Number(row['partition'])), row['next'] as bigint);
      }
      for (const row of read('SELECT * FROM tails')) {
        this.tails.set(tailKey(String(row['topic']), Number(row['partition'])), {
          base: row['base'] as bigint,
          bytes: Number(row['bytes']),
          end: row['next'] as bigint,
        });
      }
      // A tail from before a power cut must not be believed once more has been appended: gone for good before anybody appends.
      db.exec('DELETE FROM tails; COMMIT; PRAGMA synchronous = FULL; PRAGMA user_version = 1; PRAGMA synchronous = NORMAL;');
      this.db = db;
    } catch (error) {
      db?.close();
      throw storageFault(error, { file: 'catalog.db' });
    }
  }

  /** Adds a topic, or takes over what a known topic is retained for. */
  saveTopic(spec: TopicSpec): void {
    this.write(
      () =>
        this.db
          .prepare('INSERT INTO topics VALUES (?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET retain_for = excluded.retain_for')
          .run(spec.name, spec.partitions, spec.durability, spec.retainFor === undefined ? null : JSON.stringify(spec.retainFor)),
      'FULL',
    );
    this.topics.set(spec.name, spec);
  }

  /** A group's next position, or undefined if it never committed. */
  position(group: string, topic: string, partition: number): bigint | undefined {
    return this.positions.get(positionKey(group, topic, partition));
  }

  /** Clean end of a partition. */
  tail(topic: string, partition: number): Tail | undefined {
    return this.tails.get(tailKey(topic, partition));
  }

  /** Resolves when the position will outlive this process. A power cut may set the group back to an earlier position, which is
   *  what "at least once" allows; `settle` is for what must not be set back. Commits of one turn of the event loop share a
   *  transaction. */
  async commit(commit: Commit): Promise<void> {
    if (this.closed) throw closedFault();
    this.waiting.set(positionKey(commit.group, commit.topic, commit.partition), commit);
    this.flushing ??= new Promise((resolve, reject) => {
      setImmediate(() => {
        this.flushing = undefined;
        const commits = this.waiting;
        this.waiting = new Map();
        try {
          this.write(() => {
            const statement = this.db.prepare('INSERT INTO positions VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET next = excluded.next');
            for (const { group, topic, partition, next } of commits.values()) statement.run(group, topic, partition, next);
          }, 'NORMAL');
          for (const [key, { next }] of commits) this.positions.set(key, next);
          resolve();
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)));
        }
      });
    });
    await this.flushing;
  }

  /** Makes every position committed so far outlive a power cut. */
  settle(): void {
    this.write(() => undefined, 'FULL');
  }

  /** Remembers clean ends and lets the directory go. */
  async close(tails: readonly { readonly topic: string; readonly partition: number; readonly tail: Tail }[]): Promise<void> {
    this.closed = true;
    await this.flushing?.catch(() => undefined);
    try {
      this.write(() => {
        const statement = this.db.prepare('INSERT OR REPLACE INTO tails VALUES (?, ?, ?, ?, ?)');
        for (const { topic, partition, tail } of tails) statement.run(topic, partition, tail.base, tail.bytes, tail.end);
      }, 'FULL');
    } finally {
      this.db.close();
    }
  }

  /** Positions are many and may be lost; all else is rare and must be on the disk when the call returns. */
  private write(work: () => void, synchronous: 'NORMAL' | 'FULL'): void {
    try {
      this.db.exec(`PRAGMA synchronous = ${synchronous}; BEGIN`);
      work();
      // The commit of a changed page under FULL syncs the whole journal, whatever was written to it before.
      if (synchronous === 'FULL') this.db.exec('PRAGMA user_version = 1');
      this.db.exec('COMMIT');
    } catch (error) {
      if (this.db.isTransaction) this.db.exec('ROLLBACK');
      throw storageFault(error, { file: 'catalog.db' });
    }
  }
}
