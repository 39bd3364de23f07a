import { jest } from '@jest/globals';
import { generatedTenant, startTenant, type RunningTenant } from '@pstream/tenant-sim';
import { tempDir } from '@pstream/testing';
import { eventually } from './support/eventually.js';
import { fastClock } from './support/fast-clock.js';
import { accessOf, startFleet, type Exported, type Fleet } from './support/fleet.js';

jest.setTimeout(600_000);

const USER = 'user1@fabrikam.test';

/** Resolves when an event has led to the mailbox while a limit held it up. */
const listen = async (fleet: Fleet, projectId: string, mailbox: Exported['mailbox'], listening: AbortController): Promise<void> => {
  for await (const text of fleet.stream(`/events?project=${projectId}`, listening.signal)) {
    if (text.includes('"view":"mailboxes"') && (await mailbox()).held?.kind === 'limit') break;
  }
  listening.abort();
};

describe('a mailbox that is being moved and throttled', () => {
  let sim: RunningTenant;
  let fleet: Fleet;
  beforeAll(async () => {
    const clock = fastClock(10);
    sim = await startTenant({
      tenant: generatedTenant({ seed: 41, mailboxes: 1, itemsPerMailbox: 40, sizeProfile: 'tiny' }),
      clock,
      faults: {
        rules: [
          { on: 'exportItems', effect: 'throttle', code: 'MailboxConcurrency', retryAfterSeconds: 20, times: 2 },
          { on: 'exportItems', effect: 'unavailable', retryAfterSeconds: 90, forSeconds: 150, nth: 3 },
        ],
      },
    });
    fleet = await startFleet(tempDir(), [USER], { clock });
  });
  afterAll(async () => {
    await fleet.close();
    await sim.close();
  });

  it('shows what holds it up, since when and until when, and afterwards how long it waited for what', async () => {
    const { projectId, mailbox } = await fleet.add(USER, accessOf(sim));
    const listening = new AbortController();
    const seen = listen(fleet, projectId, mailbox, listening);
    await fleet.post(`/projects/${projectId}/passes`, { kind: 'full', mailboxes: 'all' });

    // While the wait lasts: in the mailbox, in the sums of its project, and whoever listens hears of it.
    const { held: limit, waits } = await eventually(mailbox, (view) => view.held !== null, 300_000);
    expect(limit).toMatchObject({ kind: 'limit', code: 'graph.throttled', limit: 'MailboxConcurrency' });
    expect(Date.parse(limit!.until!)).toBeGreaterThan(Date.parse(limit!.since));
    expect(waits['MailboxConcurrency']?.times).toBeGreaterThan(0);
    const sums = async (): Promise<Readonly<Record<string, number>>> =>
      (await fleet.get<{ sums: { held: Readonly<Record<string, number>> } }>(`/projects/${projectId}`)).body.sums.held;
    await eventually(sums, (found) => found['graph.throttled'] === 1, 300_000);

    const { held, progressAt } = await eventually(mailbox, (view) => view.held?.kind === 'fault', 300_000);
    expect(held).toMatchObject({
      kind: 'fault',
      code: 'graph.mailbox-moving',
      limit: null,
      advice: expect.stringContaining('moving this mailbox'),
    });
    expect(Date.parse(held!.until!)).toBeGreaterThan(Date.parse(held!.since));
    expect(progressAt).not.toBeNull();
    const done = await eventually(mailbox, ({ status }) => status === 'Completed', 300_000);
    expect(done).toMatchObject({ held: null, cause: null, totals: { discovered: 40, exported: 40 } });
    expect(Object.keys(done.waits).toSorted()).toEqual(['ErrorMailboxMoveInProgress', 'MailboxConcurrency']);
    expect(done.waits['ErrorMailboxMoveInProgress']!.ms).toBeGreaterThanOrEqual(90_000);
    expect(done.waits['MailboxConcurrency']!.ms).toBeGreaterThanOrEqual(20_000);
    await seen;
  });
});

describe('a mailbox whose tenant forgets every paging link', () => {
  it('is listed without them', async () => {
    const clock = fastClock(10);
    const sim = await startTenant({
      tenant: generatedTenant({ seed: 43, mailboxes: 1, itemsPerMailbox: 60, sizeProfile: 'tiny' }),
      clock,
      faults: { rules: [{ on: 'itemsDelta', effect: 'dead-token' }] },
    });
    const fleet = await startFleet(tempDir(), [USER], { clock, env: { PSTREAM_EXTRACTOR_PAGE_ITEMS: '3' } });
    try {
      const { projectId, mailbox } = await fleet.add(USER, accessOf(sim));
      await fleet.post(`/projects/${projectId}/passes`, { kind: 'full', mailboxes: 'all' });
      const { totals, foldersNotListed } = await eventually(mailbox, ({ status }) => status === 'Completed', 300_000);
      expect([totals, foldersNotListed]).toEqual([{ discovered: 60, exported: 60, skipped: 0, failed: 0 }, 0]);
    } finally {
      await fleet.close();
      await sim.close();
    }
  });
});
