import { jest } from '@jest/globals';
import type { Drift } from '@pstream/api';
import { withMoves, type DriftItem } from '@pstream/contracts';
import { systemClock } from '@pstream/kernel';
import {
  generatedTenant,
  startTenant,
  type FaultRule,
  type Mailbox,
  type MailboxSource,
  type RunningTenant,
  type SimFolder,
  type SimItem,
} from '@pstream/tenant-sim';
import { tempDir } from '@pstream/testing';
import { eventually } from './support/eventually.js';
import { accessOf, startFleet, type Exported, type Fleet } from './support/fleet.js';

jest.setTimeout(300_000);

const USER = 'user1@fabrikam.test';

/** Two folders that the rules may be about. */
const foldersOf = (mailbox: MailboxSource): readonly SimFolder[] =>
  mailbox
    .folders()
    .filter((folder) => folder.searchOf === undefined && folder.recoverable !== true && folder.type === 'IPF.Note' && folder.count > 5)
    .slice(0, 2);

const CASES: readonly { readonly title: string; readonly rules: readonly FaultRule[] }[] = [
  { title: 'followed from its delta', rules: [] },
  // The delta of a folder that fits in one page has no token until it is gone on with.
  { title: 'whose tenant has forgotten the delta', rules: [{ on: 'itemsDelta', effect: 'dead-token' }] },
];

describe.each(CASES)('the drift of a mailbox $title', ({ rules }) => {
  let sim: RunningTenant;
  let fleet: Fleet;
  let exported: Exported;
  let id: string;
  let mailbox: Mailbox;
  let folders: readonly SimFolder[];
  beforeAll(async () => {
    const tenant = generatedTenant({ seed: 21, mailboxes: 1, itemsPerMailbox: 120, sizeProfile: 'tiny' });
    sim = await startTenant({ tenant, faults: { rules } });
    mailbox = sim.contents.primary(tenant.users[0]!)!;
    folders = foldersOf(tenant.users[0]!.primary!);
    fleet = await startFleet(tempDir(), [USER], { clock: systemClock });
    exported = await fleet.add(USER, accessOf(sim));
    id = (await exported.mailbox()).mailboxJobId;
  });
  afterAll(async () => {
    await fleet.close();
    await sim.close();
  });

  const full = async (): Promise<void> => {
    const number = ((await exported.mailbox()).pass?.number ?? 0) + 1;
    await fleet.post(`/projects/${exported.projectId}/passes`, { kind: 'full', mailboxes: 'all' });
    await eventually(
      () => exported.mailbox(),
      ({ pass, status }) => pass?.number === number && pass.endedAt !== null && status.startsWith('Completed'),
      120_000,
      100,
    );
  };
  const drift = async (): Promise<{ readonly items: DriftItem[]; readonly notes: Drift['notes'] }> => {
    const items: DriftItem[] = [];
    const notes: Drift['notes'] = [];
    for (let cursor: string | null = null; ; ) {
      const page: { status: number; body: Drift } = await fleet.get<Drift>(
        `/mailboxes/${id}/drift${cursor === null ? '' : `?cursor=${cursor}`}`,
      );
      expect(page.status).toBe(200);
      items.push(...page.body.items);
      notes.push(...page.body.notes);
      if (page.body.next === null) return { items, notes };
      cursor = page.body.next;
    }
  };
  const told = (items: readonly DriftItem[]): string[] => items.map(({ what, itemId }) => `${what} ${itemId}`).toSorted();
  const first = async (folder: SimFolder, n: number): Promise<SimItem[]> => [...(await mailbox.state.page(folder, 0, n))];

  it('is refused before anything was exported', async () => {
    const { status, body } = await fleet.get<{ code: string }>(`/mailboxes/${id}/drift`);
    expect([status, body.code]).toEqual([409, 'mailbox-job.nothing-exported']);
  });

  it('is empty right after an export, and does not read what did not change', async () => {
    await full();
    const before = sim.requests.filter(({ operation }) => operation === 'exportItems').length;
    expect(await drift()).toEqual({ items: [], notes: [] });
    expect(sim.requests.filter(({ operation }) => operation === 'exportItems')).toHaveLength(before);
  });

  it('names what was edited, deleted, moved and added since, by type, size and date alone', async () => {
    const [inbox, other] = [folders[0]!, folders[1]!];
    const [edited, deleted, moving] = await first(inbox, 3);
    mailbox.state.change(edited!);
    mailbox.state.delete(deleted!);
    const moved = mailbox.state.receive(other, mailbox.state, moving!);
    mailbox.state.delete(moving!);
    const arrived = await mailbox.state.arrive(other);
    const { items, notes } = await drift();
    expect(notes).toEqual([]);
    expect(told(items)).toEqual(
      [`changed ${edited!.id}`, `gone ${deleted!.id}`, `gone ${moving!.id}`, `new ${moved.id}`, `new ${arrived.id}`].toSorted(),
    );
    expect(items.find(({ what }) => what === 'changed')).toMatchObject({
      itemType: edited!.type,
      sizeBytes: edited!.size,
      folder: inbox.displayName,
    });
    const joined = withMoves(items);
    expect(joined.filter(({ what }) => what === 'moved')).toMatchObject([
      { itemId: moving!.id, folder: inbox.displayName, to: other.displayName },
    ]);
    expect(joined).toHaveLength(4);
  });

  it('still names what was edited before a later pass that took only what was new', async () => {
    const before = (await drift()).items;
    await full();
    const after = (await drift()).items;
    expect(told(after)).toEqual(told(before.filter(({ what }) => what === 'changed' || what === 'gone')));
    expect(after.length).toBeGreaterThan(0);
  });

  it('refuses the place of another export', async () => {
    const { status, body } = await fleet.get<{ code: string }>(`/mailboxes/${id}/drift?cursor=01J8ZQ4N5W9K7C1B2D3E4F5G6F-0-0`);
    expect([status, body.code]).toEqual([400, 'request.bad-cursor']);
  });
});

describe('a folder that refuses', () => {
  it('is named with its cause, and the others are compared', async () => {
    const tenant = generatedTenant({ seed: 21, mailboxes: 1, itemsPerMailbox: 120, sizeProfile: 'tiny' });
    const [refusing, other] = foldersOf(tenant.users[0]!.primary!);
    const rules: readonly FaultRule[] = [
      { on: 'itemsDelta', folder: refusing!.id, nth: 2, effect: 'error', status: 403, code: 'ErrorAccessDenied' },
    ];
    const sim = await startTenant({ tenant, faults: { rules } });
    const fleet = await startFleet(tempDir(), [USER], { clock: systemClock });
    try {
      const exported = await fleet.add(USER, accessOf(sim));
      await fleet.post(`/projects/${exported.projectId}/passes`, { kind: 'full', mailboxes: 'all' });
      const { mailboxJobId } = await eventually(
        () => exported.mailbox(),
        ({ pass }) => typeof pass?.endedAt === 'string',
        120_000,
        100,
      );
      const { state } = sim.contents.primary(tenant.users[0]!)!;
      const [edited] = await state.page(other!, 0, 1);
      state.change(edited!);
      const { body } = await fleet.get<Drift>(`/mailboxes/${mailboxJobId}/drift`);
      expect(body.items.map(({ what, itemId }) => [what, itemId])).toEqual([['changed', edited!.id]]);
      expect(body.notes).toMatchObject([
        { folder: refusing!.displayName, cause: { code: 'graph.mailbox-forbidden' }, items: refusing!.count },
      ]);
    } finally {
      await fleet.close();
      await sim.close();
    }
  });
});
