import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { jest } from '@jest/globals';
import { ITEMS_TOPIC, type ItemErrorView, type MailboxView } from '@pstream/contracts';
import { systemClock, systemIds, systemRandom } from '@pstream/kernel';
import { readConfig, type Log } from '@pstream/wiring';
import { standaloneKeys, startSystem, type System } from '@pstream/standalone';
import { generatedTenant, startTenant, type RunningTenant } from '@pstream/tenant-sim';
import { tempDir } from '@pstream/testing';
import { apiOf, type Api } from './support/api.js';
import { eventually } from './support/eventually.js';
import { accessOf, startFleet, type Exported, type Fleet } from './support/fleet.js';

jest.setTimeout(300_000);

const ITEMS = 60;
const USERS = ['user1@fabrikam.test', 'user2@fabrikam.test'];
// No item is in a checkpoint before its mailbox has ended, so all that was extracted lies on the log.
const env = {
  PSTREAM_EXTRACTOR_SLICE_ITEMS: '10',
  PSTREAM_EXTRACTOR_PAGE_ITEMS: '20',
  PSTREAM_BUILDER_CHECKPOINT_MS: '600000',
};

type Interrupted = { readonly dir: string; readonly exported: readonly Exported[]; readonly tenant: RunningTenant };

const closing: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const close of closing.reverse()) await close();
});

const isLog = (path: string): boolean => basename(path).startsWith('log.sqlite');

/** Two mailboxes in the middle of their export, as a power cut would have left the data directory. The log is one file. */
const interrupted = async (): Promise<Interrupted> => {
  const dir = tempDir();
  const tenant = await startTenant({
    tenant: generatedTenant({ seed: 5, mailboxes: USERS.length, itemsPerMailbox: ITEMS, sizeProfile: 'small' }),
    faults: { rules: [{ on: 'exportItems', effect: 'delay', milliseconds: 150 }] },
  });
  closing.push(() => tenant.close());
  const fleet: Fleet = await startFleet(dir, USERS, { clock: systemClock, env });
  const exported: Exported[] = [];
  for (const user of USERS) exported.push(await fleet.add(user, accessOf(tenant), { folder: join(dir, 'out') }));
  for (const { projectId } of exported) await fleet.post(`/projects/${projectId}/passes`, { kind: 'full', mailboxes: 'all' });
  for (const { mailbox } of exported) await eventually(mailbox, (view) => view.extracted.items >= 20);
  const image = join(dir, 'image');
  // Items are on the log before the events that say so: the log is copied last.
  cpSync(join(dir, 'data'), image, { recursive: true, filter: (path) => !isLog(path) });
  for (const name of ['log.sqlite', 'log.sqlite-wal']) cpSync(join(dir, 'data', name), join(image, name));
  await fleet.close();
  for (const left of ['data', 'out']) rmSync(join(dir, left), { recursive: true, force: true });
  mkdirSync(join(dir, 'out'));
  cpSync(image, join(dir, 'data'), { recursive: true });
  // Another token is made where there is none.
  rmSync(join(dir, 'data', 'tokens'), { recursive: true });
  const log = new DatabaseSync(join(dir, 'data', 'log.sqlite'));
  log.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  log.close();
  return { dir, exported, tenant };
};

type Logged = { readonly event: string; readonly facts: Readonly<Record<string, unknown>> };

const restart = async (dir: string): Promise<Api & { readonly system: System; readonly logged: Logged[] }> => {
  const logged: Logged[] = [];
  const log: Log = { write: (_level, event, facts = {}) => void logged.push({ event, facts }) };
  const config = readConfig(standaloneKeys, env, { dataDir: join(dir, 'data'), port: 0, cards: 'trial' });
  const system = await startSystem(config, { clock: systemClock, ids: systemIds, random: systemRandom, log }, 'inline');
  closing.push(() => system.close());
  return { ...apiOf(system), system, logged };
};

const mailboxOf = async ({ get }: Pick<Api, 'get'>, { projectId }: Exported): Promise<MailboxView> =>
  (await get<{ items: MailboxView[] }>(`/projects/${projectId}/mailboxes`)).body.items[0]!;

const atRest = (view: MailboxView): boolean => view.pass !== null && view.pass?.endedAt !== null && view.pass?.endedAt !== undefined;

