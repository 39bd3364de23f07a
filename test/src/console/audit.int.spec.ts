import { readFileSync } from 'node:fs';
import type { Page, Request } from 'playwright-core';
import { consoleOfSuite, describeBrowser, findingsOf } from './browser.fixture.js';

describeBrowser('the audit page in a browser', () => {
  const { system, open, signedIn, looksSound } = consoleOfSuite();
  let page: Page;
  let customerId: string;
  const dialog = () => page.getByRole('dialog');
  const heading = (name: string, on = page) => on.getByRole('heading', { level: 1, name });
  const row = (name: string) => page.getByRole('row').filter({ hasText: name });

  beforeAll(async () => {
    const made = await system().api.make('/customers', { name: 'Contoso' });
    customerId = made.id;
    await system().api.shows(`/customers/${customerId}`, made);
    await system().api.send('PATCH', `/customers/${customerId}`, { name: 'Fabrikam\u202e' });
    await system().api.make('/customers', { name: 'Orchard' });
    page = await signedIn();
  }, 120_000);

  it('lists what was done, and shows one entry with the values before and after', async () => {
    await page.getByRole('link', { name: 'Audit' }).click();
    await row('rename customer').getByRole('button').click();
    await dialog().getByRole('row').filter({ hasText: 'Contoso' }).waitFor();
    expect(await dialog().getByRole('row').nth(1).getByRole('cell').allTextContents()).toEqual(['Contoso', 'Fabrikam\uFFFD']);
    await dialog().getByText(`pstream audit list --object ${customerId}`).waitFor();
    expect(await findingsOf(page)).toEqual([]);
    await dialog().getByRole('button', { name: 'All about this object' }).click();
    await row('create customer').waitFor();
    expect(await page.getByRole('row').count()).toBe(3);
    expect(page.url()).toBe(`${system().url}/audit?object=${customerId}`);
  });

  it('is filtered by what the address says, and says so when nothing matches', async () => {
    await page.getByLabel('Action').fill('renameCustomer');
    await page.getByLabel('Outcome').selectOption('refused');
    await page.getByRole('button', { name: 'Show', exact: true }).click();
    await page.getByText('Nothing on record matches the filter.').waitFor();
    await page.getByRole('button', { name: 'Show as CLI' }).first().click();
    await page.getByText(`pstream audit list --action renameCustomer --object ${customerId} --outcome refused`).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('link', { name: 'Clear filter' }).click();
    await row('Orchard').waitFor();
  });

  it('is downloaded as it is filtered', async () => {
    await page.goto(`${system().url}/audit?action=renameCustomer`);
    await row('rename customer').waitFor();
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Download as CSV' }).click()]);
    const lines = readFileSync(await download.path(), 'utf8')
      .trim()
      .split('\r\n');
    expect([lines.length, download.suggestedFilename()]).toEqual([2, 'audit.csv']);
  });

  it('is verified in the browser, also against a head that was noted', async () => {
    await page.goto(`${system().url}/audit`);
    await page.getByRole('button', { name: 'Verify now' }).click();
    await page.getByText(/^\d+ records: none was removed, altered or moved\.$/).waitFor();
    expect(await findingsOf(page)).toEqual([]);
    await page.getByRole('textbox', { name: 'Head noted earlier' }).fill('5');
    await page.getByText('Give a head as a check prints it').waitFor();
    await page.getByRole('textbox', { name: 'Head noted earlier' }).fill(`9000:${'a'.repeat(64)}`);
    await page.getByRole('button', { name: 'Verify now' }).click();
    await page.getByText('The record is broken in 1 place.').waitFor();
    await page.getByText('Record 9,000 is missing.').waitFor();
    expect(await findingsOf(page)).toEqual([]);
  });

  it('is no longer read once the page is left', async () => {
    await page.goto(`${system().url}/audit`);
    // A long record: its end never comes.
    await page.route('**/v1/audit.jsonl', () => undefined);
    const isRecord = (request: Request): boolean => request.url().endsWith('/v1/audit.jsonl');
    await Promise.all([page.waitForRequest(isRecord), page.getByRole('button', { name: 'Verify now' }).click()]);
    await Promise.all([page.waitForEvent('requestfailed', { predicate: isRecord }), page.getByRole('link', { name: 'Overview' }).click()]);
    await heading('Overview').waitFor();
    await page.unroute('**/v1/audit.jsonl');
  });

  it('is not offered to whoever may not see it', async () => {
    const { path } = (await system().api.post<{ path: string }>('/people', { email: 'ben@contoso.com', role: 'agent' })).body;
    const ben = await open();
    await ben.goto(`${system().url}${path}`);
    await heading('Overview', ben).waitFor();
    expect(await ben.getByRole('link', { name: 'Audit' }).count()).toBe(0);
    await ben.goto(`${system().url}/audit`);
    await ben.getByText('Your role, Agent, does not see this page.').waitFor();
    expect(await findingsOf(ben)).toEqual([]);
  });

  looksSound(() => ['/audit', '/audit?outcome=done&of=installation']);
});
