import { fork } from 'node:child_process';
import { rmSync, statfsSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { isFault } from '@pstream/kernel';
import { inlineStorage, openFile, type OpenFile } from '@pstream/storage';
import { tempDir } from '@pstream/testing';
import { at, Collector, text } from '../transport.fixture.js';
import { openIn } from './embedded.fixture.js';

describe('embedded transport on its database', () => {
  it('lets one transport in at a time, until it is closed', async () => {
    const dir = tempDir();
    const first = await openIn(dir);
    expect(first.incomplete).toBe(true);
    await expect(openIn(dir)).rejects.toMatchObject({ code: 'storage.in-use', facts: { file: 'log.sqlite' } });
    await first.close();
    const second = await openIn(dir);
    expect(second.incomplete).toBe(false);
    await second.close();
  });

  it('is locked out by another process, and let in when that process is killed', async () => {
    const dir = tempDir();
    await (await openIn(dir)).close();
    const other = fork(
      '-e',
      [
        `const { DatabaseSync } = require('node:sqlite'); const db = new DatabaseSync(${JSON.stringify(join(dir, 'log.sqlite'))});
         db.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; BEGIN EXCLUSIVE; CREATE TABLE t (a); COMMIT'); process.send('locked'); setInterval(() => {}, 1000)`,
      ],
      { execArgv: [] },
    );
    await new Promise((resolve) => other.once('message', resolve));
    await expect(openIn(dir)).rejects.toMatchObject({ code: 'storage.in-use' });
    const gone = new Promise((resolve) => other.once('exit', resolve));
    other.kill('SIGKILL');
    await gone;
    await (await openIn(dir)).close();
  });

  it('refuses a log that belongs to other events', async () => {
    const dir = tempDir();
    await (await openIn(dir, { belongsTo: 'one' })).close();
    await expect(openIn(dir, { belongsTo: 'other' })).rejects.toMatchObject({ code: 'storage.not-of-this-set' });
  });

  it('forgets records once every group of retainFor has committed past them, and gives the space back', async () => {
    const dir = tempDir();
    const transport = await openIn(dir);
    await transport.ensureTopics([{ name: 'items', partitions: 1, durability: 'durable', retainFor: ['a', 'b'] }]);
    for (let i = 0; i < 400; i++) await transport.send('items', [{ key: 'k', value: new Uint8Array(250_000) }]);
    const [a, b] = [new Collector(), new Collector()];
    await transport.subscribe({ topics: ['items'], group: 'a', handler: a });
    await transport.subscribe({ topics: ['items'], group: 'b', handler: b });
    await Promise.all([a, b].map((seen) => seen.until(({ records }) => records.length === 400)));
    expect(await transport.backlog('items', 'c')).toEqual({ records: 400, bytes: 100_000_000 });
    await at(a.assignments, 0).commit(400n);
    expect(at(a.assignments, 0).logStart).toBe(0n);
    await at(b.assignments, 0).commit(300n);
    expect(at(b.assignments, 0).logStart).toBe(300n);
    expect(await transport.backlog('items', 'c')).toEqual({ records: 100, bytes: 25_000_000 });
    await at(b.assignments, 0).commit(400n);
    const late = new Collector();
    await transport.subscribe({ topics: ['items'], group: 'late', handler: late });
    // Each call that follows gives a little back.
    for (let i = 0; i < 20; i++) await transport.send('items', [text('k', 'more')]);
    await late.until(({ records }) => records.length === 20);
    expect(at(late.records, 0).offset).toBe(400n);
    await transport.close();
    expect(statSync(join(dir, 'log.sqlite')).size).toBeLessThan(80_000_000);
  });

  it('goes on counting offsets after everything was forgotten', async () => {
    const dir = tempDir();
    const first = await openIn(dir);
    await first.ensureTopics([{ name: 'items', partitions: 1, durability: 'durable', retainFor: ['g'] }]);
    for (let i = 0; i < 5; i++) await first.send('items', [text('k', String(i))]);
    const seen = new Collector();
    await first.subscribe({ topics: ['items'], group: 'g', handler: seen });
    await seen.until(({ records }) => records.length === 5);
    await at(seen.assignments, 0).commit(5n);
    await first.close();
    const again = await openIn(dir);
    await again.send('items', [text('k', 'next')]);
    const later = new Collector();
    await again.subscribe({ topics: ['items'], group: 'g', handler: later });
    await later.until(({ records }) => records.length === 1);
    expect(at(later.records, 0).offset).toBe(5n);
    await again.close();
  });

  it('holds volatile topics in memory within a bound, and forgets what every reader has committed', async () => {
    const transport = await openIn(tempDir(), { volatileBytes: 10_000 });
    await transport.ensureTopics([{ name: 'calls', partitions: 1, durability: 'volatile' }]);
    for (let i = 0; i < 100; i++) await transport.send('calls', [{ key: 'k', value: new Uint8Array(1000) }]);
    expect(await transport.backlog('calls', 'g')).toEqual({ records: 10, bytes: 10_000 });
    const seen = new Collector();
    await transport.subscribe({ topics: ['calls'], group: 'g', handler: seen });
    await seen.until(({ records }) => records.length === 10);
    await at(seen.assignments, 0).commit(100n);
    expect(at(seen.assignments, 0).logStart).toBe(100n);
    await transport.close();
  });

  it('keeps no more records in memory than it may, and reads the others in batches of the size asked for', async () => {
    const transport = await openIn(tempDir(), { recentBytes: 120_000 });
    await transport.ensureTopics([{ name: 'items', partitions: 1, durability: 'durable' }]);
    for (let i = 0; i < 20; i++) await transport.send('items', [{ key: 'k', value: new Uint8Array(50_000).fill(i) }]);
    const sizes: number[] = [];
    const seen = new Collector((_, records) => {
      sizes.push(records.reduce((sum, { value }) => sum + value.length, 0));
      return Promise.resolve();
    });
    await transport.subscribe({ topics: ['items'], group: 'g', handler: seen, maxBatchBytes: 100_000 });
    await seen.until(({ records }) => records.length === 20);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(100_000);
    expect(seen.records.map(({ value }) => value[0])).toEqual(Array.from({ length: 20 }, (_, i) => i));
    await transport.close();
  });

  it('answers storage.full, keeps what it confirmed, and goes on when there is room', async () => {
    const transport = await openIn(tempDir(), { maxBytes: 8_000_000 });
    await transport.ensureTopics([{ name: 'items', partitions: 1, durability: 'durable', retainFor: ['g'] }]);
    let confirmed = 0;
    for (;;) {
      try {
        await transport.send('items', [{ key: 'k', value: new Uint8Array(100_000) }]);
        confirmed++;
      } catch (error) {
        expect(isFault(error) && error.code).toBe('storage.full');
        break;
      }
    }
    expect(confirmed).toBeGreaterThan(20);
    const seen = new Collector();
    await transport.subscribe({ topics: ['items'], group: 'g', handler: seen });
    await seen.until(({ records }) => records.length === confirmed);
    await at(seen.assignments, 0).commit(BigInt(confirmed));
    await transport.send('items', [text('k', 'room again')]);
    await seen.until(({ records }) => records.length === confirmed + 1);
    await transport.close();
  });

  it('shows no record of a commit whose outcome is unknown', async () => {
    let broken = false;
    const openDatabase: OpenFile = (spec) => {
      const file = openFile(spec);
      const exec = file.database.exec.bind(file.database);
      file.database.exec = (sql) => {
        if (broken && sql === 'COMMIT') throw Object.assign(new Error('disk I/O error'), { errcode: 1034 });
        exec(sql);
      };
      return file;
    };
    const transport = await openIn(tempDir(), {}, () => inlineStorage({ openDatabase }));
    await transport.ensureTopics([{ name: 'items', partitions: 1, durability: 'durable' }]);
    const seen = new Collector();
    await transport.subscribe({ topics: ['items'], group: 'g', handler: seen });
    await transport.send('items', [text('k', 'a')]);
    await seen.until(({ records }) => records.length === 1);
    broken = true;
    await expect(transport.send('items', [text('k', 'b')])).rejects.toMatchObject({ code: 'storage.sync-failed' });
    broken = false;
    await expect(transport.send('items', [text('k', 'c')])).rejects.toMatchObject({ code: 'storage.sync-failed' });
    expect((await transport.backlog('items', 'none').catch((error: unknown) => error)) as unknown).toMatchObject({
      code: 'storage.sync-failed',
    });
    expect(seen.texts).toEqual(['a']);
    await transport.close();
    await expect(transport.send('items', [text('k', 'd')])).rejects.toMatchObject({ code: 'transport.closed' });
  });
});

// A real full disk, where the test may mount one: PSTREAM_TEST_SMALL_DISK names a directory on a disk of a few MiB.
const free = (dir: string): number => statfsSync(dir).bavail * statfsSync(dir).bsize;
const small = process.env['PSTREAM_TEST_SMALL_DISK'];
(small === undefined ? describe.skip : describe)(
  `embedded transport on a full disk${small === undefined ? ' (PSTREAM_TEST_SMALL_DISK is not set)' : ''}`,
  () => {
    it('answers storage.full, keeps what it confirmed, and goes on when there is room', async () => {
      const dir = small ?? '';
      expect(statfsSync(dir).blocks * statfsSync(dir).bsize).toBeLessThan(64 * 1024 * 1024);
      // What an operator clears away: emptying the write-ahead log into the database takes as much room again as it has.
      const clutter = join(dir, 'clutter');
      writeFileSync(clutter, new Uint8Array(8_000_000));
      const transport = await openIn(dir);
      await transport.ensureTopics([{ name: 'items', partitions: 1, durability: 'durable' }]);
      let confirmed = 0;
      for (;;) {
        try {
          await transport.send('items', [{ key: 'k', value: new Uint8Array(100_000) }]);
          confirmed++;
        } catch (error) {
          expect(isFault(error) && error.code).toBe('storage.full');
          break;
        }
      }
      const seen = new Collector();
      await transport.subscribe({ topics: ['items'], group: 'g', handler: seen });
      await seen.until(({ records }) => records.length === confirmed);
      rmSync(clutter);
      await transport.send('items', [text('k', 'room again')]);
      await seen.until(({ records }) => records.length === confirmed + 1);
      await transport.close();
      const database = new DatabaseSync(join(dir, 'log.sqlite'));
      expect(database.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
      database.close();
      writeFileSync(clutter, new Uint8Array(free(dir)));
      await expect(openIn(dir)).rejects.toMatchObject({ code: 'storage.full' });
      rmSync(clutter);
      await (await openIn(dir)).close();
    });
  },
);
