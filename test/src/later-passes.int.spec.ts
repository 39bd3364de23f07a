import { existsSync } from 'node:fs';
import type { MailboxView } from '@pstream/contracts';
import { fileSource, openPst } from '@pstream/pst/reader';
import { verifyPst } from '@pstream/pst/verify';
import { ask, describeWith, ORACLES } from './readers/oracles.fixture.js';
import { eventually } from './support/eventually.js';
import { systemsOfSuite, type Running } from './support/running-system.js';

const start = systemsOfSuite();

/** Every part that these tests made. */
const made: string[] = [];

/** A part that our strict checker finds nothing in: the paths of its folders that hold items, with their number. */
const contentsOf = async (path: string): Promise<Record<string, number>> => {
  made.push(path);
  const source = await fileSource(path);
  expect((await verifyPst(source)).problems).toEqual([]);
  const pst = await openPst(source, { mode: 'strict' });
  const found: Record<string, number> = {};
  for await (const folder of pst.folders()) if (folder.contentCount > 0) found[folder.path.join('/')] = folder.contentCount;
  await source.close();
  return found;
};

const itemsIn = async (path: string): Promise<number> => Object.values(await contentsOf(path)).reduce((sum, items) => sum + items, 0);

/** The made-up mailbox of a tenant, and its folder with a well-known name. */
const mailboxOf = ({ tenant }: Running) => {
  const { state } = tenant.contents.primary(tenant.contents.user('user1@fabrikam.test')!)!;
  return { state, folder: (name: string) => state.folders().find(({ wellKnownName }) => wellKnownName === name)! };
};

/** Starts a pass and waits for its end. */
const runPass = async (
  { post }: Running,
  projectId: string,
  mailbox: () => Promise<MailboxView>,
  pass: Readonly<Record<string, unknown>>,
): Promise<MailboxView> => {
  const before = (await mailbox()).pass?.number ?? 0;
  const { body } = await post<{ rejected: unknown[] }>(`/projects/${projectId}/passes`, { ...pass, mailboxes: 'all' });
  expect(body.rejected).toEqual([]);
  const ended = await eventually(mailbox, (view) => view.pass !== null && view.pass.number > before && view.pass.endedAt !== null);
  expect(ended.status).toBe('Completed');
  return ended;
};

describe('a Full Migration that is run again', () => {
  it('exports what is new since, whatever was changed or deleted, into the next part', async () => {
    const system = await start({ items: 60, env: { PSTREAM_EXTRACTOR_PAGE_ITEMS: '7' } });
    const { projectId, mailbox, parts } = await system.prepare();
    expect((await runPass(system, projectId, mailbox, { kind: 'full' })).totals).toEqual({
      discovered: 60,
      exported: 60,
      skipped: 0,
      failed: 0,
    });

    const { state, folder } = mailboxOf(system);
    const { items } = await state.from(folder('inbox'), 0, 2);
    state.change(items[0]!);
    state.delete(items[1]!);
    await state.arrive(folder('inbox'));
    await state.arrive(folder('inbox'));
    await state.arrive(folder('calendar'));
    const asked = system.tenant.requests.length;
    const second = await runPass(system, projectId, mailbox, { kind: 'full' });
    expect(second.totals).toEqual({ discovered: 63, exported: 63, skipped: 0, failed: 0 });
    expect(second.extracted.items).toBe(3);
    // Every folder was listed from where the first pass left off: one page each.
    const listings = system.tenant.requests.slice(asked).filter(({ operation }) => operation === 'itemsDelta');
    expect(listings.length).toBe(
      state.folders().filter(({ searchOf, recoverable }) => searchOf === undefined && recoverable !== true).length,
    );

    const third = await runPass(system, projectId, mailbox, { kind: 'full' });
    expect(third.totals).toEqual(second.totals);
    const files = await eventually(parts, (all) => all.every((part) => part.state === 'verified'));
    expect(files.map((part) => [part.name, part.items])).toEqual([
      ['user1.002.pst', 3],
      ['user1.pst', 60],
    ]);
    expect(await itemsIn(files[1]!.location!)).toBe(60);
    expect(await contentsOf(files[0]!.location!)).toEqual({ [folder('inbox').displayName]: 2, [folder('calendar').displayName]: 1 });
  }, 120_000);

  it('lists a folder again where the tenant has forgotten the cursor, and still takes nothing twice', async () => {
    const system = await start({ items: 60, faults: { rules: [{ on: 'itemsDelta', effect: 'dead-token' }] } });
    const { projectId, mailbox } = await system.prepare();
    await runPass(system, projectId, mailbox, { kind: 'full' });
    const { state, folder } = mailboxOf(system);
    await state.arrive(folder('inbox'));
    const second = await runPass(system, projectId, mailbox, { kind: 'full' });
    expect(system.tenant.faultsFired()[0]).toBeGreaterThan(10);
    expect(second.totals).toEqual({ discovered: 61, exported: 61, skipped: 0, failed: 0 });
  }, 120_000);
});

