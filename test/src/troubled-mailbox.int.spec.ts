import { jest } from '@jest/globals';
import { generatedTenant, startTenant, type FaultRule, type RunningTenant } from '@pstream/tenant-sim';
import { tempDir } from '@pstream/testing';
import { digestsInMailbox, digestsInPsts } from './support/contents.js';
import { eventually } from './support/eventually.js';
import { fastClock } from './support/fast-clock.js';
import { accessOf, startFleet, type Fleet } from './support/fleet.js';

jest.setTimeout(600_000);

const USER = 'user1@fabrikam.test';
const ITEMS = 10_000;
/** 0.1 % of the items, spread over the mailbox. */
const LOST = Array.from({ length: ITEMS / 1000 }, (_, n) => 37 + n * 1000);

/** 1 % of them. */
const ONCE = Array.from({ length: ITEMS / 100 }, (_, n) => 50 + n * 100);

/** 5 % of the export calls are throttled, 1 % of the items fail once, 0.1 % fail whenever and however they are asked for. */
const RULES: readonly FaultRule[] = [
  { on: 'exportItems', effect: 'throttle', retryAfterSeconds: 2, every: 20 },
  ...LOST.map((itemIndex): FaultRule => ({ on: 'exportItems', itemIndex, effect: 'item-error', code: 'ErrorCorruptData' })),
  ...ONCE.map(
    (itemIndex): FaultRule => ({ on: 'exportItems', itemIndex, effect: 'item-error', code: 'ErrorInternalServerError', times: 1 }),
  ),
  ...(['message', 'messageValue'] as const).map((on): FaultRule => ({ on, effect: 'error', status: 500, code: 'ErrorCorruptData' })),
];

describe('a mailbox of 10,000 items, 5 % throttled, 1 % failing once, 0.1 % failing for ever', () => {
  let sim: RunningTenant;
  let fleet: Fleet;
  beforeAll(async () => {
    const clock = fastClock(20);
    sim = await startTenant({
      tenant: generatedTenant({ seed: 23, mailboxes: 1, itemsPerMailbox: ITEMS, sizeProfile: 'tiny' }),
      clock,
      faults: { rules: RULES },
    });
    fleet = await startFleet(tempDir(), [USER], { clock });
  });
  afterAll(async () => {
    await fleet.close();
    await sim.close();
  });

  it('is exported but for what cannot be had, and that is named', async () => {
    const { projectId, mailbox, parts, errors } = await fleet.add(USER, accessOf(sim));
    await fleet.post(`/projects/${projectId}/passes`, { kind: 'full', mailboxes: 'all' });
    const view = await eventually(mailbox, ({ pass }) => typeof pass?.endedAt === 'string', 500_000, 250);
    const { discovered, exported, skipped, failed } = view.totals;
    expect({ discovered, sum: exported + failed, skipped }).toEqual({ discovered: ITEMS, sum: ITEMS, skipped: 0 });
    const named = await errors();
    const lost = named.filter(({ outcome }) => outcome === 'failed');
    expect({ status: view.status, failed, lost: lost.length, named: named.length }).toEqual({
      status: 'Completed with errors',
      failed: LOST.length - view.mime,
      lost: LOST.length - view.mime,
      named: LOST.length,
    });
    expect(failed).toBeGreaterThan(0);
    for (const { code, itemKey, itemType, advice } of lost)
      expect({ code, key: itemKey.length > 0, type: itemType.length > 0, advice: advice !== null }).toEqual({
        code: 'graph.item-corrupt',
        key: true,
        type: true,
        advice: true,
      });
    expect(sim.requests.filter(({ operation, status }) => operation === 'exportItems' && status === 429).length).toBeGreaterThan(20);

    const made = await eventually(parts, (all) => all.length > 0 && all.every(({ state }) => state === 'verified'));
    const inPsts = await digestsInPsts(made.map(({ location }) => location!));
    const originals = new Set(await digestsInMailbox(sim.contents.primary(sim.contents.user(USER)!)!.state));
    expect({
      all: inPsts.length,
      different: new Set(inPsts).size,
      ofTheSource: inPsts.filter((digest) => originals.has(digest)).length,
    }).toEqual({
      all: exported,
      different: exported,
      ofTheSource: exported - view.mime,
    });
  });
});
