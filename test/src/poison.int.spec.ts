import { join } from 'node:path';
import { jest } from '@jest/globals';
import { CONTEXTS, eventTopic, ITEMS_TOPIC, WORK_TOPIC } from '@pstream/contracts';
import { systemClock, systemIds, systemRandom } from '@pstream/kernel';
import { openEmbedded } from '@pstream/platform';
import { generatedTenant, startTenant } from '@pstream/tenant-sim';
import { tempDir } from '@pstream/testing';
import { eventually } from './support/eventually.js';
import { accessOf, startFleet } from './support/fleet.js';

jest.setTimeout(300_000);

const USER = 'user1@fabrikam.test';
const ITEMS = 30;

/** What may stand on a topic: junk, JSON of nobody, an unknown kind of ours, an event of a later release. */
const POISON = [
  { headers: {}, value: 'junk' },
  { headers: { 'content-type': 'application/json' }, value: '{"type":"PassStarted","data":{}}' },
  { headers: { 'ps-meta': '{"kind":"hologram","passId":"01J8ZQ4N5W9K7C1B2D3E4F5G6H"}' }, value: '{"kind":"hologram"}' },
  { headers: { ce_specversion: '1.0', ce_type: 'pstream.projects.PassStarted.v2', ce_sequence: '1' }, value: '{}' },
] as const;

describe('poison on every topic', () => {
  it('is kept among the dead letters and counted, and a mailbox is exported all the same', async () => {
    const dir = tempDir();
    const platform = await openEmbedded({
      dir: join(dir, 'data'),
      clock: systemClock,
      ids: systemIds,
      random: systemRandom,
      log: { write: () => undefined },
      failed: (error) => {
        throw error;
      },
    });
    const topics = [...CONTEXTS.map(eventTopic), WORK_TOPIC, ITEMS_TOPIC];
    for (const topic of topics) {
      // Many keys, so that each partition has its share.
      const records = Array.from({ length: 16 }, (_, key) =>
        POISON.map(({ headers, value }) => ({ key: `key-${key}`, headers, value: new TextEncoder().encode(value) })),
      ).flat();
      await platform.transport.send(topic, records);
    }
    await platform.close();

    const tenant = await startTenant({ tenant: generatedTenant({ seed: 5, mailboxes: 1, itemsPerMailbox: ITEMS, sizeProfile: 'small' }) });
    const fleet = await startFleet(dir, [USER], { clock: systemClock });
    try {
      const { projectId, mailbox } = await fleet.add(USER, accessOf(tenant));
      for (const kind of ['verify', 'full'] as const) {
        await fleet.post(`/projects/${projectId}/passes`, { kind, mailboxes: 'all' });
        await eventually(mailbox, (view) => view.pass?.kind === kind && view.pass.endedAt !== null);
      }
      expect(await mailbox()).toMatchObject({ status: 'Completed', totals: { discovered: ITEMS, exported: ITEMS, skipped: 0, failed: 0 } });
      const { body } = await fleet.get<{ status: string; deadLetters: Record<string, number> }>('/health');
      expect(body.status).toBe('ok');
      for (const topic of topics) expect([topic, (body.deadLetters[topic] ?? 0) >= 16 * POISON.length]).toEqual([topic, true]);
    } finally {
      await fleet.close();
      await tenant.close();
    }
  });
});
