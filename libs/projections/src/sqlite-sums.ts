import type { Amounts, Share } from '@pstream/contracts';
import type { DatabaseSync } from 'node:sqlite';
import { addedUp, overPartitions, scopesOf, type Counted, type Sum } from './adding-up.js';
import type { ShareAt } from './projection.js';

// Sums of one generation: a row for each scope and partition, and the share that each document has in them.

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
const sumsTable = (table: string): string => quoted(`${table}__sums`);
const sharesTable = (table: string): string => quoted(`${table}__shares`);

/** Makes the tables of sums beside the documents' table of this name. */
export const createSums = (database: DatabaseSync, table: string): void => {
  database.exec(
    `CREATE TABLE IF NOT EXISTS ${sumsTable(table)} (scope TEXT, partition INTEGER, position INTEGER NOT NULL, amounts TEXT NOT NULL, PRIMARY KEY (scope, partition)) WITHOUT ROWID`,
  );
  database.exec(
    `CREATE TABLE IF NOT EXISTS ${sharesTable(table)} (id TEXT PRIMARY KEY, position INTEGER NOT NULL, revision INTEGER NOT NULL, share TEXT) WITHOUT ROWID`,
  );
};

/** Removes them. */
export const dropSums = (database: DatabaseSync, table: string): void => {
  for (const name of [sumsTable(table), sharesTable(table)]) database.exec(`DROP TABLE IF EXISTS ${name}`);
};

/** Adds shares of one partition up; within a transaction. */
export const addUpIn = (database: DatabaseSync, table: string, partition: number, shares: readonly ShareAt[]): void => {
  const readShare = database.prepare(`SELECT position, revision, share FROM ${sharesTable(table)} WHERE id = ?`);
  const counted = new Map<string, Counted>();
  for (const { id } of shares) {
    const row = readShare.get(id);
    if (row === undefined) continue;
    const share = typeof row['share'] === 'string' ? (JSON.parse(row['share']) as Share) : undefined;
    counted.set(id, { offset: Number(row['position']), revision: Number(row['revision']), share });
  }
  const readSum = database.prepare(`SELECT position, amounts FROM ${sumsTable(table)} WHERE scope = ? AND partition = ?`);
  const sums = new Map<string, Sum>();
  for (const scope of scopesOf(shares, counted)) {
    const row = readSum.get(scope, partition);
    if (row !== undefined) sums.set(scope, { position: Number(row['position']), amounts: JSON.parse(String(row['amounts'])) as Amounts });
  }
  const next = addedUp(shares, counted, sums);
  const writeSum = database.prepare(
    `INSERT INTO ${sumsTable(table)} (scope, partition, position, amounts) VALUES (?, ?, ?, ?)
     ON CONFLICT (scope, partition) DO UPDATE SET position = excluded.position, amounts = excluded.amounts`,
  );
  for (const [scope, { position, amounts }] of next.sums) writeSum.run(scope, partition, position, JSON.stringify(amounts));
  const writeShare = database.prepare(
    `INSERT INTO ${sharesTable(table)} (id, position, revision, share) VALUES (?, ?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET position = excluded.position, revision = excluded.revision, share = excluded.share`,
  );
  for (const [id, { offset, revision, share }] of next.counted)
    writeShare.run(id, offset, revision, share === undefined ? null : JSON.stringify(share));
};

/** The sums of scopes, over all partitions. */
export const sumsIn = (database: DatabaseSync, table: string, scopes: readonly string[]): ReadonlyMap<string, Amounts> => {
  const rows = database
    .prepare(`SELECT scope, amounts FROM ${sumsTable(table)} WHERE scope IN (SELECT value FROM json_each(?))`)
    .all(JSON.stringify(scopes));
  return overPartitions(rows.map((row) => ({ scope: String(row['scope']), amounts: JSON.parse(String(row['amounts'])) as Amounts })));
};

/** The revision in which a document counts; 0 if it does not. */
export const countedRevisionIn = (database: DatabaseSync, table: string, id: string): number =>
  Number(database.prepare(`SELECT revision FROM ${sharesTable(table)} WHERE id = ?`).get(id)?.['revision'] ?? 0);

/** Forgets shares and sums whose id or scope comes before a text. */
export const pruneSums = (database: DatabaseSync, table: string, before: string): void => {
  database.prepare(`DELETE FROM ${sharesTable(table)} WHERE id < ?`).run(before);
  database.prepare(`DELETE FROM ${sumsTable(table)} WHERE scope < ?`).run(before);
};
