import { jest } from '@jest/globals';
import { generatedTenant, startTenant, type FaultRule, type RunningTenant, type SimFolder } from '@pstream/tenant-sim';
import { tempDir } from '@pstream/testing';
import { digestsInMailbox, digestsInPsts } from './support/contents.js';
import { eventually } from './support/eventually.js';
import { fastClock } from './support/fast-clock.js';
import { accessOf, startFleet, type Exported, type Fleet } from './support/fleet.js';

jest.setTimeout(600_000);

const USER = 'user1@fabrikam.test';
const ITEMS = 150;
const PAGE = 5;

const running: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of running.splice(0)) await each.close();
});

/** An archive of three partitions in a running system. */
const archiveUnder = async (
  rules: (folders: readonly SimFolder[]) => readonly FaultRule[],
): Promise<{ readonly sim: RunningTenant; readonly fleet: Fleet; readonly exported: Exported }> => {
  const clock = fastClock(20);
  const tenant = generatedTenant({ seed: 29, mailboxes: 1, archives: 1, itemsPerMailbox: 10, itemsPerArchive: ITEMS, sizeProfile: 'tiny' });
  const sim = await startTenant({
    tenant,
    archives: { auxiliaries: 2 },
    clock,
    faults: { rules: rules(tenant.users[0]!.archive!.folders()) },
  });
  const fleet = await startFleet(tempDir(), [USER], {
    clock,
    env: { PSTREAM_EXTRACTOR_PAGE_ITEMS: String(PAGE), PSTREAM_EXTRACTOR_SLICE_ITEMS: '5' },
  });
  running.push(fleet, sim);
  const exported = await fleet.add(USER, accessOf(sim), { type: 'archive' });
  await fleet.post(`/projects/${exported.projectId}/passes`, { kind: 'full', mailboxes: 'all' });
  return { sim, fleet, exported };
};

/** Digests in the PSTs and in the archive. */
const contents = async (sim: RunningTenant, { parts }: Exported): Promise<{ readonly inPsts: string[]; readonly inArchive: string[] }> => {
  const made = await eventually(parts, (all) => all.length > 0 && all.every(({ state }) => state === 'verified'));
  const inPsts = await digestsInPsts(made.map(({ location }) => location!));
  return {
    inPsts: inPsts.toSorted(),
    inArchive: (await digestsInMailbox(sim.contents.archive(sim.contents.user(USER)!)!.state)).toSorted(),
  };
};

describe('an archive of three partitions', () => {
  it('whose folders move to other partitions while they are exported loses nothing and gives nothing twice', async () => {
    const rules: FaultRule[] = [
      // Some find their folder moved at their first page.
      { on: 'itemsDelta', effect: 'move-folder', to: 'auxiliary:2', nth: 3, every: 7, times: 3 },
      { on: 'itemsDelta', effect: 'move-folder', to: 'main', nth: 5, every: 11, times: 3 },
      { on: 'exportItems', effect: 'move-folder', to: 'auxiliary:1', nth: 4, every: 5, times: 3 },
    ];
    const { sim, exported } = await archiveUnder((folders) => [
      ...rules,
      // Every folder of several pages has moved when its second page is asked for.
      ...folders
        .filter(({ count }) => count > PAGE)
        .map(
          ({ id }, n): FaultRule => ({
            on: 'itemsDelta',
            folder: id,
            effect: 'move-folder',
            to: `auxiliary:${String(1 + (n % 2))}`,
            nth: 2,
            times: 1,
          }),
        ),
    ]);
    const view = await eventually(exported.mailbox, ({ pass }) => typeof pass?.endedAt === 'string', 300_000);
    expect({ status: view.status, totals: view.totals }).toEqual({
      status: 'Completed',
      totals: { discovered: ITEMS, exported: ITEMS, skipped: 0, failed: 0 },
    });
    const { inPsts, inArchive } = await contents(sim, exported);
    expect(inPsts).toEqual(inArchive);
    expect(sim.faultsFired().reduce((sum, times) => sum + times)).toBeGreaterThan(8);
    const partitions = new Set(
      sim.requests.flatMap(({ operation, status, mailbox }) => (operation === 'exportItems' && status === 200 ? [mailbox?.id] : [])),
    );
    expect(partitions.size).toBe(3);
  });

  it('with a redirect loop of items reports the loop by name and exports the rest', async () => {
    const { sim, exported } = await archiveUnder(() => [
      { on: 'exportItems', itemIndex: 20, effect: 'item-moved', to: 'auxiliary:1' },
      { on: 'exportItems', itemIndex: 90, effect: 'item-moved', to: 'self' },
    ]);
    const view = await eventually(exported.mailbox, ({ pass }) => typeof pass?.endedAt === 'string', 300_000);
    const { discovered, failed } = view.totals;
    expect({ discovered, sum: view.totals.exported + failed }).toEqual({ discovered: ITEMS, sum: ITEMS });
    const named = await exported.errors();
    expect(named.map(({ code }) => code)).toEqual(Array.from({ length: failed + view.mime }, () => 'graph.redirect-loop'));
    expect(named.length).toBeGreaterThan(0);
    const { inPsts, inArchive } = await contents(sim, exported);
    expect(inPsts.length).toBe(view.totals.exported);
    expect(new Set(inPsts).size).toBe(inPsts.length);
    expect(inPsts.filter((digest) => !inArchive.includes(digest)).length).toBe(view.mime);
  });

  it('with a folder whose redirects go in a loop exports the rest, and a retry goes on to the whole once the loop is mended', async () => {
    // Asked for once ahead, and then every five minutes until ten have passed.
    const { sim, fleet, exported } = await archiveUnder((folders) => [
      { on: 'itemsDelta', folder: folders[5]!.id, effect: 'redirect', to: 'self', times: 4 },
    ]);
    const first = await eventually(exported.mailbox, ({ pass }) => typeof pass?.endedAt === 'string', 300_000);
    expect(first).toMatchObject({ status: 'Completed with errors', foldersNotListed: 1, cause: null });
    await fleet.post(`/projects/${exported.projectId}/passes`, { kind: 'retry-errors', mailboxes: 'all' });
    const view = await eventually(exported.mailbox, ({ status }) => status === 'Completed', 300_000);
    expect(view.totals).toEqual({ discovered: ITEMS, exported: ITEMS, skipped: 0, failed: 0 });
    expect(view.foldersNotListed).toBe(0);
    const { inPsts, inArchive } = await contents(sim, exported);
    expect(inPsts).toEqual(inArchive);
  });
});
