import { streamName } from '@pstream/contracts';
import { runToEnd, tempDir } from '@pstream/testing';
import { statSync, truncateSync, copyFileSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { commitOf, eventStoreContract } from './event-store.contract.js';
import { sqliteEventStore } from './sqlite-event-store.js';

eventStoreContract('SQLite file', async () => ({ store: sqliteEventStore({ path: join(tempDir(), 'events.db') }) }));
eventStoreContract('SQLite in memory', async () => ({ store: sqliteEventStore({ path: ':memory:' }) }));

describe('SQLite event store', () => {
  it('keeps commits and marks over a restart', async () => {
    const path = join(tempDir(), 'events.db');
    const before = sqliteEventStore({ path });
    await before.append(commitOf('project:1', 0, 2));
    await before.append(commitOf('project:1', 2));
    await before.markPublished([(await before.unpublished(1))[0]?.id ?? '']);
    const events = await before.read(streamName('project:1'));
    await before.close();
    await before.close();
    const after = sqliteEventStore({ path });
    expect(await after.read(streamName('project:1'))).toEqual(events);
    expect((await after.unpublished(10)).length).toBe(1);
    await after.close();
  });

  it('refuses a file that this process has open already', async () => {
    const path = join(tempDir(), 'events.db');
    const store = sqliteEventStore({ path });
    expect(() => sqliteEventStore({ path })).toThrow(expect.objectContaining({ code: 'storage.in-use', retry: 'never' }));
    await store.append(commitOf('project:1', 0));
    await store.close();
    await sqliteEventStore({ path }).close();
  });

  it('keeps another process out', async () => {
    const path = join(tempDir(), 'events.db');
    const store = sqliteEventStore({ path });
    await store.append(commitOf('project:1', 0));
    const other = `const { DatabaseSync } = require('node:sqlite');
      try { new DatabaseSync(process.argv[1]).exec('SELECT count(*) FROM commits'); console.log('in'); } catch (error) { console.log('errcode', error.errcode); }`;
    expect((await runToEnd(process.execPath, ['-e', other, path])).output).toContain('errcode 5');
    await store.close();
  });

  it('refuses to write when the disk is full, goes on reading, and recovers by itself', async () => {
    const path = join(tempDir(), 'events.db');
    const full = sqliteEventStore({ path, maxBytes: 128 * 1024 });
    let version = 0;
    const big = { type: 'Happened', data: 'x'.repeat(5_000) };
    const next = (): ReturnType<typeof commitOf> => ({
      ...commitOf('project:1', version, 1, { commandId: `fill-${version}` }),
      events: [big],
    });
    const refused = await (async () => {
      for (;;) {
        try {
          version = (await full.append(next())).version;
        } catch (error) {
          return error;
        }
      }
    })();
    expect(refused).toMatchObject({ code: 'storage.full', retry: { afterMs: 5_000 } });
    expect(version).toBeGreaterThan(5);
    expect((await full.read(streamName('project:1'))).length).toBe(version);
    await expect(full.append(next())).rejects.toMatchObject({ code: 'storage.full' });
    await full.close();

    const roomy = sqliteEventStore({ path });
    expect((await roomy.read(streamName('project:1'))).length).toBe(version);
    expect(await roomy.append(next())).toMatchObject({ version: version + 1, duplicate: false });
    await roomy.close();
  });

  it('opens as a prefix of the commits when the end of the write-ahead log is lost', async () => {
    const folder = tempDir();
    const path = join(folder, 'events.db');
    const store = sqliteEventStore({ path });
    for (let version = 0; version < 20; version++) await store.append(commitOf('project:1', version));
    const size = statSync(`${path}-wal`).size;
    expect(size).toBeGreaterThan(50_000);
    for (const kept of [0.1, 0.35, 0.5, 0.77, 0.95]) {
      const copy = join(folder, `cut-${kept}.db`);
      copyFileSync(path, copy);
      copyFileSync(`${path}-wal`, `${copy}-wal`);
      truncateSync(`${copy}-wal`, Math.floor(size * kept));
      const cut = sqliteEventStore({ path: copy });
      const versions = (await cut.read(streamName('project:1'))).map((event) => event.version);
      expect(versions).toEqual(versions.map((_, index) => index + 1));
      expect(versions.length).toBeLessThan(20);
      await cut.append(commitOf('project:1', versions.length));
      await cut.close();
    }
    await store.close();
  });

  it('names a file that is no database', () => {
    const path = join(tempDir(), 'events.db');
    writeFileSync(path, 'x'.repeat(10_000));
    expect(() => sqliteEventStore({ path })).toThrow(expect.objectContaining({ code: 'storage.corrupt', retry: 'never' }));
    expect(existsSync(path)).toBe(true);
  });
});
