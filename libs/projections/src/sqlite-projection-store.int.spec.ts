import { tempDir } from '@pstream/testing';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Projection } from './projection.js';
import { projectionStoreContract } from './projection-store.contract.js';
import { pool, seats } from './seats.fixture.js';
import { sqliteProjectionStore } from './sqlite-projection-store.js';

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

  it('uses the index of a query field', async () => {
    const db = new DatabaseSync(':memory:');
    const store = sqliteProjectionStore({ db });
    await store.prepare(seats);
    const plan = db
      .prepare(
        `EXPLAIN QUERY PLAN SELECT id FROM "seats_available_v1__g0" WHERE document IS NOT NULL AND "q:colour" = ? ORDER BY "q:colour", id`,
      )
      .all('red');
    expect(JSON.stringify(plan)).toContain('USING INDEX seats_available_v1__g0:colour');
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
    expect(tables.map((row) => row['name'])).toEqual(['projections', 'seats_available_v1__g3', 'seats_available_v1__g3__positions']);
    db.close();
  });
});
