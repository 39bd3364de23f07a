import type { Page } from 'playwright-core';
import { consoleOfSuite, describeBrowser, expectSound, findingsOf } from './browser.fixture.js';

describeBrowser('a Discovery project in a browser', () => {
  const { system, signedIn, looksSound } = consoleOfSuite();
  let page: Page;
  let projectId: string;
  const file = (n: number, state: string, reason = '') => ({
    path: `/share/${n}.pst`,
    name: `${n}.pst`,
    owner: 'ann@contoso.com',
    kind: 'pst',
    bytes: 1_000_000,
    state,
    reason,
    sha256: null,
  });

  beforeAll(async () => {
    const { make, shows } = system().api;
    const { id: customerId } = await make('/customers', { name: 'Contoso' });
    const disk = await make(`/customers/${customerId}/endpoints`, { kind: 'folder', name: 'Disk', path: `${system().dir}/out` });
    const project = await make(`/customers/${customerId}/projects`, { name: 'Shares', type: 'discovery', destinationEndpointId: disk.id });
    projectId = project.id;
    await shows(`/projects/${projectId}`, project);
    const plan = { rows: 3, toUpload: 2, bytes: 2_000_000 };
    const runs = `/projects/${projectId}/discovery-runs`;
    const run = await make(runs, { computer: 'pc7', destination: '/mnt/imports', plan });
    const files = [file(1, 'uploaded'), file(2, 'failed', 'file.not-found'), file(3, 'skipped', 'damaged')];
    const report = await make(`${runs}/${run.id}/files`, { report: 1, files });
    await make(`${runs}/${run.id}/end`, { stoppedBy: 'storage.full' });
    await shows(`/projects/${projectId}/discovered-files`, report);
    page = await signedIn();
  }, 120_000);

  it('stands in the list of projects with its type and its sums', async () => {
    await page.goto(`${system().url}/projects`);
    const row = page.getByRole('row').filter({ hasText: 'Shares' });
    await row.getByText('3 found, 1 uploaded').waitFor();
    expect(await row.textContent()).toContain('discovery');
    await row.getByRole('link', { name: 'Shares' }).click();
    await page.getByRole('heading', { level: 1, name: 'Shares' }).waitFor();
  });

  it('shows its runs, its files by what became of them, and nothing of mailboxes', async () => {
    await page.getByText('3 found = 1 uploaded + 1 skipped + 1 failed').first().waitFor();
    const run = page.getByRole('region', { name: 'Runs' }).getByRole('row').filter({ hasText: 'pc7' });
    await run.getByText('Stopped').waitFor();
    expect(await run.textContent()).toContain('storage.full');
    const rows = page.getByRole('region', { name: 'Files' }).getByRole('row');
    await rows.filter({ hasText: '/share/1.pst' }).getByText('Uploaded').waitFor();
    await page.getByLabel('State').selectOption('failed');
    await rows.filter({ hasText: '/share/2.pst' }).getByText('file.not-found').waitFor();
    await rows.filter({ hasText: '/share/1.pst' }).waitFor({ state: 'detached' });
    expect(await page.getByRole('button', { name: /Bulk Add|Options/ }).count()).toBe(0);
    expect(await findingsOf(page)).toEqual([]);
  });

  looksSound(() => ['/projects', `/projects/${projectId}`]);

  it('is sound in German, with words of its own', async () => {
    const other = await signedIn({ locale: 'de-DE' });
    await expectSound(other, system().url, [`/projects/${projectId}`]);
    await other
      .getByText(/^3 (?!found)\S+ = 1 \S+ \+ 1 \S+ \+ 1 \S+/)
      .first()
      .waitFor();
  });

  it('is edited without a source, closed, and kept with its record', async () => {
    await page.goto(`${system().url}/projects/${projectId}`);
    const step = async (name: string): Promise<void> => {
      await page.getByRole('button', { name: 'More' }).click();
      await page.getByRole('menuitem', { name }).click();
    };
    const dialog = page.getByRole('dialog');
    await step('Edit project…');
    await dialog.getByLabel('Name').fill('Old shares');
    expect(await dialog.getByLabel('Source').count()).toBe(0);
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { level: 1, name: 'Old shares' }).waitFor();
    await step('Remove project…');
    await dialog.getByRole('button', { name: 'Remove' }).click();
    await dialog.getByText('It keeps the record of these runs').waitFor();
    expect(await findingsOf(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await step('Close project…');
    await dialog.getByRole('button', { name: 'Close project' }).click();
    await page.getByText('This project is closed: no run begins in it any more.').waitFor();
  });
});