describe('a Trial, a Pre-Stage and a Full Migration', () => {
  it('take every item once but for the Trial, which has a place of its own, into parts with numbers that go on', async () => {
    const system = await start({ items: 400, env: { PSTREAM_EXTRACTOR_PAGE_ITEMS: '50' } });
    const { projectId, mailbox, parts } = await system.prepare();
    const trial = await runPass(system, projectId, mailbox, { kind: 'trial' });
    expect(trial.totals.discovered).toBeGreaterThan(0);
    expect(trial.leftOut).toBeGreaterThan(0);

    const again = await system.post<{ rejected: { code: string }[] }>(`/projects/${projectId}/passes`, { kind: 'trial', mailboxes: 'all' });
    expect(again.body.rejected.map(({ code }) => code)).toEqual(['mailbox-job.already-exported']);
    const dateless = await system.post(`/projects/${projectId}/passes`, { kind: 'pre-stage', mailboxes: 'all' });
    expect(dateless).toMatchObject({ status: 400, body: { errors: [{ column: 'before' }] } });

    const preStage = await runPass(system, projectId, mailbox, { kind: 'pre-stage', before: '2020-01-01' });
    expect(preStage.extracted.items).toBeGreaterThan(50);
    expect(preStage).toMatchObject({ totals: { exported: preStage.extracted.items }, parts: 1 });
    const full = await runPass(system, projectId, mailbox, { kind: 'full' });
    expect(full).toMatchObject({ totals: { discovered: 400, exported: 400, skipped: 0, failed: 0 }, leftOut: 0, parts: 2 });
    expect(full.extracted.items).toBe(400 - preStage.extracted.items);

    const files = await eventually(parts, (all) => all.length === 3 && all.every((part) => part.state === 'verified'));
    const byName = new Map(files.map((part) => [part.name, part]));
    const [first, second, third] = ['trial/user1.pst', 'user1.pst', 'user1.002.pst'].map((name) => byName.get(name)!);
    expect([first, second, third].map((part) => part!.items)).toEqual([
      trial.totals.exported,
      preStage.extracted.items,
      full.extracted.items,
    ]);
    expect(first!.location).toMatch(/[\\/]trial[\\/]user1\.pst$/);
    const tried = await contentsOf(first!.location!);
    expect(Math.max(...Object.values(tried))).toBeLessThanOrEqual(10);
    const staged = await contentsOf(second!.location!);
    expect(Object.keys(staged)).not.toContain(mailboxOf(system).folder('calendar').displayName);
    expect((await itemsIn(third!.location!)) + Object.values(staged).reduce((a, b) => a + b)).toBe(400);
    const { body: sums } = await system.get<{ items: { totals: { discovered: number; exported: number } }[] }>(
      `/mailboxes/${full.mailboxJobId}/folders`,
    );
    const over = (field: 'discovered' | 'exported'): number => sums.items.reduce((sum, { totals }) => sum + totals[field], 0);
    expect([over('discovered'), over('exported')]).toEqual([400, 400]);
    const report = await system.get<{ parts: object; mailboxes: { parts: { name: string; replaced: boolean }[] }[] }>(
      `/projects/${projectId}/report`,
    );
    expect(report.body.parts).toMatchObject({ files: 2, verified: 2 });
    expect(report.body.mailboxes[0]!.parts.map(({ name, replaced }) => [name, replaced])).toEqual(
      expect.arrayContaining([
        ['trial/user1.pst', true],
        ['user1.pst', false],
        ['user1.002.pst', false],
      ]),
    );
  }, 120_000);

  it('delete what the Trial has left, where the project says so', async () => {
    const system = await start({ items: 60 });
    const { projectId, mailbox, parts } = await system.prepare();
    expect((await system.post(`/projects/${projectId}/options`, { trialParts: 'discard' })).status).toBe(200);
    await runPass(system, projectId, mailbox, { kind: 'trial' });
    const [tried] = await eventually(parts, (all) => all.every((part) => part.state === 'verified'));
    expect(tried!.name).toBe('trial/user1.pst');
    expect((await runPass(system, projectId, mailbox, { kind: 'full' })).totals).toMatchObject({ discovered: 60, exported: 60 });
    const files = await eventually(parts, (all) => all.length === 2 && all.some(({ state }) => state === 'verified'));
    expect(Object.fromEntries(files.map(({ name, state }) => [name, state]))).toEqual({
      'trial/user1.pst': 'removed',
      'user1.pst': 'verified',
    });
    expect(existsSync(tried!.location!)).toBe(false);
    expect(await itemsIn(files.find(({ name }) => name === 'user1.pst')!.location!)).toBe(60);
  }, 120_000);
});

