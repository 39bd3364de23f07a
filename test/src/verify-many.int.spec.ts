import { jest } from '@jest/globals';
import type { MailboxView } from '@pstream/contracts';
import { systemClock } from '@pstream/kernel';
import { generatedTenant, startTenant, type RunningTenant } from '@pstream/tenant-sim';
import { tempDir } from '@pstream/testing';
import { eventually } from './support/eventually.js';
import { accessOf, startFleet, type Fleet } from './support/fleet.js';

jest.setTimeout(600_000);

const MAILBOXES = 1000;
const USERS = Array.from({ length: MAILBOXES }, (_, n) => `user${String(n + 1)}@fabrikam.test`);

describe(`Verify Credentials of ${MAILBOXES} mailboxes`, () => {
  let sim: RunningTenant;
  let fleet: Fleet;
  beforeAll(async () => {
    sim = await startTenant({ tenant: generatedTenant({ seed: 37, mailboxes: MAILBOXES, itemsPerMailbox: 20, sizeProfile: 'tiny' }) });
    fleet = await startFleet(tempDir(), USERS, { clock: systemClock });
  });
  afterAll(async () => {
    await fleet.close();
    await sim.close();
  });

  it('takes minutes and is never throttled', async () => {
    const { projectId } = await fleet.addAll(USERS, { ...accessOf(sim), outOfScope: 'user1@fabrikam.test' });
    const started = performance.now();
    await fleet.post(`/projects/${projectId}/passes`, { kind: 'verify', mailboxes: 'all' });
    type Page = { readonly items: readonly MailboxView[]; readonly total: number };
    const views = await eventually(
      async () => (await fleet.get<Page>(`/projects/${projectId}/mailboxes?limit=1000`)).body.items,
      (all) => all.length === MAILBOXES && all.every(({ pass }) => typeof pass?.endedAt === 'string'),
      540_000,
      1000,
    );
    const seconds = (performance.now() - started) / 1000;
    process.stdout.write(`${String(MAILBOXES)} mailboxes verified in ${seconds.toFixed(0)} s with ${String(sim.requests.length)} calls\n`);
    expect(new Set(views.map(({ checks }) => checks.map(({ step, verdict }) => `${String(step)} ${verdict}`).join(', ')))).toEqual(
      // Nothing is asked of an archive; one mailbox is named as out of scope and can be read all the same; the destination is written to.
      new Set(['1 pass, 2 pass, 3 pass, 4 pass, 5 pass, 6 pass, 7 pass, 9 warn, 10 pass']),
    );
    expect(sim.requests.filter(({ status }) => status >= 400)).toEqual([]);
    expect(Math.max(...sim.requests.map(({ concurrent }) => concurrent))).toBeLessThanOrEqual(4);
  });
});
