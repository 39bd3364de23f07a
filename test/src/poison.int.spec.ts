import { join } from 'node:path';
import { jest } from '@jest/globals';
import type { DeadLetter } from '@pstream/api';
import { ITEMS_TOPIC, WORK_TOPIC } from '@pstream/contracts';
import { systemClock, systemIds, systemRandom } from '@pstream/kernel';
import { openEmbedded } from '@pstream/platform';
import { generatedTenant, startTenant } from '@pstream/tenant-sim';
import { tempDir } from '@pstream/testing';
import { eventually } from './support/eventually.js';
import { accessOf, startFleet } from './support/fleet.js';
import { poison, POISON_RECORDS, POISONED } from './support/poison.js';

jest.setTimeout(300_000);

const USER = 'user1@fabrikam.test';
const ITEMS = 30;
type Letters = { readonly items: readonly DeadLetter[]; readonly total: number };
type Counts = Readonly<Record<string, number>>;

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
    await poison(platform.transport);
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
      const { body } = await fleet.get<{ status: string; deadLetters: Counts }>('/health');
      expect(body.status).toBe('ok');
      for (const topic of POISONED) expect([topic, (body.deadLetters[topic] ?? 0) >= POISON_RECORDS]).toEqual([topic, true]);

      // What this process wrote and what lies on the topics are the same.
      const letters = async (topic: string): Promise<number> =>
        (await fleet.get<Letters>(`/admin/dead-letters?topic=${topic}&limit=1`)).body.total;
      for (const topic of POISONED) expect([topic, await letters(topic)]).toEqual([topic, body.deadLetters[topic]]);
      const { items } = (await fleet.get<Letters>(`/admin/dead-letters?topic=${WORK_TOPIC}&limit=2`)).body;
      const [first, second] = items.map(({ id }) => `/admin/dead-letters/${id}`);
      // It is still poison, so it comes back as another letter.
      expect((await fleet.post<DeadLetter>(`${first}/replay`, {})).body).toMatchObject({ state: 'replayed' });
      await eventually(
        () => letters(WORK_TOPIC),
        (open) => open === POISON_RECORDS,
      );
      expect((await fleet.post<DeadLetter>(`${second}/drop`, {})).body).toMatchObject({ state: 'dropped' });
      expect(await letters(WORK_TOPIC)).toBe(POISON_RECORDS - 1);

      const { openDeadLetters } = (await fleet.get<{ openDeadLetters: Counts }>('/health')).body;
      expect([openDeadLetters[WORK_TOPIC], openDeadLetters[ITEMS_TOPIC]]).toEqual([POISON_RECORDS - 1, POISON_RECORDS]);
    } finally {
      await fleet.close();
      await tenant.close();
    }
  });
});
