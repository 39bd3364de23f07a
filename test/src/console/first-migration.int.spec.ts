import { generatedTenant, startTenant, type RunningTenant } from '@pstream/tenant-sim';
import type { Page } from 'playwright-core';
import { consoleOfSuite, describeBrowser, findingsOf } from './browser.fixture.js';

const USER = 'user1@fabrikam.test';

describeBrowser('a first migration in a browser', () => {
  const { system, signedIn, signedInAs, looksSound } = consoleOfSuite();
  let tenant: RunningTenant;
  let page: Page;
  const dialog = () => page.getByRole('dialog');
  const button = (name: string) => dialog().getByRole('button', { name, exact: true });
  const step = (name: string, on = page) =>
    on.getByRole('listitem').filter({ has: on.getByRole('heading', { level: 2, name: new RegExp(`^\\d\\. ${name}$`) }) });
  /** Waits until a step is the next one. */
  const next = (name: string, on = page) => step(name, on).getByText(/Next$/).waitFor({ timeout: 30_000 });
  const press = (name: string, label: string) => step(name).getByRole('button', { name: label }).click();

  beforeAll(async () => {
    tenant = await startTenant({ tenant: generatedTenant({ seed: 5, mailboxes: 1, itemsPerMailbox: 20, sizeProfile: 'small' }) });
    await system().api.make('/orders', { quantity: 1, payment: 'card' });
    page = await signedIn();
  }, 120_000);
  afterAll(() => tenant.close());

  it('begins where there is nothing yet', async () => {
    await page.getByRole('link', { name: 'First migration' }).click();
    await page.getByRole('heading', { level: 1, name: 'First migration' }).waitFor();
    await next('Customer');
    expect(await findingsOf(page)).toEqual([]);
    await press('Customer', 'Add customer…');
    await dialog().getByLabel('Name').fill('Contoso');
    await button('Add').click();
    await next('Source');
    expect(page.url()).toMatch(/\/start\?customer=[0-9A-Z]{26}$/);
  });

  it('goes on with both ends, which can be tested as often as one likes', async () => {
    await press('Source', 'Add source…');
    const fill = (label: string, value: string) => dialog().getByLabel(label).fill(value);
    await fill('Name', 'Our tenant');
    await fill('Tenant', tenant.tenantId);
    await fill('Application (client) id', tenant.clientId);
    await dialog()
      .getByLabel(/^Secret/)
      .fill(tenant.clientSecret);
    await dialog().getByText('Simulated tenant').click();
    await fill('Address of Microsoft Graph', tenant.graphUrl);
    await fill('Address of the sign-in service', tenant.authorityUrl);
    await button('Add').click();
    await next('Destination');
    await press('Source', 'Test Our tenant');
    await step('Source').getByText('An export would work as far as was tried.').waitFor({ timeout: 30_000 });
    await press('Destination', 'Add destination…');
    await dialog().getByLabel('Name').fill('Exports');
    await dialog().getByLabel('Kind').selectOption('folder');
    await dialog().getByLabel('Path').fill(`${system().dir}/out`);
    await button('Add').click();
    await next('Project');
  }, 90_000);

  it('then a project and one mailbox', async () => {
    await press('Project', 'Add project…');
    await dialog().getByLabel('Name').fill('Leavers');
    await button('Add').click();
    await next('One mailbox');
    expect(new URL(page.url()).searchParams.get('project')).toMatch(/^[0-9A-Z]{26}$/);
    await press('One mailbox', 'Add mailboxes…');
    await dialog().getByLabel('Mailboxes', { exact: false }).first().fill(USER);
    await button('Add mailboxes').click();
    await next('Verify Credentials');
  }, 60_000);

  it('is resumed by another browser where it stopped, from its address alone', async () => {
    const address = page.url();
    const other = await signedIn();
    await other.goto(address);
    await next('Verify Credentials', other);
    await other.goto(`${system().url}/start`);
    await next('Verify Credentials', other);
    expect(
      await other.evaluate('Object.keys(localStorage).concat(Object.keys(sessionStorage)).filter((key) => /start|wizard/.test(key))'),
    ).toEqual([]);
  });

  it('verifies, applies the licence and exports, each as it happens', async () => {
    await press('Verify Credentials', 'Verify Credentials…');
    await button('Verify Credentials').click();
    await dialog().getByText('Accepted for 1 mailbox.').waitFor();
    await button('Close').click();
    await next('Export');
    await step('Export').getByText('A Full pass needs a licence for this user; a Trial is free.').waitFor();
    expect(await step('Export').getByRole('button', { name: 'Full Migration…' }).isDisabled()).toBe(true);
    expect(await findingsOf(page)).toEqual([]);
    await press('Licence', 'Apply bundles…');
    await button('Apply bundles').click();
    await dialog().getByText('1 user has a bundle.').waitFor();
    await button('Close').click();
    await step('Licence').getByText(/Done$/).waitFor();
    await press('Export', 'Full Migration…');
    await button('Full Migration').click();
    await dialog().getByText('Accepted for 1 mailbox.').waitFor();
    await button('Close').click();
    await page.getByText('The first PST is verified.').waitFor({ timeout: 60_000 });
    const { body } = await system().api.get<{ items: { sha256: string }[] }>(
      `/projects/${new URL(page.url()).searchParams.get('project')!}/parts`,
    );
    await step('Verified PST').locator(`code[title="${body.items[0]!.sha256}"]`).waitFor();
    await step('Verified PST')
      .getByText(/^pstream pst verify \//)
      .waitFor();
  }, 120_000);

  it('is followed by a viewer, who takes no step', async () => {
    const viewer = await signedInAs('viewer');
    await viewer.goto(`${system().url}/start`);
    await viewer.getByText(/You can follow the steps but not take them: your role is Viewer/).waitFor();
    await viewer.getByText('The first PST is verified.').waitFor();
    expect(
      await viewer
        .getByRole('main')
        .getByRole('button', { name: /…$|^Test/ })
        .count(),
    ).toBe(0);
  });

  it('is not for Finance, which sees no exports', async () => {
    const finance = await signedInAs('finance');
    for (const path of ['/start', '/plans']) {
      await finance.goto(`${system().url}${path}`);
      await finance.getByText(/Your role, Finance, sees customers and licences but no exports/).waitFor();
      expect(await finance.getByRole('alert').count()).toBe(0);
    }
  });

  looksSound(() => ['/start']);
});
