import { tempDir } from '@pstream/testing';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Projection } from './projection.js';
import { projectionStoreContract } from './projection-store.contract.js';
import { pool, seats } from './seats.fixture.js';
import { queriesOf, type Query } from './sqlite-find.js';
import { sqliteProjectionStore } from './sqlite-projection-store.js';
import { columnsOf } from './sqlite-tables.js';

projectionStoreContract('SQLite file', async () => ({ store: sqliteProjectionStore({ path: join(tempDir(), 'views.db') }) }));
projectionStoreContract('SQLite database that is shared', async () => {
  const db = new DatabaseSync(':memory:');
  return { store: sqliteProjectionStore({ db }), peer: sqliteProjectionStore({ db }) };
});

describe('SQLite projection store', () => {
  it('applies a batch as a whole or not at all', async () => {
    const store = sqliteProjectionStore({ path: ':memory:' });
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
    const path = join(tempDir(), 'views.db');
    const before = sqliteProjectionStore({ path });
    await before.prepare(seats);
    await before.prepare(seats, 'g1');
    await before.apply(seats, pool('pool:1', '3'), 'g1');
    await before.promote(seats.name, 'g1');
    await before.close();
    const after = sqliteProjectionStore({ path });
    expect(await after.get(seats.name, 'pool:1')).toMatchObject({ document: { seats: 3 } });
    expect(await after.position(seats.name, 'pool:1')).toBe(1);
    await after.prepare(seats);
    expect(await after.liveGeneration(seats.name)).toBe('g1');
    await after.close();
  });

  it('reads a list from the index of its order, and counts without reading a document', async () => {
    const db = new DatabaseSync(':memory:');
    const store = sqliteProjectionStore({ db });
    await store.prepare(seats);
    const wanted = { filter: { open: true, colour: { in: ['red', 'blue'] } }, search: 'x', sort: '-seats', limit: 10 };
    const { page, count } = queriesOf('"seats_available_v1__g0"', wanted, columnsOf(db, seats.name, 'g0'));
    const plan = (query: Query): string => JSON.stringify(db.prepare(`EXPLAIN QUERY PLAN ${query.sql}`).all(...query.values));
    expect(plan(page)).toContain('USING INDEX seats_available_v1__g0:open:seats:colour:');
    expect(plan(page)).not.toContain('TEMP B-TREE');
    expect(plan(count)).toContain('USING COVERING INDEX seats_available_v1__g0:open');
    db.close();
  });

  it('drops an index that is not declared any more', async () => {
    const db = new DatabaseSync(':memory:');
    const store = sqliteProjectionStore({ db });
    await store.prepare(seats);
    await store.apply(seats, pool('pool:1', '3 red'));
    await store.prepare({ ...seats, orders: [{ sort: 'seats' }] });
    const indexes = db.prepare(`SELECT name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL`).all();
    expect(indexes.map((row) => row['name'])).toEqual(['seats_available_v1__g0::seats::colour owner.name']);
    expect((await store.find(seats.name, { filter: { colour: 'red' }, search: 'RED', sort: 'open' })).total).toBe(1);
    db.close();
  });

  it('empties a file with tables of another layout, which the events fill again', async () => {
    const db = new DatabaseSync(':memory:');
    db.exec('CREATE TABLE projections (name TEXT); CREATE TABLE "seats_available_v1__g0" (id TEXT); PRAGMA user_version = 1');
    const store = sqliteProjectionStore({ db });
    await store.prepare(seats);
    await store.apply(seats, pool('pool:1', '3'));
    expect((await sqliteProjectionStore({ db }).find(seats.name)).total).toBe(1);
    db.close();
  });

  it('leaves no table of a dropped generation behind', async () => {
    const db = new DatabaseSync(':memory:');
    const store = sqliteProjectionStore({ db });
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
    ]);
    db.close();
  });
});
