import { jest } from '@jest/globals';
import { systemClock } from '@pstream/kernel';
import { generatedTenant, startTenant, type RunningTenant, type SimFolder } from '@pstream/tenant-sim';
import { tempDir } from '@pstream/testing';
import { eventually } from './support/eventually.js';
import { accessOf, startFleet, type Exported, type Fleet } from './support/fleet.js';

jest.setTimeout(300_000);

const USER = 'user1@fabrikam.test';

describe('hidden folders', () => {
  let sim: RunningTenant;
  let fleet: Fleet;
  let exported: Exported;
  let hidden: readonly SimFolder[];
  beforeAll(async () => {
    const tenant = generatedTenant({ seed: 31, mailboxes: 1, itemsPerMailbox: 150, sizeProfile: 'tiny' });
    hidden = tenant.users[0]!.primary!.folders().filter(({ isHidden, recoverable }) => isHidden && recoverable !== true);
    sim = await startTenant({ tenant });
    fleet = await startFleet(tempDir(), [USER], { clock: systemClock });
    exported = await fleet.add(USER, accessOf(sim));
  });
  afterAll(async () => {
    await fleet.close();
    await sim.close();
  });

  const full = async (options: object, number: number): Promise<number> => {
    const { projectId } = exported;
    const { body } = await fleet.post<{ stream: string; version: number }>(`/projects/${projectId}/options`, options);
    await fleet.shows(`/projects/${projectId}`, body as never);
    await fleet.post(`/projects/${projectId}/passes`, { kind: 'full', mailboxes: 'all' });
    const { totals } = await eventually(
      () => exported.mailbox(),
      ({ pass, status }) => pass?.number === number && pass.endedAt !== null && status === 'Completed',
      120_000,
      100,
    );
    return totals.discovered;
  };
  const left = async (): Promise<readonly (readonly [string, string | null])[]> => {
    const names = new Set(hidden.map(({ displayName }) => displayName));
    return (await exported.folders()).filter(({ path }) => names.has(path.split('/').at(-1)!)).map(({ path, left: why }) => [path, why]);
  };

  it('are left out where the project says so, counted in the report, and taken once it does not say so any more', async () => {
    const items = hidden.reduce((sum, { count }) => sum + count, 0);
    expect([hidden.length > 0, items > 0]).toEqual([true, true]);
    const without = await full({ skipHiddenFolders: true, folderFilter: ['^No such folder$'] }, 1);
    expect((await left()).map(([, why]) => why)).toEqual(hidden.map(() => 'hidden'));
    const report = await fleet.get<{ notCovered: { code: string; folders: number; items: number; why: string }[] }>(
      `/projects/${exported.projectId}/report`,
    );
    const gap = (code: string) => report.body.notCovered.find((one) => one.code === code);
    expect(gap('folders-hidden')).toMatchObject({ folders: hidden.length, items });
    expect(gap('rules-without-effect')?.why).toContain('^No such folder$');
    expect(await full({}, 2)).toBe(without + items);
    expect((await left()).map(([, why]) => why)).toEqual(hidden.map(() => null));
  });
});
