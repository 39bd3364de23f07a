import { closeSync, copyFileSync, existsSync, openSync, readFileSync, statSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { streamName } from '@pstream/contracts';
import { isFault } from '@pstream/kernel';
import { inlineStorage, openFile, threadStorage, type OpenFile, type Storage } from '@pstream/storage';
import { runToEnd, tempDir } from '@pstream/testing';
import fc from 'fast-check';
import { commitOf, eventStoreContract } from './event-store.contract.js';
import { memoryEventStore, sqliteEventStore, type SqliteEventStore } from './sqlite-event-store.js';

/** Storages that the tests open, closed after each. */
const opened: Storage[] = [];
const storage = (make: () => Storage = inlineStorage): Storage => {
  const made = make();
  opened.push(made);
  return made;
};
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
});

const openAt = (path: string, maxBytes?: number): Promise<SqliteEventStore> =>
  sqliteEventStore({ storage: storage(), path, ...(maxBytes === undefined ? {} : { maxBytes }) });
const fileOf = (): string => join(tempDir(), 'events.sqlite');

eventStoreContract('SQLite behind the storage thread', async () => ({
  store: await sqliteEventStore({ storage: storage(threadStorage), path: fileOf() }),
}));
eventStoreContract('SQLite in the thread of the caller', async () => ({ store: await openAt(fileOf()) }));
eventStoreContract('SQLite in memory', async () => ({ store: memoryEventStore() }));