/** Flips a bit in the value of an item of a mailbox that waits on the log. */
const flipBitOf = (dir: string, job: string): void => {
  const log = new DatabaseSync(join(dir, 'data', 'log.sqlite'));
  for (const { id } of log.prepare('SELECT id FROM partitions WHERE topic = ?').all(ITEMS_TOPIC)) {
    const table = `records_${Number(id)}`;
    const row = log.prepare(`SELECT record, value FROM ${table} WHERE key = ? AND length(value) > 100 LIMIT 1`).get(job);
    if (row === undefined) continue;
    const value = Buffer.from(row['value'] as Uint8Array);
    value[100] = value[100]! ^ 1;
    log.prepare(`UPDATE ${table} SET value = ? WHERE record = ?`).run(value, Number(row['record']));
    log.close();
    return;
  }
  throw new RangeError(`no item of ${job} waits on the log`);
};

describe('an export that was interrupted', () => {
  it('lists the one item that a flipped bit in the log took, and completes the other mailbox whole', async () => {
    const { dir, exported } = await interrupted();
    const jobs = new DatabaseSync(join(dir, 'data', 'events.sqlite'));
    const [job] = jobs.prepare(`SELECT DISTINCT substr(stream, 13) AS id FROM commits WHERE stream LIKE 'mailbox-job:%'`).all();
    jobs.close();
    flipBitOf(dir, String(job?.['id']));
    const api = await restart(dir);
    const views = await Promise.all(exported.map((one) => eventually(() => mailboxOf(api, one), atRest, 120_000)));
    const struck = views.findIndex(({ mailboxJobId }) => mailboxJobId === job?.['id']);
    expect(views[struck]).toMatchObject({ totals: { discovered: ITEMS, exported: ITEMS - 1, skipped: 0, failed: 1 } });
    expect(views[1 - struck]).toMatchObject({ status: 'Completed', totals: { discovered: ITEMS, exported: ITEMS, skipped: 0, failed: 0 } });
    const { projectId } = exported[struck]!;
    const errors = await api.all<ItemErrorView>(`/projects/${projectId}/errors`);
    expect(errors.map(({ code }) => code)).toEqual(['item.lost-on-the-way']);
    expect(api.logged.filter(({ event }) => event === 'log.record-damaged')).toMatchObject([
      { facts: { code: 'transport.damaged', topic: ITEMS_TOPIC, key: job?.['id'] } },
    ]);

    await api.post(`/projects/${projectId}/passes`, { kind: 'retry-errors', mailboxes: 'all' });
    const retried = await eventually(
      () => mailboxOf(api, exported[struck]!),
      (view) => view.pass?.kind === 'retry-errors' && atRest(view),
      120_000,
    );
    expect(retried.totals).toEqual({ discovered: ITEMS, exported: ITEMS, skipped: 0, failed: 0 });
  });

  it('goes on without its log: what was on it is listed and exported by Retry Errors', async () => {
    const { dir, exported } = await interrupted();
    for (const name of ['log.sqlite', 'log.sqlite-wal']) rmSync(join(dir, 'data', name), { force: true });
    const api = await restart(dir);
    expect(api.logged.map(({ event }) => event)).toContain('log.replaced');
    for (const one of exported) {
      const view = await eventually(() => mailboxOf(api, one), atRest, 120_000);
      expect(view.totals.discovered).toBe(ITEMS);
      expect(view.totals.failed).toBeGreaterThan(0);
      expect(view.totals.exported + view.totals.failed).toBe(ITEMS);
      await api.post(`/projects/${one.projectId}/passes`, { kind: 'retry-errors', mailboxes: 'all' });
      const retried = await eventually(
        () => mailboxOf(api, one),
        (now) => now.pass?.kind === 'retry-errors' && atRest(now),
        120_000,
      );
      expect(retried.totals).toEqual({ discovered: ITEMS, exported: ITEMS, skipped: 0, failed: 0 });
    }
  });

  it('refuses to start without its events, and says how to restore them', async () => {
    const { dir } = await interrupted();
    rmSync(join(dir, 'data', 'events.sqlite'));
    await expect(restart(dir)).rejects.toMatchObject({
      code: 'storage.events-missing',
      advice: expect.stringMatching(/backup/),
      facts: { file: 'events.sqlite', beside: expect.arrayContaining(['log', 'views', 'secrets']) },
    });
  });
});
