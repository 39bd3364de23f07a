import { fork } from 'node:child_process';
import { readdirSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { isFault, systemClock } from '@pstream/kernel';
import { tempDir } from '@pstream/testing';
import { at, Collector, text } from '../transport.fixture.js';
import { embeddedTransport } from './embedded-transport.js';
import { FaultyFiles } from './files.fixture.js';

describe('embedded transport on its directory', () => {
  it('lets one transport in at a time, until it is closed', async () => {
    const dir = tempDir();
    const first = await embeddedTransport({ dir, clock: systemClock });
    await expect(embeddedTransport({ dir, clock: systemClock })).rejects.toMatchObject({ code: 'storage.in-use' });
    await first.close();
    await (await embeddedTransport({ dir, clock: systemClock })).close();
  });

  it('is locked out by another process, and let in when that process is killed', async () => {
    const dir = tempDir();
    const other = fork(
      '-e',
      [
        `const { DatabaseSync } = require('node:sqlite'); const db = new DatabaseSync(${JSON.stringify(join(dir, 'catalog.db'))});
         db.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; BEGIN EXCLUSIVE; CREATE TABLE t (a); COMMIT'); process.send('locked'); setInterval(() => {}, 1000)`,
      ],
      { execArgv: [] },
    );
    await new Promise((resolve) => other.once('message', resolve));
    await expect(embeddedTransport({ dir, clock: systemClock })).rejects.toMatchObject({ code: 'storage.in-use' });
    const gone = new Promise((resolve) => other.once('exit', resolve));
    other.kill('SIGKILL');
    await gone;
    await (await embeddedTransport({ dir, clock: systemClock })).close();
  });

  it('forgets closed segments once every group of retainFor has committed past them', async () => {
    const dir = tempDir();
    const transport = await embeddedTransport({ dir, clock: systemClock, segmentBytes: 1000 });
    await transport.ensureTopics([{ name: 'items', partitions: 1, durability: 'durable', retainFor: ['a', 'b'] }]);
    for (let i = 0; i < 20; i++) await transport.send('items', [{ key: 'k', value: new Uint8Array(400) }]);
    const files = (): number => readdirSync(join(dir, 'items', '0')).length;
    const all = files();
    const [a, b] = [new Collector(), new Collector()];
    await transport.subscribe({ topics: ['items'], group: 'a', handler: a });
    await transport.subscribe({ topics: ['items'], group: 'b', handler: b });
    await Promise.all([a, b].map((seen) => seen.until(({ records }) => records.length === 20)));
    await at(a.assignments, 0).commit(20n);
    expect(files()).toBe(all);
    await at(b.assignments, 0).commit(10n);
    expect(files()).toBeLessThan(all);
    expect(at(b.assignments, 0).logStart).toBe(10n);
    await at(b.assignments, 0).commit(20n);
    expect(files()).toBe(1);
    const late = new Collector();
    await transport.subscribe({ topics: ['items'], group: 'late', handler: late });
    await late.until(({ records }) => records.length > 0);
    expect(at(late.records, 0).offset).toBe(at(late.assignments, 0).logStart);
    await transport.close();
  });

  it('holds volatile topics in memory within a bound, and forgets what every reader has committed', async () => {
    const transport = await embeddedTransport({ dir: tempDir(), clock: systemClock, volatileBytes: 10_000 });
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

  it('reads no more into memory than the batch in hand while a handler is slow', async () => {
    const files = new FaultyFiles();
    const dir = tempDir();
    const transport = await embeddedTransport({ dir, clock: systemClock, files });
    await transport.ensureTopics([{ name: 'items', partitions: 2, durability: 'durable' }]);
    let inFlight = 0;
    let most = 0;
    const release = Promise.withResolvers<void>();
    const slow = new Collector(async (_, records) => {
      const bytes = records.reduce((sum, { value }) => sum + value.buffer.byteLength, 0);
      inFlight += bytes;
      most = Math.max(most, inFlight);
      await release.promise;
      inFlight -= bytes;
    });
    await transport.subscribe({ topics: ['items'], group: 'g', handler: slow, maxBatchBytes: 100_000 });
    for (let i = 0; i < 100; i++) await transport.send('items', [{ key: `k${i}`, value: new Uint8Array(50_000) }]);
    const reads = files.calls.get('read') ?? 0;
    expect(slow.batches).toBeLessThanOrEqual(2);
    expect(reads).toBeLessThanOrEqual(4);
    release.resolve();
    await slow.until(({ records }) => records.length === 100);
    // Two partitions, at most two records each; every record counts the whole buffer that it is a view of.
    expect(most).toBeLessThanOrEqual(2 * 2 * (100_000 + 16_384));
    await transport.close();
  });

  it('ends a subscription that comes upon damage, without touching the other partitions', async () => {
    const files = new FaultyFiles();
    const transport = await embeddedTransport({ dir: tempDir(), clock: systemClock, files });
    await transport.ensureTopics([{ name: 'items', partitions: 1, durability: 'durable' }]);
    await transport.send('items', [text('k', 'a')]);
    files.arm('read', 'EIO');
    const seen = new Collector();
    const subscription = await transport.subscribe({ topics: ['items'], group: 'g', handler: seen });
    await seen.until(({ records }) => records.length === 1);
    await subscription.close();
    await transport.close();
    await expect(transport.send('items', [text('k', 'b')])).rejects.toMatchObject({ code: 'transport.closed' });
  });
});

// A real full disk, where the test may mount one: PSTREAM_TEST_SMALL_DISK names a directory on a disk of a few MiB.
const small = process.env['PSTREAM_TEST_SMALL_DISK'];
(small === undefined ? describe.skip : describe)(
  `embedded transport on a full disk${small === undefined ? ' (PSTREAM_TEST_SMALL_DISK is not set)' : ''}`,
  () => {
    it('answers storage.full, keeps what it confirmed, and goes on when there is room', async () => {
      const dir = join(small ?? '', 'log');
      expect(statfsSync(small ?? '').blocks * statfsSync(small ?? '').bsize).toBeLessThan(64 * 1024 * 1024);
      const transport = await embeddedTransport({ dir, clock: systemClock, segmentBytes: 256 * 1024 });
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
      const seen = new Collector();
      await transport.subscribe({ topics: ['items'], group: 'g', handler: seen });
      await seen.until(({ records }) => records.length === confirmed);
      await at(seen.assignments, 0).commit(BigInt(confirmed));
      await transport.send('items', [text('k', 'room again')]);
      await seen.until(({ records }) => records.length === confirmed + 1);
      await transport.close();
    });
  },
);
