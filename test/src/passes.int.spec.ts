import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { ItemErrorView } from '@pstream/contracts';
import { fileSource, openPst } from '@pstream/pst/reader';
import { eventually } from './support/eventually.js';
import { systemsOfSuite } from './support/running-system.js';

const start = systemsOfSuite();

const itemsIn = async (path: string): Promise<number> => {
  const source = await fileSource(path);
  const pst = await openPst(source, { mode: 'strict' });
  let items = 0;
  for await (const folder of pst.folders()) items += folder.contentCount;
  await source.close();
  return items;
};

describe('a Full Migration', () => {
  it('stops when asked to, stays stopped, and goes on to the end with every item once', async () => {
    const env = { PSTREAM_EXTRACTOR_SLICE_ITEMS: '10', PSTREAM_EXTRACTOR_PAGE_ITEMS: '20' };
    const { get, post, prepare, out } = await start({
      items: 200,
      env,
      faults: { rules: [{ on: 'exportItems', effect: 'delay', milliseconds: 60 }] },
    });
    const { projectId, mailbox, parts } = await prepare();
    expect((await post(`/projects/${projectId}/passes`, { kind: 'full', mailboxes: 'all' })).body).toMatchObject({
      accepted: [{}],
      rejected: [],
    });
    await eventually(mailbox, (view) => view.extracted.items > 0);
    await post(`/projects/${projectId}/stop`, { mailboxes: 'all' });
    const stopped = await eventually(mailbox, (view) => view.status === 'Stopped');
    expect(stopped.totals.exported).toBe(0);
    expect(readdirSync(join(out, 'mailboxes')).filter((name) => name.endsWith('.pst'))).toEqual([]);
    const before = (await mailbox()).extracted.items;
    expect(before).toBeLessThan(200);

    await post(`/projects/${projectId}/resume`, { mailboxes: ['user1@fabrikam.test'] });
    const done = await eventually(mailbox, (view) => view.status === 'Completed');
    expect(done.totals).toEqual({ discovered: 200, exported: 200, skipped: 0, failed: 0 });
    const made = await eventually(parts, (all) => all.every((part) => part.state === 'verified'));
    expect(made.map((part) => part.items)).toEqual([200]);
    expect(await itemsIn(made[0]!.location!)).toBe(200);
    const folders = await get<{ items: { folders: Record<string, { totals: { discovered: number; exported: number } }> }[] }>(
      `/mailboxes/${done.mailboxJobId}/folders`,
    );
    const sums = folders.body.items.flatMap((item) =>
      'totals' in item
        ? [(item as unknown as { totals: { discovered: number; exported: number } }).totals]
        : Object.values(item.folders).map((folder) => folder.totals),
    );
    expect(sums.every((sum) => sum.discovered === sum.exported)).toBe(true);
  }, 120_000);

  it('that cannot sign in fails with the remedy, and goes on after the secret was rotated', async () => {
    const { tenant, post, prepare } = await start({ items: 20 });
    const { projectId, sourceId, mailbox } = await prepare({ secret: 'canary-7f3a' });
    await post(`/projects/${projectId}/passes`, { kind: 'verify', mailboxes: 'all' });
    const verified = await eventually(mailbox, (view) => typeof view.pass?.endedAt === 'string');
    expect(verified).toMatchObject({ status: 'Verification failed', cause: { code: expect.stringMatching(/^entra\./) } });
    expect(verified.checks[0]).toMatchObject({ step: 1, verdict: 'fail' });
    expect(verified.cause?.advice).toMatch(/secret/i);

    await post(`/projects/${projectId}/passes`, { kind: 'full', mailboxes: 'all' });
    const failed = await eventually(mailbox, (view) => view.pass?.kind === 'full' && view.status === 'Failed');
    expect(JSON.stringify(failed)).not.toContain('canary-7f3a');
    const customerId = failed.customerId;
    expect((await post(`/customers/${customerId}/endpoints/${sourceId}/secret`, { value: tenant.clientSecret })).status).toBeLessThan(300);
    await post(`/projects/${projectId}/resume`, { mailboxes: 'all' });
    const done = await eventually(mailbox, (view) => view.status === 'Completed');
    expect(done.totals).toEqual({ discovered: 20, exported: 20, skipped: 0, failed: 0 });
  }, 120_000);

  it('leaves nothing to retry when it has no errors', async () => {
    const { post, prepare } = await start({ items: 3 });
    const { projectId, mailbox } = await prepare();
    await post(`/projects/${projectId}/passes`, { kind: 'full', mailboxes: 'all' });
    await eventually(mailbox, (view) => view.status === 'Completed');
    const retry = await post<{ rejected: { code: string }[] }>(`/projects/${projectId}/passes`, { kind: 'retry-errors', mailboxes: 'all' });
    expect(retry.body.rejected.map((each) => each.code)).toEqual(['mailbox-job.nothing-to-retry']);
  }, 120_000);

  it('whose destination is lost fails with the remedy, leaves nothing half-written, and goes on when it is back', async () => {
    const { post, prepare, out } = await start({ items: 20 });
    const { writeFileSync, rmSync } = await import('node:fs');
    writeFileSync(out, 'a file where the folder should be');
    const { projectId, mailbox } = await prepare();
    await post(`/projects/${projectId}/passes`, { kind: 'full', mailboxes: 'all' });
    const failed = await eventually(mailbox, (view) => view.status === 'Failed');
    expect(failed.cause?.code).toMatch(/^destination\./);
    expect(failed.cause?.advice).toBeDefined();
    rmSync(out);
    await post(`/projects/${projectId}/resume`, { mailboxes: 'all' });
    const done = await eventually(mailbox, (view) => view.status === 'Completed');
    expect(done.totals).toEqual({ discovered: 20, exported: 20, skipped: 0, failed: 0 });
  }, 120_000);

  it('whose unfinished part was lost at the destination says so, then lists what is gone, and Retry Errors brings it back', async () => {
    const env = { PSTREAM_EXTRACTOR_SLICE_ITEMS: '20', PSTREAM_EXTRACTOR_PAGE_ITEMS: '40' };
    const { get, post, prepare, out } = await start({
      items: 320,
      size: 'mail',
      env,
      faults: { rules: [{ on: 'exportItems', effect: 'delay', milliseconds: 40 }] },
    });
    const { projectId, mailbox, parts } = await prepare();
    const staged = (): string[] => readdirSync(join(out, 'mailboxes')).filter((name) => name.endsWith('.tmp'));
    await post(`/projects/${projectId}/passes`, { kind: 'full', mailboxes: 'all' });
    await eventually(mailbox, (view) => view.extracted.items > 200);
    await post(`/projects/${projectId}/stop`, { mailboxes: 'all' });
    await eventually(mailbox, (view) => view.status === 'Stopped');
    expect(staged()).toHaveLength(1);
    for (const name of staged()) rmSync(join(out, 'mailboxes', name));

    await post(`/projects/${projectId}/resume`, { mailboxes: 'all' });
    const failed = await eventually(mailbox, (view) => view.status === 'Failed');
    expect(failed.cause).toMatchObject({ code: 'part.extents-lost', advice: expect.stringContaining('resume') });
    await post(`/projects/${projectId}/resume`, { mailboxes: 'all' });
    const done = await eventually(mailbox, (view) => view.status === 'Completed with errors');
    expect(done.totals).toMatchObject({ discovered: 320, skipped: 0 });
    expect(done.totals.exported + done.totals.failed).toBe(320);
    expect(done.totals.failed).toBeGreaterThan(100);

    await post(`/projects/${projectId}/passes`, { kind: 'retry-errors', mailboxes: 'all' });
    const whole = await eventually(mailbox, (view) => view.status === 'Completed');
    expect(whole.totals).toEqual({ discovered: 320, exported: 320, skipped: 0, failed: 0 });
    const errors = async (state: string) =>
      (await get<{ items: ItemErrorView[]; total: number }>(`/mailboxes/${whole.mailboxJobId}/errors?state=${state}&limit=1`)).body;
    const mended = await eventually(
      () => errors('mended'),
      ({ total }) => total === done.totals.failed,
    );
    expect(mended.items[0]).toMatchObject({
      code: 'part.extents-lost',
      folderPath: expect.stringMatching(/./),
      itemDate: expect.stringMatching(/^\d{4}-/),
      attempts: 2,
      mended: { passId: whole.pass?.passId, number: 2 },
    });
    expect((await errors('open')).total).toBe(0);
    const made = (await eventually(parts, (all) => all.every((part) => part.state === 'verified' || part.state === 'abandoned'))).filter(
      (part) => part.state === 'verified',
    );
    expect(made.map((part) => part.name).toSorted()).toEqual(['user1.002.pst', 'user1.pst']);
    const items = await Promise.all(made.map(({ location }) => itemsIn(location!)));
    expect(items.reduce((sum, count) => sum + count, 0)).toBe(320);
    expect(staged()).toEqual([]);
  }, 180_000);
});