describe('a mailbox that starts over', () => {
  const startOver = async ({ post }: Running, projectId: string, parts: 'keep' | 'delete'): Promise<void> => {
    const { body } = await post<{ rejected: unknown[] }>(`/projects/${projectId}/start-over`, { mailboxes: 'all', parts });
    expect(body.rejected).toEqual([]);
  };
  const statesOf = async (parts: () => Promise<readonly { name: string; state: string }[]>, files: number) =>
    Object.fromEntries(
      (await eventually(parts, (all) => all.length === files && all.every(({ state }) => state === 'verified' || state === 'removed'))).map(
        ({ name, state }) => [name, state],
      ),
    );

  it('exports everything again beside what is kept, or in its place, and counts it once', async () => {
    const system = await start({ items: 40 });
    const { projectId, mailbox, parts } = await system.prepare();
    const whole = { discovered: 40, exported: 40, skipped: 0, failed: 0 };
    expect(await runPass(system, projectId, mailbox, { kind: 'full' })).toMatchObject({ totals: whole, parts: 1 });
    await startOver(system, projectId, 'keep');
    expect(await mailbox()).toMatchObject({ status: 'Not Submitted', destination: 'user1-2.pst', totals: { exported: 0 }, parts: 0 });

    expect(await runPass(system, projectId, mailbox, { kind: 'full' })).toMatchObject({ totals: whole, parts: 1, pass: { number: 2 } });
    expect(await statesOf(parts, 2)).toEqual({ 'user1.pst': 'verified', 'user1-2.pst': 'verified' });
    await startOver(system, projectId, 'delete');
    const { state, folder } = mailboxOf(system);
    await state.arrive(folder('inbox'));
    expect((await runPass(system, projectId, mailbox, { kind: 'full' })).totals).toEqual({ ...whole, discovered: 41, exported: 41 });
    const files = await eventually(
      parts,
      (all) => all.length === 3 && all.every((part) => part.state === 'verified' || part.state === 'removed'),
    );
    expect(files.map(({ name, state: is }) => `${name} ${is}`).sort()).toEqual([
      'user1-2.pst removed',
      'user1-2.pst verified',
      'user1.pst verified',
    ]);
    const now = files.find(({ name, state: is }) => name === 'user1-2.pst' && is === 'verified')!;
    expect(await itemsIn(now.location!)).toBe(41);
    const report = await system.get<{ parts: object }>(`/projects/${projectId}/report`);
    expect(report.body.parts).toMatchObject({ files: 1, verified: 1 });
  }, 120_000);
});

describe('the options of a project', () => {
  it('leave items and folders out and put others elsewhere, until they are changed; then the rest comes', async () => {
    const system = await start({ items: 200 });
    const { projectId, mailbox, parts } = await system.prepare();
    const { state, folder } = mailboxOf(system);
    const [inbox, sent, calendar] = ['inbox', 'sentitems', 'calendar'].map((name) => folder(name).displayName);
    const options = {
      itemTypes: ['email'],
      itemsFrom: '2018-01-01',
      folderFilter: [`^${inbox}$`],
      folderMapping: [`^${sent}$->Old mail/${sent}`],
    };
    expect((await system.post(`/projects/${projectId}/options`, options)).status).toBe(200);
    const filtered = await runPass(system, projectId, mailbox, { kind: 'full' });
    expect(filtered.leftOut).toBeGreaterThan(0);
    const [part] = await eventually(parts, (all) => all.every(({ state: is }) => is === 'verified'));
    const first = await contentsOf(part!.location!);
    expect(Object.keys(first)).toContain(`Old mail/${sent}`);
    for (const name of [inbox, sent, calendar]) expect(Object.keys(first)).not.toContain(name);
    const { body } = await system.get<{ items: { path: string; left: string | null; target: string | null }[] }>(
      `/mailboxes/${filtered.mailboxJobId}/folders`,
    );
    expect(body.items.find(({ path }) => path === inbox)).toMatchObject({ left: 'filtered', target: null });
    expect(body.items.find(({ path }) => path === sent)).toMatchObject({ left: null, target: `Old mail/${sent}` });
    expect(body.items.map(({ path }) => path)).not.toContain('Old mail');

    await system.post(`/projects/${projectId}/options`, {});
    const whole = await runPass(system, projectId, mailbox, { kind: 'full' });
    expect(whole).toMatchObject({ totals: { discovered: 200, exported: 200, skipped: 0, failed: 0 }, leftOut: 0 });
    const later = (await eventually(parts, (all) => all.length === 2 && all.every(({ state: is }) => is === 'verified'))).find(
      ({ name }) => name === 'user1.002.pst',
    );
    const second = await contentsOf(later!.location!);
    expect(second[inbox!]).toBe(state.count(folder('inbox')));
    expect(second[calendar!]).toBeGreaterThan(0);
  }, 120_000);
});