describe('SQLite event store', () => {
  it('keeps commits and marks over a restart', async () => {
    const path = fileOf();
    const before = await openAt(path);
    expect(before.wasEmpty).toBe(true);
    await before.append(commitOf('project:1', 0, 2));
    await before.append(commitOf('project:1', 2));
    await before.markPublished([(await before.unpublished(1))[0]?.id ?? '']);
    const events = await before.read(streamName('project:1'));
    await before.close();
    await before.close();
    const after = await openAt(path);
    expect(after.wasEmpty).toBe(false);
    expect(await after.read(streamName('project:1'))).toEqual(events);
    expect((await after.unpublished(10)).length).toBe(1);
  });

  it('refuses a file that this process has open already', async () => {
    const path = fileOf();
    const store = await openAt(path);
    await expect(openAt(path)).rejects.toMatchObject({ code: 'storage.in-use', retry: 'never' });
    await store.append(commitOf('project:1', 0));
    await store.close();
    await openAt(path);
  });

  it('keeps another process out', async () => {
    const path = fileOf();
    const store = await openAt(path);
    await store.append(commitOf('project:1', 0));
    const other = `const { DatabaseSync } = require('node:sqlite');
      try { new DatabaseSync(process.argv[1]).exec('SELECT count(*) FROM commits'); console.log('in'); } catch (error) { console.log('errcode', error.errcode); }`;
    expect((await runToEnd(process.execPath, ['-e', other, path])).output).toContain('errcode 5');
  });

  it('refuses to write when the disk is full, goes on reading, and recovers without a restart of its own', async () => {
    const path = fileOf();
    const full = await openAt(path, 128 * 1024);
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

    const roomy = await openAt(path);
    expect((await roomy.read(streamName('project:1'))).length).toBe(version);
    expect(await roomy.append(next())).toMatchObject({ version: version + 1, duplicate: false });
  });

  it('opens as a prefix of the commits, or names the file, wherever the write-ahead log was cut or scribbled over', async () => {
    const folder = tempDir();
    const path = join(folder, 'events.sqlite');
    const store = await openAt(path);
    for (let version = 0; version < 20; version++) await store.append(commitOf('project:1', version));
    const size = statSync(`${path}-wal`).size;
    expect(size).toBeGreaterThan(50_000);
    let copies = 0;
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: size - 1 }), fc.constantFrom('cut', 'scribble'), async (at, how) => {
        const copy = join(folder, `${copies++}.sqlite`);
        copyFileSync(path, copy);
        copyFileSync(`${path}-wal`, `${copy}-wal`);
        if (how === 'cut') truncateSync(`${copy}-wal`, at);
        else scribble(`${copy}-wal`, at);
        const inline = inlineStorage();
        try {
          const cut = await sqliteEventStore({ storage: inline, path: copy });
          const versions = (await cut.read(streamName('project:1'))).map((event) => event.version);
          expect(versions).toEqual(versions.map((_, index) => index + 1));
          expect(versions.length).toBeLessThanOrEqual(20);
          await cut.append(commitOf('project:1', versions.length));
        } catch (error) {
          if (!isFault(error)) throw error;
          expect(String(error.facts['file'])).toMatch(/sqlite$/);
        } finally {
          await inline.close();
        }
      }),
      { numRuns: 60 },
    );
  });

  it('names a file that is no database and leaves it alone', async () => {
    const path = fileOf();
    writeFileSync(path, 'x'.repeat(10_000));
    await expect(openAt(path)).rejects.toMatchObject({ code: 'storage.corrupt', retry: 'never', facts: { file: 'events.sqlite' } });
    expect(existsSync(path)).toBe(true);
  });

  it('refuses a database of a development build', async () => {
    const path = fileOf();
    const old = new DatabaseSync(path);
    old.exec('CREATE TABLE commits (position INTEGER PRIMARY KEY, document TEXT NOT NULL)');
    old.close();
    await expect(openAt(path)).rejects.toMatchObject({ code: 'storage.other-format', retry: 'never', facts: { file: 'events.sqlite' } });
  });

  it('takes the rights of others away from files that were made with them', async () => {
    const path = fileOf();
    writeFileSync(path, '', { mode: 0o644 });
    const store = await openAt(path);
    await store.append(commitOf('project:1', 0));
    for (const file of [path, `${path}-wal`]) expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('confines a damaged commit to its stream, for readers and for the relay', async () => {
    const path = fileOf();
    const store = await openAt(path);
    for (const stream of ['project:1', 'project:2'])
      for (let version = 0; version < 2; version++) await store.append(commitOf(stream, version));
    await store.close();
    const bytes = readFileSync(path);
    const at = bytes.lastIndexOf('"stream":"project:1","firstVersion":2');
    expect(at).toBeGreaterThan(0);
    bytes[at + 11] = bytes[at + 11]! ^ 1;
    writeFileSync(path, bytes);
    const after = await openAt(path);
    await expect(after.read(streamName('project:1'))).rejects.toMatchObject({
      code: 'event-store.damaged',
      facts: { file: 'events.sqlite', stream: 'project:1', version: 2 },
    });
    expect((await after.read(streamName('project:2'))).length).toBe(2);
    const unpublished = await after.unpublished(10);
    expect(unpublished.map(({ stream, damage }) => [stream, damage?.code])).toEqual([
      ['project:1', undefined],
      ['project:1', 'event-store.damaged'],
      ['project:2', undefined],
      ['project:2', undefined],
    ]);
  });

  it('has commits published again that were marked', async () => {
    const store = await openAt(fileOf());
    for (const stream of ['project:1', 'project:2']) await store.append(commitOf(stream, 0));
    await store.markPublished((await store.unpublished(10)).map(({ id }) => id));
    expect(await store.publishAgain({ stream: streamName('project:2') })).toBe(1);
    expect((await store.unpublished(10)).map(({ stream }) => stream)).toEqual(['project:2']);
    await store.publishAgain('all');
    expect((await store.unpublished(10)).length).toBe(2);
  });

  it('copies itself while it is in use', async () => {
    const folder = tempDir();
    const store = await sqliteEventStore({ storage: storage(threadStorage), path: join(folder, 'events.sqlite') });
    for (let version = 0; version < 50; version++) await store.append(commitOf('project:1', version));
    const copying = store.backup(join(folder, 'copy.sqlite'));
    const later = await store.append(commitOf('project:1', 50));
    await copying;
    expect(later.version).toBe(51);
    expect(statSync(join(folder, 'copy.sqlite')).mode & 0o777).toBe(0o600);
    const copy = await openAt(join(folder, 'copy.sqlite'));
    expect((await copy.read(streamName('project:1'))).length).toBeGreaterThanOrEqual(50);
  });

  it.each(['BEGIN IMMEDIATE', 'COMMIT'])(
    'shows nothing of a commit that failed at %s, and stops until it is opened again',
    async (step) => {
      const path = fileOf();
      let broken = false;
      const openDatabase: OpenFile = (spec) => {
        const file = openFile(spec);
        const exec = file.database.exec.bind(file.database);
        file.database.exec = (sql) => {
          if (broken && sql === step) throw Object.assign(new Error('disk I/O error'), { errcode: 1034 });
          exec(sql);
        };
        return file;
      };
      const stopped: unknown[] = [];
      const store = await sqliteEventStore({
        storage: storage(() => inlineStorage({ openDatabase, stopped: (error) => stopped.push(error) })),
        path,
      });
      await store.append(commitOf('project:1', 0));
      broken = true;
      const lost = [store.append(commitOf('project:1', 1)), store.append(commitOf('project:2', 0))];
      for (const append of lost) await expect(append).rejects.toMatchObject({ code: 'storage.sync-failed', facts: { errcode: 1034 } });
      broken = false;
      await expect(store.read(streamName('project:1'))).rejects.toMatchObject({ code: 'storage.sync-failed' });
      await expect(store.unpublished(10)).rejects.toMatchObject({ code: 'storage.sync-failed' });
      await expect(store.append(commitOf('project:1', 1))).rejects.toMatchObject({ code: 'storage.sync-failed' });
      expect(stopped).toHaveLength(1);
      await store.close();
      const again = await openAt(path);
      expect((await again.read(streamName('project:1'))).length).toBe(1);
      expect(await again.read(streamName('project:2'))).toEqual([]);
    },
  );
});

const scribble = (path: string, at: number): void => {
  const file = openSync(path, 'r+');
  writeSync(file, Buffer.from('scribbled over'), 0, 14, at);
  closeSync(file);
};
