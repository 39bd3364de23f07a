import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { MailboxView } from '@pstream/contracts';
import { systemClock } from '@pstream/kernel';
import { generatedTenant, startTenant, type RunningTenant } from '@pstream/tenant-sim';
import { tempDir } from '@pstream/testing';
import { eventually } from './support/eventually.js';
import { accessOf, startFleet, type Fleet } from './support/fleet.js';

const MAILBOXES = 4;
const users = (from: number): string[] => Array.from({ length: MAILBOXES }, (_, n) => `user${from + n}@fabrikam.test`);
/** More than one mailbox has, and less than the failing ones have together. */
const env = { PSTREAM_EXTRACTOR_BACKLOG_ITEMS: '30', PSTREAM_MAILBOXES_PER_PROJECT: '2' };

describe('mailboxes whose destination is lost', () => {
  let tenant: RunningTenant;
  let fleet: Fleet;
  const dir = tempDir();
  beforeAll(async () => {
    tenant = await startTenant({
      tenant: generatedTenant({ seed: 51, mailboxes: 2 * MAILBOXES, itemsPerMailbox: 20, sizeProfile: 'tiny' }),
    });
    fleet = await startFleet(dir, [...users(1), ...users(1 + MAILBOXES)], { clock: systemClock, env });
  });
  afterAll(async () => {
    await fleet.close();
    await tenant.close();
  });
  const mailboxes = async (projectId: string): Promise<readonly MailboxView[]> =>
    (await fleet.get<{ items: MailboxView[] }>(`/projects/${projectId}/mailboxes`)).body.items;
  const all = (projectId: string, status: MailboxView['status']): Promise<readonly MailboxView[]> =>
    eventually(
      () => mailboxes(projectId),
      (views) => views.length === MAILBOXES && views.every((view) => view.status === status),
    );
  const full = { kind: 'full', mailboxes: 'all' };

  it('fail with the cause, leave those of others alone, and go on when they are resumed', async () => {
    const lost = join(dir, 'lost');
    writeFileSync(lost, 'a file where the folder should be');
    const failing = await fleet.addAll(users(1), accessOf(tenant), { folder: lost });
    const others = await fleet.addAll(users(1 + MAILBOXES), accessOf(tenant));
    await fleet.post(`/projects/${failing.projectId}/passes`, full);
    for (const { cause } of await all(failing.projectId, 'Failed')) expect(cause?.code).toMatch(/^destination\./);

    await fleet.post(`/projects/${others.projectId}/passes`, full);
    for (const { totals } of await all(others.projectId, 'Completed'))
      expect(totals).toEqual({ discovered: 20, exported: 20, skipped: 0, failed: 0 });

    rmSync(lost);
    await fleet.post(`/projects/${failing.projectId}/resume`, { mailboxes: 'all' });
    for (const { totals } of await all(failing.projectId, 'Completed'))
      expect(totals).toEqual({ discovered: 20, exported: 20, skipped: 0, failed: 0 });
  }, 180_000);
});
