import { join } from 'node:path';
import type { SupersededItems } from '@pstream/api';
import type { MailboxView } from '@pstream/contracts';
import type { z } from 'zod';
import { ask, describeWith, ORACLES } from './readers/oracles.fixture.js';
import { eventually } from './support/eventually.js';
import { systemsOfSuite, type Running } from './support/running-system.js';

type Listed = z.output<typeof SupersededItems>;

const start = systemsOfSuite();
/** Where the PSTs of these tests are, for an independent checker. */
const made: string[] = [];

const mailboxOf = ({ tenant }: Running) => {
  const { state } = tenant.contents.primary(tenant.contents.user('user1@fabrikam.test')!)!;
  return { state, folder: (name: string) => state.folders().find(({ wellKnownName }) => wellKnownName === name)! };
};

const begin = async ({ post }: Running, projectId: string, pass: Readonly<Record<string, unknown>>): Promise<void> => {
  const { status, body } = await post<{ rejected: unknown[] }>(`/projects/${projectId}/passes`, { ...pass, mailboxes: 'all' });
  expect([status, body.rejected]).toEqual([202, []]);
};
const runPass = async (
  system: Running,
  projectId: string,
  mailbox: () => Promise<MailboxView>,
  pass: Readonly<Record<string, unknown>>,
): Promise<MailboxView> => {
  const before = (await mailbox()).pass?.number ?? 0;
  await begin(system, projectId, pass);
  return eventually(mailbox, (view) => view.pass !== null && view.pass.number > before && view.pass.endedAt !== null);
};
const superseded = async ({ get }: Running, id: string): Promise<Listed> => {
  const { status, body } = await get<Listed>(`/mailboxes/${id}/superseded`);
  expect(status).toBe(200);
  return body;
};

