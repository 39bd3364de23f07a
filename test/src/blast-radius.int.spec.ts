import { jest } from '@jest/globals';
import { generatedTenant, startTenant, type FaultRule, type RunningTenant } from '@pstream/tenant-sim';
import { tempDir } from '@pstream/testing';
import { digestsInMailbox, digestsInPsts } from './support/contents.js';
import { eventually } from './support/eventually.js';
import { fastClock } from './support/fast-clock.js';
import { accessOf, startFleet, type Exported, type Fleet } from './support/fleet.js';

jest.setTimeout(600_000);

const ITEMS = 40;
const tenant = generatedTenant({ seed: 61, mailboxes: 5, itemsPerMailbox: ITEMS, sizeProfile: 'tiny' });

/** Mailboxes in which one folder goes wrong, by what does: the one with most items, or the one with subfolders. */
const [REFUSED, FULL, UNREACHABLE, FAILING, ENDLESS] = tenant.users.map(({ userPrincipalName }) => userPrincipalName);
const folderOf = (user: string | undefined): { readonly id: string; readonly count: number } => {
  const folders = tenant.users.find(({ userPrincipalName }) => userPrincipalName === user)?.primary?.folders() ?? [];
  return folders
    .filter(({ searchOf, recoverable }) => searchOf === undefined && recoverable !== true)
    .toSorted((a, b) => b.count - a.count)[0]!;
};

const onFolder = (user: string | undefined, rule: Pick<FaultRule, 'on'> & { readonly [key: string]: unknown }): FaultRule =>
  ({ mailbox: user, folder: folderOf(user).id, ...rule }) as FaultRule;

const RULES: readonly FaultRule[] = [
  // Twice in the first pass; a retry finds it mended.
  onFolder(REFUSED, { on: 'itemsDelta', effect: 'error', status: 403, code: 'ErrorAccessDenied', times: 2 }),
  ...(['itemsDelta', 'foldersDelta'] as const).map(
    (on): FaultRule => ({ on, mailbox: FULL!, effect: 'error', status: 403, code: 'ErrorQuotaExceeded' }),
  ),
  onFolder(UNREACHABLE, { on: 'itemsDelta', effect: 'error', status: 404, code: 'ErrorItemNotFound' }),
  ...(['itemsDelta', 'items'] as const).map((on) =>
    onFolder(FAILING, { on, effect: 'error', status: 500, code: 'ErrorInternalServerError' }),
  ),
  onFolder(ENDLESS, { on: 'itemsDelta', effect: 'empty-page' }),
];

describe('a mailbox with one folder that cannot be listed as usual', () => {
  let sim: RunningTenant;
  let fleet: Fleet;
  const exports = new Map<string | undefined, Exported>();

  /** How a mailbox has ended, and how many of its items are in PSTs as they are in the source. */
  const endOf = async (user: string | undefined) => {
    const { mailbox, parts, folders } = exports.get(user)!;
    const view = await eventually(mailbox, ({ pass }) => typeof pass?.endedAt === 'string', 400_000, 250);
    const made = await eventually(parts, (all) => all.every(({ state }) => state === 'verified'), 60_000, 250);
    const inPsts = await digestsInPsts(made.map(({ location }) => location!));
    const originals = new Set(await digestsInMailbox(sim.contents.primary(sim.contents.user(user!)!)!.state));
    return {
      status: view.status,
      totals: view.totals,
      foldersNotListed: view.foldersNotListed,
      intact: new Set(inPsts.filter((digest) => originals.has(digest))).size,
      missing: (await folders()).filter(({ listed }) => !listed).map(({ cause, attempts }) => ({ code: cause?.code, attempts })),
    };
  };
  const whole = {
    status: 'Completed',
    totals: { discovered: ITEMS, exported: ITEMS, skipped: 0, failed: 0 },
    foldersNotListed: 0,
    intact: ITEMS,
    missing: [],
  };
  const without = (user: string | undefined, code: string, attempts: unknown) => {
    const rest = ITEMS - folderOf(user).count;
    return {
      status: 'Completed with errors',
      totals: { discovered: rest, exported: rest, skipped: 0, failed: 0 },
      foldersNotListed: 1,
      intact: rest,
      missing: [{ code, attempts }],
    };
  };

  beforeAll(async () => {
    const clock = fastClock(20);
    sim = await startTenant({ tenant, clock, faults: { rules: RULES } });
    fleet = await startFleet(tempDir(), [REFUSED!, FULL!, UNREACHABLE!, FAILING!, ENDLESS!], { clock });
    for (const { userPrincipalName } of tenant.users) {
      const exported = await fleet.add(userPrincipalName, accessOf(sim));
      exports.set(userPrincipalName, exported);
      await fleet.post(`/projects/${exported.projectId}/passes`, { kind: 'full', mailboxes: 'all' });
    }
  });
  afterAll(async () => {
    await fleet.close();
    await sim.close();
  });

  it('is exported whole when it is over its quota, or its folder is reached by no delta, or its delta is empty for ever', async () => {
    for (const user of [FULL, UNREACHABLE, ENDLESS]) expect(await endOf(user)).toEqual(whole);
  });

  it('is exported but for a folder that is refused, which Retry Errors lists when it may', async () => {
    expect(await endOf(REFUSED)).toEqual(without(REFUSED, 'graph.mailbox-forbidden', 2));
    const { projectId, mailbox } = exports.get(REFUSED)!;
    const { body } = await fleet.get<{ sums: { foldersNotListed: number } }>(`/projects/${projectId}`);
    expect(body.sums.foldersNotListed).toBe(1);
    await fleet.post(`/projects/${projectId}/passes`, { kind: 'retry-errors', mailboxes: 'all' });
    await eventually(mailbox, ({ pass }) => pass?.kind === 'retry-errors' && typeof pass.endedAt === 'string', 60_000, 250);
    expect(await endOf(REFUSED)).toEqual(whole);
  });

  it('is exported but for a folder that fails, after ten minutes at most', async () => {
    expect(await endOf(FAILING)).toEqual(without(FAILING, 'graph.server-error', expect.any(Number)));
    const { mailbox } = exports.get(FAILING)!;
    const { startedAt, endedAt } = (await mailbox()).pass!;
    expect(Date.parse(endedAt!) - Date.parse(startedAt)).toBeLessThan(15 * 60_000);
  });
});
