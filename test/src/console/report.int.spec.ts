import { startTenant, generatedTenant, type RunningTenant } from '@pstream/tenant-sim';
import type { Page } from 'playwright-core';
import { consoleOfSuite, describeBrowser, findingsOf } from './browser.fixture.js';
import { exportedPart } from './exported.fixture.js';

describeBrowser('the report in a browser', () => {
  const { system, open, signedIn, looksSound } = consoleOfSuite();
  let tenant: RunningTenant;
  let projectId: string;
  let mailboxId: string;
  let page: Page;

  beforeAll(async () => {
    tenant = await startTenant({ tenant: generatedTenant({ seed: 5, mailboxes: 1, itemsPerMailbox: 40, sizeProfile: 'tiny' }) });
    ({ projectId, mailboxJobId: mailboxId } = await exportedPart(system(), tenant));
    await system().api.post(`/projects/${projectId}/passes`, { kind: 'full', mailboxes: 'all' });
    page = await signedIn();
  }, 120_000);
  afterAll(() => tenant.close());

  it('is reached from its project, with its plots', async () => {
    await page.goto(`${system().url}/projects/${projectId}`);
    await page.getByRole('link', { name: 'Report' }).click();
    await page.getByRole('heading', { level: 1, name: 'Report' }).waitFor();
    const report = page.frameLocator('iframe');
    await report.getByRole('heading', { level: 2, name: 'How the export has grown' }).waitFor();
    await report.getByRole('img', { name: /Items in PSTs/ }).waitFor();
    expect(await report.locator('script').count()).toBe(0);
    expect(await findingsOf(page)).toEqual([]);
  });

  it('is shared by a link that opens without signing in, and nothing else does', async () => {
    await page.getByRole('button', { name: 'Share…' }).click();
    await page.getByText(`pstream project share ${projectId} --days 7`).waitFor();
    expect(await findingsOf(page)).toEqual([]);
    await page.getByRole('button', { name: 'Make a link' }).click();
    const address = (await page.getByRole('status').locator('code').textContent())!;
    const stranger = await open();
    await stranger.goto(address);
    await stranger.getByRole('heading', { level: 1, name: 'Leavers' }).waitFor();
    expect(await stranger.context().cookies()).toEqual([]);
    expect(await findingsOf(stranger)).toEqual([]);
    const secret = address.split('/').at(-1)!;
    for (const path of [`/projects/${projectId}`, `/projects/${projectId}/report`, '/me', '/projects']) {
      const headers = { authorization: `Bearer ${secret}`, cookie: `pstream=${secret}` };
      expect([path, (await fetch(`${system().url}/v1${path}`, { headers })).status]).toEqual([path, 401]);
    }
    await page.getByRole('button', { name: 'Revoke' }).click();
    await page.getByText('No open links.').waitFor();
    expect((await fetch(address)).status).toBe(404);
    expect(await findingsOf(page)).toEqual([]);
  });

  it('prints on A4 with its numbers', async () => {
    await page.goto(`${system().url}/v1/projects/${projectId}/report.html`);
    await page.getByRole('heading', { level: 1, name: 'Leavers' }).waitFor();
    const pdf = await page.pdf({ format: 'A4', printBackground: true });
    expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
    expect(await findingsOf(page)).toEqual([]);
  });

  it('is there beside the timeline, which has every pass', async () => {
    await page.goto(`${system().url}/mailboxes/${mailboxId}?tab=passes`);
    await page.getByText(/Full Migration ended \(pass 1\): \d+ exported, 0 skipped, 0 failed/).waitFor();
    await page.getByText(/Full Migration ended \(pass 2\)/).waitFor();
    expect(await findingsOf(page)).toEqual([]);
  });

  looksSound(() => [`/projects/${projectId}/report`]);
});
