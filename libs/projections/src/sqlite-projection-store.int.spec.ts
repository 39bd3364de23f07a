import { inlineStorage, openFile, threadStorage, type Storage } from '@pstream/storage';
import { tempDir } from '@pstream/testing';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Projection, ProjectionStore } from './projection.js';
import { projectionStoreContract } from './projection-store.contract.js';
import { pool, seats } from './seats.fixture.js';
import { queriesOf, type Query } from './sqlite-find.js';
import { memoryProjectionStore, sqliteProjectionStore } from './sqlite-projection-store.js';
import { columnsOf } from './sqlite-tables.js';

/** A store in a thread of its own, which ends with it. */
const threaded = async (): Promise<ProjectionStore> => {
  const storage = threadStorage();
  const store = await sqliteProjectionStore({ storage, path: join(tempDir(), 'views.sqlite') });
  return { ...store, close: () => storage.close() };
};

/** A store in memory, and its database. */
const opened = async (): Promise<{ readonly store: ProjectionStore; readonly db: DatabaseSync }> => {
  const databases: DatabaseSync[] = [];
  const storage = inlineStorage({
    openDatabase: (spec) => {
      const file = openFile(spec);
      databases.push(file.database);
      return file;
    },
  });
  const store = await sqliteProjectionStore({ storage, path: ':memory:' });
  const [db] = databases;
  if (db === undefined) throw new Error('no database was opened');
  return { store, db };
};

projectionStoreContract('SQLite file in a thread', async () => ({ store: await threaded() }));
projectionStoreContract('SQLite database with two writers', async () => {
  const storage = inlineStorage();
  let first: ReturnType<Storage['open']> | undefined;
  const shared: Storage = { ...storage, open: (spec, program) => (first ??= storage.open(spec, program)) as never };
  const open = (): Promise<ProjectionStore> => sqliteProjectionStore({ storage: shared, path: ':memory:' });
  return { store: await open(), peer: await open() };
});

describe('SQLite projection store', () => {
  it('applies a batch as a whole or not at all', async () => {
    const store = memoryProjectionStore();
    const brittle: Projection = {
      ...seats,
      evolve: (document, event, id) => {
        if (event.stream === 'pool:2') throw new RangeError('our bug');
        return seats.evolve(document as never, event, id);
      },
    };
    await store.prepare(brittle);
    await expect(store.apply(brittle, [...pool('pool:1', '3'), ...pool('pool:2', '4')])).rejects.toThrow('our bug');
    expect(await store.get(seats.name, 'pool:1')).toBeUndefined();
    expect(await store.position(seats.name, 'pool:1')).toBe(0);
    await store.apply(seats, [...pool('pool:1', '3'), ...pool('pool:2', '4')]);
    expect((await store.find(seats.name)).total).toBe(2);
    await store.close();
  });

  it('keeps documents, positions and the live generation over a restart', async () => {
    const file = { storage: inlineStorage(), path: join(tempDir(), 'views.sqlite') };
    const before = await sqliteProjectionStore(file);
    await before.prepare(seats);
    await before.prepare(seats, 'g1');
    await before.apply(seats, pool('pool:1', '3'), 'g1');
    await before.promote(seats.name, 'g1');
    await before.close();
    const after = await sqliteProjectionStore(file);
    expect(await after.get(seats.name, 'pool:1')).toMatchObject({ document: { seats: 3 } });
    expect(await after.position(seats.name, 'pool:1')).toBe(1);
    await after.prepare(seats);
    expect(await after.liveGeneration(seats.name)).toBe('g1');
    await after.close();
  });

  it('reads a list from the index of its order, and counts without reading a document', async () => {
    const { store, db } = await opened();
    await store.prepare(seats);
    const wanted = { filter: { open: true, colour: { in: ['red', 'blue'] } }, search: 'x', sort: '-seats', limit: 10 };
    const { page, count } = queriesOf('"seats_available_v1__g0"', wanted, columnsOf(db, seats.name, 'g0'));
    const plan = (query: Query): string => JSON.stringify(db.prepare(`EXPLAIN QUERY PLAN ${query.sql}`).all(...query.values));
    expect(plan(page)).toContain('USING INDEX seats_available_v1__g0:open:seats:colour:');
    expect(plan(page)).not.toContain('TEMP B-TREE');
    expect(plan(count)).toContain('USING COVERING INDEX seats_available_v1__g0:open');
    await store.close();
  });

  it('drops an index that is not declared any more', async () => {
    const { store, db } = await opened();
    await store.prepare(seats);
    await store.apply(seats, pool('pool:1', '3 red'));
    await store.prepare({ ...seats, orders: [{ sort: 'seats' }] });
    const indexes = db.prepare(`SELECT name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL`).all();
    expect(indexes.map((row) => row['name'])).toEqual(['seats_available_v1__g0::seats::colour owner.name']);
    expect((await store.find(seats.name, { filter: { colour: 'red' }, search: 'RED', sort: 'open' })).total).toBe(1);
    await store.close();
  });

  it('removes a file with tables of another layout, which the events fill again', async () => {
    const file = { storage: inlineStorage(), path: join(tempDir(), 'views.sqlite') };
    const before = await sqliteProjectionStore(file);
    await before.prepare(seats);
    await before.apply(seats, pool('pool:1', '3'));
    await before.close();
    const db = new DatabaseSync(file.path);
    db.exec('ALTER TABLE projections DROP COLUMN live; PRAGMA user_version = 1');
    db.close();
    const after = await sqliteProjectionStore(file);
    await after.prepare(seats);
    expect((await after.find(seats.name)).total).toBe(0);
    await after.apply(seats, pool('pool:1', '3'));
    expect((await after.find(seats.name)).total).toBe(1);
    await after.close();
  });

  it('leaves no table of a dropped generation behind', async () => {
    const { store, db } = await opened();
    await store.prepare(seats);
    for (const generation of ['g1', 'g2', 'g3']) {
      await store.prepare(seats, generation);
      if (generation !== 'g1') await store.promote(seats.name, generation);
    }
    const tables = db.prepare(`SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name`).all();
    expect(tables.map((row) => row['name'])).toEqual([
      'projections',
      'seats_available_v1__g3',
      ...['positions', 'shares', 'sums'].map((kind) => `seats_available_v1__g3__${kind}`),
      'storage',
    ]);
    await store.close();
  });
});