describe('Recoverable Items', () => {
  const RECOVERABLE = 4 * 3;
  const foldersOf = async ({ get }: Running, mailboxJobId: string) =>
    (
      await get<{ items: { path: string; left: string | null; totals: { exported: number; failed: number } }[] }>(
        `/mailboxes/${mailboxJobId}/folders`,
      )
    ).body.items.filter(({ path }) => path.startsWith('Recoverable Items'));

  it('come along when they are asked for, once over all passes', async () => {
    const system = await start({ items: 20 });
    const { projectId, mailbox, parts } = await system.prepare();
    await runPass(system, projectId, mailbox, { kind: 'full' });
    await system.post(`/projects/${projectId}/options`, { recoverableItems: true });
    for (const run of [2, 3]) {
      const { totals, pass, mailboxJobId } = await runPass(system, projectId, mailbox, { kind: 'full' });
      expect([pass?.number, totals]).toEqual([run, { discovered: 20 + RECOVERABLE, exported: 20 + RECOVERABLE, skipped: 0, failed: 0 }]);
      expect((await foldersOf(system, mailboxJobId)).map(({ totals: { exported } }) => exported)).toEqual([0, 3, 3, 3, 3]);
    }
    const part = (await eventually(parts, (all) => all.length === 2 && all.every(({ state }) => state === 'verified'))).find(
      ({ name }) => name === 'user1.002.pst',
    );
    expect(await contentsOf(part!.location!)).toMatchObject({ 'Recoverable Items/Deletions': 3, 'Recoverable Items/Purges': 3 });
  }, 120_000);

  it('that are listed and not exported come as MIME', async () => {
    const system = await start({ items: 20, recoverable: 'refuse' });
    const { projectId, mailbox } = await system.prepare();
    await system.post(`/projects/${projectId}/options`, { recoverableItems: true });
    const { totals, mime, mailboxJobId } = await runPass(system, projectId, mailbox, { kind: 'full' });
    expect([totals, mime]).toEqual([{ discovered: 20 + RECOVERABLE, exported: 20 + RECOVERABLE, skipped: 0, failed: 0 }, RECOVERABLE]);
    const errors = await system.get<{ items: { code: string; outcome: string }[] }>(`/mailboxes/${mailboxJobId}/errors`);
    expect(new Set(errors.body.items.map(({ code, outcome }) => `${outcome} ${code}`))).toEqual(new Set(['mime item.recoverable-refused']));
  }, 120_000);

  it('that are listed and not to be had in any form fail by name', async () => {
    const system = await start({
      items: 20,
      recoverable: 'refuse',
      faults: { rules: [{ on: 'messageValue', effect: 'error', status: 403, code: 'ErrorAccessDenied' }] },
    });
    const { projectId, mailbox } = await system.prepare();
    await system.post(`/projects/${projectId}/options`, { recoverableItems: true });
    await system.post(`/projects/${projectId}/passes`, { kind: 'full', mailboxes: 'all' });
    const ended = await eventually(mailbox, (view) => view.status === 'Completed with errors');
    expect(ended.totals).toEqual({ discovered: 20 + RECOVERABLE, exported: 20, skipped: 0, failed: RECOVERABLE });
    const errors = await system.get<{ items: { code: string }[] }>(`/mailboxes/${ended.mailboxJobId}/errors`);
    expect(new Set(errors.body.items.map(({ code }) => code))).toEqual(new Set(['item.recoverable-refused']));
  }, 120_000);

  it('that the tenant does not show are named as refused, and the mailbox is exported', async () => {
    const system = await start({
      items: 20,
      faults: { rules: [{ on: 'mailFolders', effect: 'error', status: 403, code: 'ErrorAccessDenied' }] },
    });
    const { projectId, mailbox } = await system.prepare();
    await system.post(`/projects/${projectId}/options`, { recoverableItems: true });
    const { totals, mailboxJobId } = await runPass(system, projectId, mailbox, { kind: 'full' });
    expect(totals).toEqual({ discovered: 20, exported: 20, skipped: 0, failed: 0 });
    expect(await foldersOf(system, mailboxJobId)).toMatchObject([{ path: 'Recoverable Items', left: 'refused' }]);
  }, 120_000);
});

describeWith('the parts of all these passes', ORACLES.pstlint.missing, () => {
  it('are sound by an independent strict checker', () => {
    for (const path of made) expect(ask('pstlint', path)).toMatchObject({ status: 0 });
  });
});