describe('a Full pass that updates', () => {
  it('exports what was changed or moved again into a new part, names the older copies, and counts each item once', async () => {
    const system = await start({ items: 60, env: { PSTREAM_EXTRACTOR_PAGE_ITEMS: '7' } });
    const { projectId, mailbox, parts } = await system.prepare();
    const first = await runPass(system, projectId, mailbox, { kind: 'full' });
    const { mailboxJobId } = first;
    expect(await superseded(system, mailboxJobId)).toMatchObject({ items: [], total: 0, next: null });

    const { state, folder } = mailboxOf(system);
    const [inbox, sent] = [folder('inbox'), folder('sentitems')];
    const [edited, deleted, moving] = (await state.from(inbox, 0, 3)).items;
    state.change(edited!);
    state.delete(deleted!);
    const moved = state.receive(sent, state, moving!);
    state.delete(moving!);
    await state.arrive(inbox);
    const partsInOrder = async () => (await parts()).toSorted((a, b) => a.ordinal - b.ordinal);
    const before = (await parts())[0]!;
    const second = await runPass(system, projectId, mailbox, { kind: 'full', update: true });
    // The changed, the moved and the new one were exported; of these the mailbox knows one more than before.
    expect(second.extracted.items).toBe(3);
    expect(second).toMatchObject({ status: 'Completed', superseded: 2, totals: { discovered: 61, exported: 61, skipped: 0, failed: 0 } });

    const files = await eventually(partsInOrder, (all) => all.length === 2 && all.every((part) => part.state === 'verified'));
    expect(files.map(({ name, items }) => [name, items])).toEqual([
      ['user1.pst', 60],
      ['user1.002.pst', 3],
    ]);
    // What is sealed stays as it is.
    expect(files[0]).toMatchObject({ sha256: before.sha256, partId: before.partId });
    made.push(...files.map(({ container, name }) => join(system.out, container, name)));
    const { items, total } = await superseded(system, mailboxJobId);
    expect(total).toBe(3);
    expect(items).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          what: 'changed',
          state: 'superseded',
          itemId: edited!.id,
          pass: 1,
          part: 'user1.pst',
          newPass: 2,
          newPart: 'user1.002.pst',
        }),
        expect.objectContaining({
          what: 'moved',
          state: 'superseded',
          itemId: moving!.id,
          folder: inbox.displayName,
          to: sent.displayName,
          part: 'user1.pst',
          newPart: 'user1.002.pst',
        }),
        expect.objectContaining({ what: 'gone', state: 'gone', itemId: deleted!.id, part: 'user1.pst', newPart: null }),
      ]),
    );
    expect(moved.id).not.toBe(moving!.id);

    const folders = await system.get<{ items: { totals: { discovered: number; exported: number } }[] }>(
      `/mailboxes/${mailboxJobId}/folders`,
    );
    const sum = (of: 'discovered' | 'exported'): number => folders.body.items.reduce((all, { totals }) => all + totals[of], 0);
    expect([sum('discovered'), sum('exported')]).toEqual([61, 61]);
    const report = await system.get<{ sums: { superseded: number }; mailboxes: { superseded: number; unaccounted: number }[] }>(
      `/projects/${projectId}/report`,
    );
    expect(report.body).toMatchObject({ sums: { superseded: 2 }, mailboxes: [{ superseded: 2, unaccounted: 0 }] });

    // Nothing has happened since: nothing is exported, and nothing named twice. Then the newer copy gets old as well.
    const third = await runPass(system, projectId, mailbox, { kind: 'full', update: true });
    expect(third).toMatchObject({ superseded: 2, totals: second.totals, extracted: { items: 0 } });
    state.change(edited!);
    const fourth = await runPass(system, projectId, mailbox, { kind: 'full', update: true });
    expect(fourth).toMatchObject({ superseded: 3, totals: second.totals, extracted: { items: 1 } });
    const now = await superseded(system, mailboxJobId);
    expect(now.items.filter(({ itemId }) => itemId === edited!.id).map(({ part, newPart }) => [part, newPart])).toEqual([
      ['user1.pst', 'user1.002.pst'],
      ['user1.002.pst', 'user1.003.pst'],
    ]);
    const page = await system.get<Listed>(`/mailboxes/${mailboxJobId}/superseded?limit=3`);
    const last = await system.get<Listed>(`/mailboxes/${mailboxJobId}/superseded?limit=3&cursor=${page.body.next ?? ''}`);
    expect([...page.body.items, ...last.body.items]).toEqual(now.items);
    expect(last.body.next).toBeNull();
    expect((await system.get(`/mailboxes/${mailboxJobId}/superseded?cursor=99`)).status).toBe(400);
  }, 120_000);

  it('leaves what fails to Retry Errors, which then supersedes the older copy', async () => {
    const system = await start({
      items: 20,
      // Exported once, then refused for a while, and not to be had as MIME either.
      faults: {
        rules: [
          { on: 'exportItems', itemIndex: 0, effect: 'item-error', code: 'ErrorCorruptData', nth: 2, times: 2 },
          ...(['message', 'messageValue'] as const).map((on) => ({ on, effect: 'error' as const, status: 500, code: 'ErrorCorruptData' })),
        ],
      },
    });
    const { projectId, mailbox } = await system.prepare();
    const { mailboxJobId } = await runPass(system, projectId, mailbox, { kind: 'full' });
    const { state } = mailboxOf(system);
    const first = state.folders().find(({ count, searchOf }) => count > 0 && searchOf === undefined)!;
    const [edited] = (await state.from(first, 0, 1)).items;
    state.change(edited!);
    const updated = await runPass(system, projectId, mailbox, { kind: 'full', update: true });
    expect(updated).toMatchObject({ status: 'Completed with errors', totals: { discovered: 20, exported: 19, skipped: 0, failed: 1 } });
    expect((await superseded(system, mailboxJobId)).items).toMatchObject([{ state: 'pending', part: 'user1.pst', newPart: null }]);
    const retried = await runPass(system, projectId, mailbox, { kind: 'retry-errors' });
    expect(retried).toMatchObject({ status: 'Completed', totals: { discovered: 20, exported: 20, skipped: 0, failed: 0 } });
    expect((await superseded(system, mailboxJobId)).items).toMatchObject([
      { state: 'superseded', part: 'user1.pst', newPass: 3, newPart: 'user1.002.pst' },
    ]);
  }, 120_000);

  it('is refused of another kind of pass', async () => {
    const system = await start({ items: 1 });
    const { projectId } = await system.prepare();
    const { status, body } = await system.post<{ code: string }>(`/projects/${projectId}/passes`, {
      kind: 'trial',
      update: true,
      mailboxes: 'all',
    });
    expect([status, body.code]).toEqual([400, 'request.invalid']);
  }, 60_000);
});

describeWith('the PSTs of updates', ORACLES.pstlint.missing, () => {
  it('are sound by an independent strict checker, and the older ones are what they were', () => {
    expect(made.length).toBeGreaterThan(0);
    expect(ask('pstlint', '--quiet', ...made)).toMatchObject({ status: 0 });
    const [older, newer] = made;
    // The newer part lacks what was not exported again, and so differs.
    expect(ask('pstdiff', older!, newer!).status).toBe(1);
  });
});
