// Embedded storage: events and log behind the storage thread, beside a program that calls SQLite directly in the main thread with one
// commit per append, as the embedded store did before. Small events from 1, 8 and 64 writers, records of 75 KB written and read, and how long the main
// thread stood still at worst.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { DatabaseSync } from 'node:sqlite';
import { sqliteEventStore } from '@pstream/event-store';
import { systemClock } from '@pstream/kernel';
import { threadStorage } from '@pstream/storage';
import { embeddedTransport } from '@pstream/transport';

export const name = 'storage';

/** Appends a second of 64 writers against the same commits one by one in the main thread. */
export const target = 1.5;

const APPENDS = 4_000;
const RECORDS = 2_000;
const RECORD_BYTES = 75_000;
const BATCH = 20;

export const run = async ({ log }) => {
  const dir = await mkdtemp(join(tmpdir(), 'pstream-storage-'));
  const storage = threadStorage();
  try {
    const store = await sqliteEventStore({ storage, path: join(dir, 'events.sqlite') });
    const speeds = new Map();
    for (const writers of [1, 8, 64]) {
      const direct = await directly(join(dir, `direct-${writers}.sqlite`), writers);
      const threaded = await appends(store, writers);
      speeds.set(writers, { direct, threaded });
      log(
        `${writers} writers: ${threaded.perSecond.toFixed(0)} appends/s, main thread still for ${threaded.stallMs.toFixed(0)} ms at most; directly ${direct.perSecond.toFixed(0)}/s, ${direct.stallMs.toFixed(0)} ms`,
      );
    }
    await records(storage, dir, log);
    const { direct, threaded } = speeds.get(64);
    return { value: threaded.perSecond, unit: 'appends/s', baseline: direct.perSecond, ratio: threaded.perSecond / direct.perSecond };
  } finally {
    await storage.close();
    await rm(dir, { recursive: true, force: true });
  }
};

const event = (writer, version) => ({
  context: 'projects',
  stream: `bench:${writer}`,
  expectedVersion: version,
  events: [{ type: 'Happened', data: { text: 'x'.repeat(200), version } }],
  at: '2026-01-01T00:00:00.000Z',
  metadata: { commandId: `${process.pid}-${writer}-${version}-${performance.now()}`, by: 'bench' },
});

/** Appends of many writers, each waiting for its own before the next; their speed and the longest time without the event loop. */
const measured = async (writers, append) => {
  const each = APPENDS / writers;
  let stallMs = 0;
  let last = performance.now();
  let running = true;
  const watching = (async () => {
    while (running) {
      await new Promise((resolve) => setImmediate(resolve));
      const now = performance.now();
      stallMs = Math.max(stallMs, now - last);
      last = now;
    }
  })();
  const started = performance.now();
  await Promise.all(
    Array.from({ length: writers }, async (_, writer) => {
      for (let version = 0; version < each; version++) await append(`${writers}-${writer}`, version);
    }),
  );
  const seconds = (performance.now() - started) / 1000;
  running = false;
  await watching;
  return { perSecond: APPENDS / seconds, stallMs };
};

const appends = (store, writers) => measured(writers, (writer, version) => store.append(event(writer, version)));

const directly = async (path, writers) => {
  const database = new DatabaseSync(path);
  database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
  database.exec('CREATE TABLE commits (position INTEGER PRIMARY KEY, stream TEXT, version INTEGER, command_id TEXT UNIQUE, document TEXT)');
  database.exec('CREATE UNIQUE INDEX by_stream ON commits (stream, version)');
  const insert = database.prepare('INSERT INTO commits (stream, version, command_id, document) VALUES (?, ?, ?, ?)');
  const result = await measured(writers, async (writer, version) => {
    const commit = event(writer, version);
    insert.run(commit.stream, version, commit.metadata.commandId, JSON.stringify(commit));
    await new Promise((resolve) => setImmediate(resolve));
  });
  database.close();
  return result;
};

/** Records of the size of a mail: appended, delivered from the database, and the CPU that both take. */
const records = async (storage, dir, log) => {
  const transport = await embeddedTransport({ storage, path: join(dir, 'log.sqlite'), clock: systemClock, recentBytes: 0 });
  await transport.ensureTopics([{ name: 'items', partitions: 4, durability: 'durable' }]);
  const value = new Uint8Array(RECORD_BYTES).map((_, i) => (i * 31) & 0xff);
  const megabytes = (RECORDS * RECORD_BYTES) / 1e6;
  const timed = async (what, work) => {
    const [started, cpu] = [performance.now(), process.cpuUsage()];
    await work();
    const used = process.cpuUsage(cpu);
    const seconds = (performance.now() - started) / 1000;
    log(`${what}: ${(megabytes / seconds).toFixed(0)} MB/s, ${((used.user + used.system) / megabytes / 1e3).toFixed(1)} CPU-s/GB`);
  };
  await timed('75 KB records written, each batch durable', async () => {
    for (let n = 0; n < RECORDS; n += BATCH) {
      await transport.send(
        'items',
        Array.from({ length: BATCH }, (_, i) => ({ key: `k${n + i}`, headers: { 'ps-meta': 'x'.repeat(300) }, value })),
      );
    }
  });
  await timed('75 KB records read', async () => {
    const done = Promise.withResolvers();
    let seen = 0;
    await transport.subscribe({
      topics: ['items'],
      group: 'g',
      handler: {
        batch: async (_, batch) => {
          seen += batch.length;
          if (seen === RECORDS) done.resolve();
        },
      },
    });
    await done.promise;
  });
  await transport.close();
};
