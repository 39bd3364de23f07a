import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { jest } from '@jest/globals';
import { WORK_GROUP, WORK_TOPIC, type MailboxView } from '@pstream/contracts';
import { systemIds, systemRandom } from '@pstream/kernel';
import { readConfig, type Log } from '@pstream/wiring';
import { standaloneKeys, startSystem } from '@pstream/standalone';
import { generatedTenant, startTenant } from '@pstream/tenant-sim';
import { tempDir } from '@pstream/testing';
import { apiOf } from './support/api.js';
import { eventually } from './support/eventually.js';
import { accessOf, startFleet } from './support/fleet.js';
import { leapClock } from './support/leap-clock.js';

jest.setTimeout(180_000);

const ITEMS = 60;
const USER = 'user1@fabrikam.test';
const QUARTER_MS = 16 * 60_000;
const env = { PSTREAM_EXTRACTOR_SLICE_ITEMS: '10', PSTREAM_EXTRACTOR_PAGE_ITEMS: '20' };

/** Takes every unit of work off the log of a system that is at rest, as if nobody had ever sent it. */
const loseUnits = (dir: string): void => {
  const log = new DatabaseSync(join(dir, 'data', 'log.sqlite'));
  log
    .prepare(
      'INSERT OR REPLACE INTO positions (consumers, topic, partition, next) SELECT ?, topic, partition, next FROM partitions WHERE topic = ?',
    )
    .run(WORK_GROUP, WORK_TOPIC);
  log.close();
};

describe('a pass whose units of work were lost', () => {
  it('is found after a quarter of an hour and completed, with a line in the log', async () => {
    const dir = tempDir();
    const clock = leapClock();
    const tenant = await startTenant({
      tenant: generatedTenant({ seed: 5, mailboxes: 1, itemsPerMailbox: ITEMS, sizeProfile: 'tiny' }),
      faults: { rules: [{ on: 'exportItems', effect: 'delay', milliseconds: 300 }] },
    });
    const fleet = await startFleet(dir, [USER], { clock, env });
    const { projectId, mailbox } = await fleet.add(USER, accessOf(tenant), { folder: join(dir, 'out') });
    await fleet.post(`/projects/${projectId}/passes`, { kind: 'full', mailboxes: 'all' });
    await eventually(mailbox, (view) => view.extracted.items >= 20);
    await fleet.close();
    loseUnits(dir);
    // Another token is made where there is none.
    rmSync(join(dir, 'data', 'tokens'), { recursive: true });

    const lines: string[] = [];
    const log: Log = { write: (_level, event) => void lines.push(event) };
    const config = readConfig(standaloneKeys, env, { dataDir: join(dir, 'data'), port: 0, cards: 'trial' });
    const system = await startSystem(config, { clock, ids: systemIds, random: systemRandom, log }, 'inline');
    const api = apiOf(system);
    const look = async (): Promise<MailboxView> =>
      (await api.get<{ items: MailboxView[] }>(`/projects/${projectId}/mailboxes`)).body.items[0]!;
    try {
      expect(await look()).toMatchObject({ status: 'Migrating' });
      clock.leap(QUARTER_MS);
      const done = await eventually(look, ({ pass }) => typeof pass?.endedAt === 'string');
      expect(done).toMatchObject({ status: 'Completed', totals: { discovered: ITEMS, exported: ITEMS, skipped: 0, failed: 0 } });
      expect(lines.filter((event) => event === 'pass.revived')).toHaveLength(1);
    } finally {
      await system.close();
      await tenant.close();
    }
  });
});
