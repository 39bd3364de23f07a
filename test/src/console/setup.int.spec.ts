import { generatedTenant, startTenant, type RunningTenant } from '@pstream/tenant-sim';
import type { Page } from 'playwright-core';
import { consoleOfSuite, describeBrowser, findingsOf, looksAgain } from './browser.fixture.js';

const USER = 'user1@fabrikam.test';

describeBrowser('setting up an export in a browser', () => {
  const { system, signedIn } = consoleOfSuite();
  let tenant: RunningTenant;
  let page: Page;
  const dialog = () => page.getByRole('dialog');
  const button = (name: string) => dialog().getByRole('button', { name, exact: true });

  beforeAll(async () => {
    tenant = await startTenant({ tenant: generatedTenant({ seed: 5, mailboxes: 1, itemsPerMailbox: 20, sizeProfile: 'small' }) });
    await system().api.make('/orders', { quantity: 5, payment: 'card' });
    page = await signedIn();
  }, 120_000);
  afterAll(() => tenant.close());

  it('begins with a customer', async () => {
    await page.getByText('No mailboxes yet.').waitFor();
    await page.getByRole('navigation').getByRole('link', { name: 'Customers' }).click();
    await page.getByRole('button', { name: 'Add customer…' }).click();
    await button('Add').click();
    await dialog().getByText('This field cannot be left blank.').waitFor();
    await dialog().getByLabel('Name').fill('Contoso');
    expect(await findingsOf(page)).toEqual([]);
    await button('Add').click();
    await page.getByRole('heading', { level: 1, name: 'Contoso' }).waitFor();
  });

  it('goes on with a source, which is tried before it is kept', async () => {
    await page.getByRole('button', { name: 'Add source…' }).click();
    const fill = (label: string, value: string) => dialog().getByLabel(label).fill(value);
    await fill('Name', 'Our tenant');
    await fill('Tenant', tenant.tenantId);
    await fill('Application (client) id', tenant.clientId);
    await dialog()
      .getByLabel(/^Secret/)
      .fill('wrong');
    await dialog().getByText('Simulated tenant').click();
    await fill('Address of Microsoft Graph', 'nonsense');
    await fill('Address of the sign-in service', tenant.authorityUrl);
    await button('Add').click();
    await dialog()
      .getByText(/Begin the address with https/)
      .waitFor();
    await fill('Address of Microsoft Graph', tenant.graphUrl);
    await button('Test').click();
    await dialog().getByText('An export would not work yet.').waitFor({ timeout: 30_000 });
    await dialog()
      .getByLabel(/^Secret/)
      .fill(tenant.clientSecret);
    await button('Test').click();
    await dialog().getByText('An export would work as far as was tried.').waitFor({ timeout: 30_000 });
    expect(await dialog().textContent()).not.toContain(tenant.clientSecret);
    expect(await findingsOf(page)).toEqual([]);
    await button('Add').click();
    await dialog().waitFor({ state: 'detached' });
    await page.getByText('Our tenant').waitFor();
  }, 90_000);

  it('and a destination, which can be tried again later', async () => {
    await page.getByRole('button', { name: 'Add destination…' }).click();
    await dialog().getByLabel('Name').fill('Exports');
    await dialog().getByLabel('Kind').selectOption('folder');
    await dialog().getByLabel('Path').fill(`${system().dir}/out`);
    await button('Add').click();
    await dialog().waitFor({ state: 'detached' });
    const line = page.getByRole('listitem').filter({ hasText: 'Exports' });
    await line.getByRole('button', { name: 'Test' }).click();
    await line.getByText('An export would work as far as was tried.').waitFor({ timeout: 30_000 });
  }, 60_000);

  it('then a project and its mailboxes, with every fault at its row', async () => {
    await page.getByRole('button', { name: 'Add project…' }).click();
    await dialog().getByLabel('Name').fill('Leavers');
    await button('Add').click();
    await page.getByRole('heading', { level: 1, name: 'Leavers' }).waitFor();
    await page.getByRole('button', { name: 'Add mailboxes…' }).first().click();
    await dialog().getByLabel('Mailboxes', { exact: false }).first().fill(`${USER}\nno address\nuser2@fabrikam.test,user2.txt`);
    await button('Add mailboxes').click();
    await dialog().getByText('2 rows have faults.').waitFor();
    await dialog().getByText('Nothing was added.').waitFor();
    await dialog().getByRole('cell', { name: 'user2@fabrikam.test,user2.txt' }).waitFor();
    expect(await findingsOf(page)).toEqual([]);
    await dialog().getByLabel('Add the good rows even if others have faults').check();
    await button('Add mailboxes').click();
    await dialog().getByText('1 mailbox was added.').waitFor();
    await button('Close').click();
    await page.getByRole('link', { name: USER }).waitFor();
  }, 60_000);

  it('has options whose filters can be looked at before they hold', async () => {
    await page.getByRole('button', { name: 'Advanced options…' }).click();
    await dialog().getByLabel('Folder filter').fill('^#Nonsense#');
    await button('Save').click();
    await dialog()
      .getByText(/#Nonsense# is not a well-known folder/)
      .waitFor();
    await dialog().getByLabel('Folder filter').fill('^#DeletedItems#');
    await dialog().getByLabel('Journals').uncheck();
    await button('Preview').click();
    await dialog()
      .getByText(/Known so far: 0 folders of 0 of 1 mailboxes/)
      .waitFor();
    expect(await findingsOf(page)).toEqual([]);
    await button('Save').click();
    await dialog().waitFor({ state: 'detached' });
    const { body } = await system().api.get<{ options: object }>(`/projects/${new URL(page.url()).pathname.split('/')[2]!}`);
    expect(body.options).toMatchObject({
      folderFilter: ['^#DeletedItems#'],
      itemTypes: ['email', 'calendars', 'contacts', 'tasks', 'notes'],
    });
  });

  it('loses no change that somebody else has made meanwhile', async () => {
    const projectId = new URL(page.url()).pathname.split('/')[2]!;
    await page.getByRole('button', { name: 'More' }).click();
    await page.getByRole('menuitem', { name: 'Edit project…' }).click();
    await dialog().getByLabel('Part size in GiB').fill('5');
    expect((await system().api.send('PATCH', `/projects/${projectId}`, { name: 'First wave' })).status).toBe(200);
    await looksAgain(page, 'Save');
    await dialog().locator('input[value="First wave"]').waitFor();
    await dialog().getByLabel('Part size in GiB').fill('5');
    await button('Save').click();
    await dialog().waitFor({ state: 'detached' });
    const { body } = await system().api.get(`/projects/${projectId}`);
    expect(body).toMatchObject({ name: 'First wave', partBytes: 5 * 1024 ** 3 });
  });

  it('and ends with a PST, once the user has a bundle', async () => {
    const choose = async (item: string): Promise<void> => {
      await page.getByRole('button', { name: 'Actions' }).click();
      await page.getByRole('menuitem', { name: item }).click();
    };
    await page.getByRole('checkbox', { name: `Select ${USER}` }).check();
    await choose('Full Migration…');
    await button('Full Migration').click();
    await dialog().getByText('licence.not-applied').waitFor();
    await button('Close').click();
    await choose('Apply bundles…');
    await dialog().getByText('5 bundles are left.').waitFor();
    await button('Apply bundles').click();
    await dialog().getByText('1 user has a bundle.').waitFor();
    await button('Close').click();
    await choose('Full Migration…');
    await button('Full Migration').click();
    await dialog().getByText('Accepted for 1 mailbox.').waitFor();
    await button('Close').click();
    await page.getByRole('gridcell', { name: 'Completed', exact: true }).waitFor({ timeout: 60_000 });
  }, 120_000);
});
