import { rightsOf, type Right } from '@pstream/api';
import { DEFAULT_WORKGROUP, ROLES } from '@pstream/contracts';
import type { Page } from 'playwright-core';
import { consoleOfSuite, describeBrowser, findingsOf, looksAgain } from './browser.fixture.js';

/** Rows of the table of roles, and the right that each stands for. */
const MAY: readonly (readonly [string, Right])[] = [
  ['See customers', 'customers.view'],
  ['See projects, mailboxes and reports', 'exports.view'],
  ['Set up and run exports, apply licences', 'exports.run'],
  ['See licences and orders', 'licences.view'],
  ['Buy licences', 'licences.buy'],
  ['Record and return payments', 'payments.record'],
  ['See who works here', 'people.view'],
  ['Invite and change people, service accounts', 'people.manage'],
  ['See who did what', 'audit.view'],
  ['Decide who is notified of what', 'notices.manage'],
  ['Rename and share the workgroup, own it', 'workgroup.manage'],
  ['Read models, dead letters, coupons, pause of everything', 'system'],
];

describeBrowser('people and tokens in a browser', () => {
  const { system, open, signedIn, looksSound } = consoleOfSuite();
  let page: Page;
  /** Somebody who was invited as an agent. */
  let ada: Page;
  const dialog = () => page.getByRole('dialog');
  const button = (name: string) => dialog().getByRole('button', { name, exact: true });
  const heading = (name: string | RegExp, on = page) => on.getByRole('heading', { level: 1, name });
  const row = (name: string) => page.getByRole('row').filter({ hasText: name });
  const choose = async (who: string, what: string): Promise<void> => {
    await row(who).getByRole('button', { name: 'Actions' }).click();
    await page.getByRole('menuitem', { name: what }).click();
  };

  beforeAll(async () => {
    page = await signedIn();
  }, 120_000);

  it('begin with an invitation, whose address is shown once and signs in once', async () => {
    await page.getByRole('link', { name: 'People' }).click();
    await page.getByText('Nobody has been invited yet.').waitFor();
    await page.getByRole('button', { name: 'Invite…' }).first().click();
    await button('Invite').click();
    await dialog().getByText('This field cannot be left blank.').waitFor();
    await dialog().getByLabel('Mail address').fill('ada');
    await button('Invite').click();
    await dialog()
      .getByText(/address/i)
      .first()
      .waitFor();
    await dialog().getByLabel('Mail address').fill('ada@contoso.com');
    await dialog().getByLabel('Name').fill('Ada Lovelace');
    await dialog().getByText("pstream people invite ada@contoso.com --name 'Ada Lovelace' --role agent").waitFor();
    expect(await findingsOf(page)).toEqual([]);
    await button('Invite').click();
    const address = await dialog().locator('code.secret').textContent();
    expect(address).toMatch(new RegExp(`^${system().url}/#code=psc_`));
    await dialog().getByText('It is shown this once and stored nowhere.').waitFor();
    await button('Close').click();
    await row('Ada Lovelace').getByText('Invited').waitFor();
    expect(await page.content()).not.toContain('psc_');
    ada = await open();
    await ada.goto(address!);
    await heading('Overview', ada).waitFor();
    await row('Ada Lovelace').getByText('Active').waitFor({ timeout: 20_000 });
  }, 60_000);

  it('see what their role may do, as the gateway decides it', async () => {
    await page.getByText('What the roles may do').click();
    const region = page.getByRole('region', { name: 'What the roles may do' });
    const shown = Object.fromEntries(
      await Promise.all(
        MAY.map(async ([text, right]) => [
          right,
          (await region.getByRole('row', { name: text }).getByRole('cell').allTextContents()).map((cell) => cell === 'yes'),
        ]),
      ),
    ) as Record<Right, boolean[]>;
    expect(shown).toEqual(
      Object.fromEntries(MAY.map(([, right]) => [right, ROLES.map((role) => rightsOf(role, DEFAULT_WORKGROUP).includes(right))])),
    );
    expect(await region.getByRole('columnheader').allTextContents()).toEqual(['May', 'Owner', 'Admin', 'Agent', 'Viewer', 'Finance']);
    expect(ROLES).toEqual(['owner', 'admin', 'agent', 'viewer', 'finance']);
  });

  it('without the right see who is there, and why they cannot change it', async () => {
    await ada.getByRole('link', { name: 'People' }).click();
    await ada.getByText(/You can see who works here but not change it: your role is Agent/).waitFor();
    expect(await ada.getByRole('button', { name: /^(Invite…|Actions|Rename workgroup…)$/ }).count()).toBe(0);
    expect(await ada.getByRole('switch').isDisabled()).toBe(true);
    expect(await findingsOf(ada)).toEqual([]);
  });

  it('make tokens of their own, whose value is shown once', async () => {
    await ada.getByRole('banner').getByRole('button').last().click();
    await ada.getByRole('menuitem', { name: 'Your account' }).click();
    await ada.getByText('No tokens yet.').waitFor();
    await ada.getByRole('button', { name: 'Create token…' }).click();
    const form = ada.getByRole('dialog');
    expect(await form.getByLabel('Role').locator('option').allTextContents()).toEqual(['Agent', 'Viewer']);
    expect(await form.getByLabel('Service account').count()).toBe(0);
    await form.getByLabel('Name').fill('laptop');
    await form.getByLabel('Role').selectOption('viewer');
    await form.getByText('pstream token create laptop --role viewer --days 90').waitFor();
    await form.getByRole('button', { name: 'Create token' }).click();
    const value = await form.locator('code.secret').textContent();
    const me = await fetch(`${system().url}/v1/me`, { headers: { authorization: `Bearer ${value}` } });
    expect(await me.json()).toMatchObject({ role: 'viewer', name: 'laptop' });
    await form.getByRole('button', { name: 'Close' }).click();
    expect(await ada.content()).not.toContain(value);
    await ada.getByRole('row').filter({ hasText: 'laptop' }).getByText('never', { exact: true }).waitFor({ state: 'detached' });
  });

  it('make service accounts, and revoke tokens, if they manage people', async () => {
    await page.goto(`${system().url}/account`);
    await row('laptop').getByText('Ada Lovelace').waitFor();
    await page.getByRole('button', { name: 'Create token…' }).click();
    await dialog().getByLabel('Name').fill('ci');
    await dialog().getByLabel('Days until it expires').fill('');
    await dialog().getByLabel('Service account').check();
    await dialog().getByText('pstream token create ci --role agent --service').waitFor();
    expect(await findingsOf(page)).toEqual([]);
    await button('Create token').click();
    await dialog().locator('code.secret').waitFor();
    await button('Close').click();
    await row('ci').getByText('Service account').waitFor();
    await page.getByRole('button', { name: 'Revoke laptop' }).click();
    await button('Revoke').click();
    await row('laptop').waitFor({ state: 'detached' });
  });

  it('confine a token to customers, which it says where it is listed', async () => {
    const made = await system().api.make('/customers', { name: 'Contoso' });
    await system().api.shows(`/customers/${made.id}`, made);
    await page.reload();
    await page.getByRole('button', { name: 'Create token…' }).click();
    await dialog().getByLabel('Name').fill('billing');
    await dialog().getByRole('checkbox', { name: 'Only for some customers' }).check();
    await button('Create token').click();
    await dialog().getByRole('alert').waitFor();
    await dialog().getByRole('checkbox', { name: 'Contoso' }).check();
    await dialog().getByText(`pstream token create billing --role agent --days 90 --customer ${made.id}`).waitFor();
    expect(await findingsOf(page)).toEqual([]);
    await button('Create token').click();
    const value = await dialog().locator('code.secret').textContent();
    const me = await fetch(`${system().url}/v1/me`, { headers: { authorization: `Bearer ${value}` } });
    expect(await me.json()).toMatchObject({ name: 'billing', customerIds: [made.id] });
    await button('Close').click();
    await row('billing').getByText('only Contoso').waitFor();
  });

  it('sign in on another browser', async () => {
    await page.getByRole('button', { name: 'Sign in on another browser' }).click();
    const address = await dialog().locator('code.secret').textContent();
    await button('Close').click();
    const other = await open();
    await other.goto(address!);
    await heading('Overview', other).waitFor();
  });

  it('get another role, and stop being let in, from the next request on', async () => {
    await page.goto(`${system().url}/people`);
    await choose('Ada Lovelace', 'Change role…');
    await dialog().getByLabel('Role').selectOption('viewer');
    await dialog().getByText('pstream people role ada@contoso.com viewer').waitFor();
    const [agent] = await system().api.all<{ agentId: string }>('/people');
    expect((await system().api.send('PATCH', `/people/${agent!.agentId}`, { role: 'finance' })).status).toBe(200);
    await looksAgain(page, 'Change role');
    await dialog().getByLabel('Role').selectOption('viewer');
    await button('Change role').click();
    await row('Ada Lovelace').getByText('Viewer').waitFor();
    await choose('Ada Lovelace', 'Deactivate…');
    expect(await findingsOf(page)).toEqual([]);
    await button('Deactivate').click();
    await row('Ada Lovelace').getByText('Inactive').waitFor();
    await ada.getByRole('heading', { name: 'Sign in again' }).waitFor({ timeout: 30_000 });
    await choose('Ada Lovelace', 'Activate…');
    await button('Activate').click();
    await choose('Ada Lovelace', 'New sign-in address…');
    await button('New sign-in address').click();
    await dialog().locator('code.secret').waitFor();
    await button('Close').click();
    await choose('Ada Lovelace', 'Remove…');
    await button('Remove').click();
    await page.getByText('Nobody has been invited yet.').waitFor();
  }, 60_000);

  it('name their workgroup, share its projects or not, and limit it', async () => {
    await page.getByRole('button', { name: 'Rename workgroup…' }).click();
    await dialog().getByLabel('Name').fill('Night shift');
    await button('Rename workgroup').click();
    await page.getByText('Night shift').waitFor();
    await page.getByRole('switch', { name: 'Every agent sees all projects' }).click();
    await dialog().getByText('pstream workgroup share off').waitFor();
    expect((await system().api.send('PATCH', '/workgroup', { name: 'Day shift' })).status).toBe(200);
    await looksAgain(page, 'Stop sharing projects');
    await button('Stop sharing projects').click();
    await page.getByText('An agent sees the projects that they created; owners and admins see all.').waitFor();
    await page.getByRole('button', { name: 'Limit mailboxes at work…' }).click();
    await dialog().getByLabel('Most mailboxes at work at once').fill('0');
    await button('Save').click();
    await dialog().getByRole('alert').waitFor();
    await dialog().getByLabel('Most mailboxes at work at once').fill('12');
    await dialog().getByText('pstream workgroup limit 12').waitFor();
    await button('Save').click();
    await dialog().waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Limit mailboxes at work…' }).click();
    await button('Save').click();
    await dialog().getByText('This field cannot be left blank.').waitFor();
    await dialog().getByLabel('No limit of its own').check();
    await dialog().getByText('pstream workgroup limit none').waitFor();
    await button('Save').click();
    await dialog().waitFor({ state: 'detached' });
  });

  it('are invited again', async () => {
    expect((await system().api.post('/people', { email: 'eve@contoso.com', role: 'admin' })).status).toBe(201);
    await row('eve@contoso.com').getByText('Invited').waitFor({ timeout: 20_000 });
  });

  looksSound(() => ['/people', '/account']);
});
