import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { startTenant, generatedTenant, type RunningTenant } from '@pstream/tenant-sim';
import type { Page } from 'playwright-core';
import { consoleOfSuite, describeBrowser, findingsOf, overflows } from './browser.fixture.js';
import { exportedPart } from './exported.fixture.js';

describeBrowser('the end of a project in a browser', () => {
  const { system, signedIn } = consoleOfSuite();
  let tenant: RunningTenant;
  let projectId: string;
  let mailboxId: string;
  let page: Page;
  const dialog = () => page.getByRole('dialog');
  const button = (name: string) => dialog().getByRole('button', { name, exact: true });
  const statement = () => dialog().getByRole('region', { name: 'What becomes of each PST' });
  const psts = (): string[] => readdirSync(join(system().dir, 'out', 'leavers')).filter((name) => name.endsWith('.pst'));

  beforeAll(async () => {
    tenant = await startTenant({ tenant: generatedTenant({ seed: 5, mailboxes: 1, itemsPerMailbox: 40, sizeProfile: 'tiny' }) });
    ({ projectId, mailboxJobId: mailboxId } = await exportedPart(system(), tenant));
    page = await signedIn();
  }, 120_000);
  afterAll(() => tenant.close());

  it('brings an update first, whose older copies are listed where the PSTs are', async () => {
    const { state } = tenant.contents.primary(tenant.contents.user('user1@fabrikam.test')!)!;
    const inbox = state.folders().find(({ wellKnownName }) => wellKnownName === 'inbox')!;
    state.change((await state.from(inbox, 0, 1)).items[0]!);
    await page.goto(`${system().url}/mailboxes/${mailboxId}?tab=parts`);
    await page.getByText('After an update, copies in PSTs').waitFor();
    await page.getByRole('button', { name: 'Full Migration…' }).click();
    await dialog().getByRole('checkbox', { name: 'Also export again what was changed since' }).check();
    await dialog().getByText(`pstream export start ${projectId} --update user1@fabrikam.test`).waitFor();
    expect(await findingsOf(page)).toEqual([]);
    await button('Full Migration').click();
    await dialog().getByText('Accepted for 1 mailbox.').waitFor();
    await button('Close').click();
    await page.getByText('1 item has an older copy in a PST too; it counts once.').waitFor({ timeout: 60_000 });
    // Offered when the pass has ended.
    await page.getByRole('button', { name: 'List older copies' }).click({ timeout: 60_000 });
    const older = page.getByRole('region', { name: 'Older copies' }).getByRole('row').filter({ hasText: 'changed' });
    await older.waitFor();
    expect(await older.getByRole('cell').allTextContents()).toEqual([
      'changed',
      'user1.pst',
      'user1.002.pst',
      expect.stringContaining('Superseded'),
    ]);
    expect(await findingsOf(page)).toEqual([]);
  }, 120_000);

  it('shows what would become of each PST before anything is changed', async () => {
    await page.goto(`${system().url}/projects/${projectId}`);
    await page.getByRole('button', { name: 'More' }).click();
    await page.getByRole('menuitem', { name: 'Close project…' }).click();
    expect(await button('Close project').count()).toBe(0);
    await dialog().getByText(`pstream project close ${projectId} --dry-run`).waitFor();
    await button('Show what would happen').click();
    await dialog().getByText('1 mailbox was looked at. Nothing has been changed yet.').waitFor();
    await statement().getByRole('row').filter({ hasText: 'user1.002.pst' }).getByText('Kept').waitFor();
    await button('Close project').waitFor();
    expect(await findingsOf(page)).toEqual([]);
    await dialog().getByLabel('PSTs that this project wrote').selectOption('delete');
    expect(await button('Close project').count()).toBe(0);
    await button('Show what would happen').click();
    await statement().getByRole('row').filter({ hasText: 'user1.002.pst' }).getByText('Would be deleted').waitFor();
    expect(await button('Close project').isDisabled()).toBe(true);
    expect(psts()).toEqual(['user1.002.pst', 'user1.pst']);
  }, 60_000);

  it('closes it, and says what became of each PST', async () => {
    await dialog().getByLabel('To delete PSTs, type the name of the project: Leavers').fill('Leavers');
    await dialog().getByText(`pstream project close ${projectId} --delete-blobs --yes`).waitFor();
    await page.setViewportSize({ width: 320, height: 900 });
    expect([await findingsOf(page), await overflows(page)]).toEqual([[], false]);
    // The whole table is there; the dialog scrolls.
    const whole = `(() => { const { scrollHeight, clientHeight } = document.querySelector('[role="dialog"] .scrolls'); return scrollHeight <= clientHeight; })()`;
    expect(await page.evaluate(whole)).toBe(true);
    await page.setViewportSize({ width: 1280, height: 900 });
    await button('Close project').click();
    await dialog().getByText('The project is closed, with 1 mailbox.').waitFor();
    await statement().getByRole('row').filter({ hasText: 'user1.pst' }).getByText('Deleted').waitFor();
    expect(await findingsOf(page)).toEqual([]);
    await button('Close').click();
    expect(psts()).toEqual([]);
    await page.getByText('This project is closed: nothing is exported in it any more.').waitFor();
    await page.getByRole('button', { name: 'More' }).click();
    await page.getByRole('menuitem', { name: 'Close project again…' }).waitFor();
    expect(await page.getByRole('menuitem', { name: 'Edit project…' }).count()).toBe(0);
  }, 60_000);
});
