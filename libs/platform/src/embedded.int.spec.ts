import { cpSync, mkdirSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventTopic, streamName, WORK_TOPIC } from '@pstream/contracts';
import { systemClock, systemIds, systemRandom } from '@pstream/kernel';
import { tempDir, waitFor } from '@pstream/testing';
import type { LogRecord } from '@pstream/transport';
import { ProcessHealth, type Log } from '@pstream/wiring';
import { openEmbedded, type EmbeddedPlatform } from './embedded.js';
import { connect } from './platform.js';

const opened: EmbeddedPlatform[] = [];
const failures: unknown[] = [];
const open = async (dir: string, log: Log = { write: () => undefined }): Promise<EmbeddedPlatform> => {
  const platform = await openEmbedded({
    dir,
    clock: systemClock,
    ids: systemIds,
    random: systemRandom,
    log,
    failed: (error) => failures.push(error),
  });
  opened.push(platform);
  return platform;
};
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
  expect(failures).toEqual([]);
});

const STREAM = streamName('project:1');
const append = async ({ store }: EmbeddedPlatform): Promise<void> => {
  const expectedVersion = (await store.read(STREAM)).length;
  await store.append({
    context: 'projects',
    stream: STREAM,
    expectedVersion,
    events: [{ type: 'Happened', data: { number: expectedVersion + 1 } }],
    at: systemClock.now(),
    metadata: { commandId: systemIds.ulid(), by: 'user-1' },
  });
};

/** A data directory with one event, closed. */
const used = async (): Promise<string> => {
  const dir = join(tempDir(), 'data');
  const platform = await open(dir);
  await append(platform);
  await opened.pop()!.close();
  return dir;
};

describe('a data directory', () => {
  it('is readable by its owner alone, whoever made what lies in it', async () => {
    const dir = tempDir();
    mkdirSync(join(dir, 'work'), { mode: 0o755 });
    writeFileSync(join(dir, 'events.sqlite'), '', { mode: 0o644 });
    rmSync(join(dir, 'work'), { recursive: true });
    await append(await open(dir));
    expect(statSync(dir).mode & 0o777).toBe(0o700);
    for (const name of readdirSync(dir).filter((one) => one.includes('.sqlite')))
      expect([name, statSync(join(dir, name)).mode & 0o777]).toEqual([name, 0o600]);
    expect(readdirSync(dir)).toEqual(expect.arrayContaining(['events.sqlite', 'events.sqlite-wal', 'log.sqlite', 'views.sqlite']));
  });

  it('is open once', async () => {
    const dir = await used();
    await open(dir);
    await expect(open(dir)).rejects.toMatchObject({ code: 'storage.in-use', facts: { file: 'events.sqlite' } });
  });

  it.each([
    ['missing', (path: string) => rmSync(path)],
    ['emptied', (path: string) => truncateSync(path)],
  ])('is refused when its events are %s, untouched', async (_, harm) => {
    const dir = await used();
    harm(join(dir, 'events.sqlite'));
    const before = readdirSync(dir);
    await expect(open(dir)).rejects.toMatchObject({
      code: 'storage.events-missing',
      retry: 'never',
      facts: { file: 'events.sqlite', beside: expect.arrayContaining(['log', 'views', 'secrets']) },
      advice: expect.stringContaining('backup'),
    });
    expect(readdirSync(dir)).toEqual(before);
  });

  it('is refused when log or views belong to other events', async () => {
    const [dir, other] = [await used(), await used()];
    for (const name of ['log.sqlite', 'views.sqlite']) {
      const copy = join(tempDir(), 'data');
      cpSync(dir, copy, { recursive: true });
      cpSync(join(other, name), join(copy, name));
      await expect(open(copy)).rejects.toMatchObject({ code: 'storage.not-of-this-set', facts: { file: name } });
    }
  });

  it('of a development build is refused', async () => {
    const dir = tempDir();
    mkdirSync(join(dir, 'log'));
    writeFileSync(join(dir, 'log', 'catalog.db'), 'SQLite format 3');
    await expect(open(dir)).rejects.toMatchObject({ code: 'storage.other-format', facts: { file: 'log/catalog.db' } });
  });

  it('that lost its log publishes its events again and says so', async () => {
    const dir = await used();
    rmSync(join(dir, 'log.sqlite'));
    const logged: string[] = [];
    const log: Log = { write: (_level, event) => void logged.push(event) };
    const platform = await open(dir, log);
    const { transport } = platform;
    const failed = (error: unknown): void => void failures.push(error);
    const system = { clock: systemClock, ids: systemIds, random: systemRandom, log };
    const connected = connect(platform, system, { health: new ProcessHealth(), failed });
    const seen: LogRecord[] = [];
    await transport.subscribe({
      topics: [eventTopic('projects'), WORK_TOPIC],
      group: 'g',
      handler: { batch: (_, records) => Promise.resolve(void seen.push(...records)), failed },
    });
    await waitFor(() => seen.length > 0);
    expect(seen.map(({ key }) => key)).toEqual([STREAM]);
    expect(logged).toEqual(['log.replaced']);
    await connected.close();
  });

  it('is copied while it is in use, and the copy starts with everything that was confirmed before', async () => {
    const dir = await used();
    const platform = await open(dir);
    await append(platform);
    const ref = await platform.secrets.put('endpoint', 'canary');
    await platform.work.putIfAbsent('manifests/p/1.json', Buffer.from('{}'));
    const to = join(tempDir(), 'copy');
    await platform.backupTo(to);
    await append(platform);
    await expect(platform.backupTo(to)).rejects.toMatchObject({ code: 'backup.not-empty' });
    for (const name of readdirSync(to)) expect([name, statSync(join(to, name)).mode & 0o077]).toEqual([name, 0]);

    const copy = await open(to);
    expect((await copy.store.read(STREAM)).length).toBe(2);
    expect(Buffer.from(await copy.work.get('manifests/p/1.json')).toString()).toBe('{}');
    expect(await copy.secrets.use(ref)).toBeDefined();
  });
});
