import { generatedTenant, startTenant, type RunningTenant } from '@pstream/tenant-sim';
import type { Page } from 'playwright-core';
import { consoleOfSuite, describeBrowser, findingsOf } from './browser.fixture.js';
import { licensedProject, type TenantProject } from './project.fixture.js';

const USERS = ['user1@fabrikam.test', 'user2@fabrikam.test', 'user3@fabrikam.test'];
const HOSTILE = '<img src=x onerror=alert(1)>\u202etxt.exe';

describeBrowser('the console in a browser', () => {
  const { system, open, signedIn, signedInAs, looksSound } = consoleOfSuite();
  let tenant: RunningTenant;
  let project: TenantProject;
  let page: Page;

  const heading = (name: string | RegExp, on = page) => on.getByRole('heading', { level: 1, name });

  beforeAll(async () => {
    tenant = await startTenant({
      tenant: generatedTenant({ seed: 5, mailboxes: USERS.length, itemsPerMailbox: 40, sizeProfile: 'small' }),
      faults: { rules: [{ on: 'exportItems', mailbox: USERS[0]!, kind: 'primary', itemIndex: 7, effect: 'item-cut', times: 50 }] },
    });
    project = await licensedProject(system(), tenant, { customer: HOSTILE, users: USERS });
    page = await open();
  }, 120_000);
  afterAll(() => tenant.close());

  it('says how to sign in, and refuses a code that does not let in', async () => {
    await page.goto(system().url);
    await heading('Sign in').waitFor();
    await page.getByLabel('Sign-in address or code').fill(`${system().url}/#code=psc_wrong`);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('sign-in.code-invalid').waitFor();
    expect(await findingsOf(page)).toEqual([]);
  });

  it('signs in with an address, takes the code out of it and keeps a cookie that no script reads', async () => {
    await page.goto('about:blank');
    await page.goto(await system().signInAddress());
    await heading('Overview').waitFor();
    expect(page.url()).toBe(`${system().url}/`);
    expect(await page.evaluate('document.cookie')).toBe('');
    const [cookie] = await page.context().cookies();
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Strict' });
    await page.getByText('Live', { exact: true }).waitFor();
  });

  it('exports a project to verified PSTs, as it happens', async () => {
    await page.getByRole('link', { name: 'Leavers' }).click();
    await heading('Leavers').waitFor();
    await page.getByRole('checkbox', { name: 'Select the 3 shown' }).check();
    await page.getByRole('button', { name: 'Actions' }).click();
    await page.getByRole('menuitem', { name: 'Full Migration…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText(`pstream export start ${project.projectId} --all`).waitFor();
    expect(await findingsOf(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Full Migration' }).click();
    await dialog.getByText('Accepted for 3 mailboxes.').waitFor();
    await dialog.getByRole('button', { name: 'Close' }).click();
    // Nothing is loaded again: what is seen from here on came by itself.
    await page.getByRole('gridcell', { name: 'Completed', exact: true }).nth(1).waitFor({ timeout: 60_000 });
    await page.getByRole('region', { name: 'Progress' }).getByRole('strong').getByText('120 of 120 items').waitFor({ timeout: 60_000 });
  }, 120_000);

  it('shows one failed item of many in the bar of its mailbox', async () => {
    const failed = page.getByRole('row').filter({ hasText: USERS[0]! }).locator('.bar .failed');
    expect((await failed.boundingBox())?.width).toBeGreaterThanOrEqual(4);
    expect(await page.getByRole('row').filter({ hasText: USERS[1]! }).locator('.bar .failed').count()).toBe(0);
  });

  it('is live in a second tab, which hears the stream through the first', async () => {
    const second = await page.context().newPage();
    await second.goto(`${system().url}/customers`);
    await second.getByText('Live', { exact: true }).waitFor();
    await second.close();
  });

  it('shows what became of a mailbox: folders that add up, PSTs with their hash, what happened', async () => {
    await page.getByRole('link', { name: USERS[1]! }).click();
    await heading(USERS[1]!).waitFor();
    await page.getByRole('columnheader', { name: 'To account for' }).waitFor();
    await page.getByRole('tab', { name: /PSTs/ }).click();
    await page.getByText('Verified', { exact: false }).first().waitFor({ timeout: 60_000 });
    expect(page.url()).toContain('tab=parts');
    const { body } = await system().api.get<{ items: { sha256: string; name: string }[] }>(`/projects/${project.projectId}/parts`);
    const part = body.items.find(({ name }) => name === 'user2.pst');
    await page.locator(`code[title="${part?.sha256}"]`).waitFor();
    await page.getByRole('tab', { name: /Timeline/ }).click();
    await page.getByText('user2.pst read back and compared').waitFor();
  }, 60_000);

  it('groups errors by cause, and takes the reason of whoever accepts them', async () => {
    await page.goto(`${system().url}/projects/${project.projectId}/errors`);
    const acknowledge = page.getByRole('button', { name: 'Acknowledge…' }).first();
    await acknowledge.waitFor();
    expect(await findingsOf(page)).toEqual([]);
    await acknowledge.click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Acknowledge', exact: true }).click();
    await dialog.getByText('This field cannot be left blank.').waitFor();
    await dialog.getByLabel('Reason').fill('Agreed with the customer.');
    await dialog.getByRole('button', { name: 'Acknowledge', exact: true }).click();
    await dialog.getByText('1 item is acknowledged.').waitFor();
    await dialog.getByRole('button', { name: 'Close' }).click();
    await page.getByRole('tab', { name: 'Acknowledged' }).click();
    await page.getByText('Show the item').click();
    await page.getByText('Agreed with the customer.').waitFor();
  });

  it.each([
    ['viewer', /You can view this project but not start or stop anything: your role is Viewer/],
    ['finance', /Your role, Finance, sees customers and licences but no exports/],
  ] as const)('offers a %s no more than the role may do, and says why', async (role, reason) => {
    const other = await signedInAs(role);
    if (role === 'viewer') await other.getByRole('link', { name: 'Leavers' }).click();
    await other.getByText(reason).waitFor();
    await other
      .getByText(role === 'viewer' ? USERS[0]! : /bundles left/)
      .first()
      .waitFor();
    expect(await other.getByRole('button', { name: /^(Actions|Add mailboxes…|Advanced options…)$/ }).count()).toBe(0);
    expect(await other.getByRole('alert').count()).toBe(0);
    expect(await other.getByText('Not connected').count()).toBe(0);
    expect(await findingsOf(other)).toEqual([]);
  });

  it('is used by keyboard', async () => {
    await page.goto(`${system().url}/projects/${project.projectId}`);
    await page.locator('[data-row="0"]').focus();
    await page.keyboard.press('ArrowDown');
    await page.locator('[data-row="1"]:focus').waitFor();
    await page.keyboard.press('Space');
    await page.getByText('1 selected').waitFor();
    await page.keyboard.press('End');
    await page.locator('[data-row="2"]:focus').waitFor();
    await page.keyboard.press('Enter');
    await heading(USERS[2]!).waitFor();
  });

  it.each([false, true])('shows in the colours of the system what is selected, focused and drawn (dark: %s)', async (dark) => {
    const forced = await signedIn({ contrast: true, dark });
    await forced.goto(`${system().url}/projects/${project.projectId}`);
    const row = (at: number) => forced.locator(`[data-row="${at}"]`);
    await row(0).focus();
    await forced.keyboard.press('Space');
    await forced.getByText('1 selected').waitFor();
    await forced.keyboard.press('ArrowDown');
    await forced.locator('[data-row="1"]:focus').waitFor();
    const style = (of: string, name: string) =>
      forced.evaluate<string>(`getComputedStyle(document.querySelector('${of}')).getPropertyValue('${name}')`);
    const [selected, focused] = ['[data-row="0"]', '[data-row="1"]'] as const;
    const canvas = await style('.card', 'background-color');
    const highlight = await style(selected, 'background-color');
    expect(highlight).not.toBe(canvas);
    for (const what of [`${selected} a`, `${selected} .sign`]) expect([what, await style(what, 'color')]).not.toEqual([what, highlight]);
    expect(await style(focused, 'background-color')).not.toBe(highlight);
    expect(await style(focused, 'outline-style')).toBe('solid');
    expect(await style(focused, 'outline-color')).not.toBe(canvas);
    for (const [what, property] of [
      ['.bar', 'border-top-color'],
      ['.chip .sign', 'border-top-color'],
      ['.dot', 'border-top-color'],
      ['.bar .exported', 'background-color'],
      ['.bar .failed', 'background-color'],
      ['.chart.rate rect', 'fill'],
    ] as const)
      expect([what, await style(what, property)]).not.toEqual([what, canvas]);
    expect(await style('nav a.active', 'text-decoration-line')).toBe('underline');
    await forced.context().close();
  });

  it('keeps what the table shows in the address', async () => {
    await page.goto(`${system().url}/projects/${project.projectId}?q=user2&sort=failed&desc=true`);
    await page.getByRole('link', { name: USERS[1]! }).waitFor();
    expect(await page.getByRole('row').count()).toBe(2);
    await page.getByLabel('Search address or PST').fill('nobody');
    await page.getByText('Nothing matches these filters.').waitFor();
    await page.getByRole('button', { name: 'Clear filters' }).click();
    await page.getByRole('link', { name: USERS[0]! }).waitFor();
    expect(new URL(page.url()).searchParams.get('q')).toBeFalsy();
  });

  it('shows hostile names as text that does nothing', async () => {
    await page.goto(`${system().url}/customers`);
    const name = page.getByText('<img src=x onerror=alert(1)>', { exact: false });
    await name.waitFor();
    expect(await name.textContent()).toBe('<img src=x onerror=alert(1)>\ufffdtxt.exe');
    expect(await page.locator('img').count()).toBe(0);
    await name.click();
    await heading(/<img/).waitFor();
  });

  it('pauses, and counts what it does not show', async () => {
    await page.goto(`${system().url}/projects/${project.projectId}`);
    await page.getByRole('link', { name: USERS[0]! }).waitFor();
    await page.getByRole('button', { name: 'Pause view' }).click();
    await system().api.post(`/projects/${project.projectId}/passes`, { kind: 'verify', mailboxes: [USERS[2]!] });
    await page.getByText(/[1-9]\d* changes? since/).waitFor({ timeout: 30_000 });
    await page.getByRole('button', { name: 'Resume view' }).click();
    await page.getByText('Live', { exact: true }).waitFor();
  }, 60_000);

  it('says that it is not connected while the server is away, and goes on when it is back', async () => {
    await system().restart();
    await page.getByText('Live', { exact: true }).waitFor({ timeout: 30_000 });
    await system().api.post(`/projects/${project.projectId}/passes`, { kind: 'verify', mailboxes: [USERS[1]!] });
    await page
      .getByRole('gridcell', { name: 'Verified', exact: true })
      .or(page.getByRole('gridcell', { name: 'Completed', exact: true }))
      .first()
      .waitFor();
  }, 90_000);

  it('stays where it is when the session ends, until somebody has signed in again', async () => {
    const address = page.url();
    await page.evaluate(`fetch('/v1/sessions', { method: 'DELETE', headers: { 'X-PStream-CSRF': '1' } })`);
    await page.getByRole('heading', { name: 'Sign in again' }).waitFor({ timeout: 30_000 });
    expect(await findingsOf(page)).toEqual([]);
    await page.getByLabel('Sign-in address or code').fill(await system().signInAddress());
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: 'Sign in again' }).waitFor({ state: 'detached' });
    expect(page.url()).toBe(address);
    await page.getByRole('link', { name: USERS[0]! }).waitFor();
  }, 60_000);

  looksSound(async () => {
    const { projectId, customerId } = project;
    const [mailbox] = await system().api.all<{ mailboxJobId: string }>(`/projects/${projectId}/mailboxes`);
    const ofMailbox = ['', '?tab=errors', '?tab=parts', '?tab=checks'].map((tab) => `/mailboxes/${mailbox!.mailboxJobId}${tab}`);
    return [
      '/',
      '/projects',
      `/projects/${projectId}`,
      `/projects/${projectId}/errors?state=all`,
      ...ofMailbox,
      '/customers',
      `/customers/${customerId}`,
      '/nothing/here',
    ];
  });

  it('speaks the language of the browser', async () => {
    const german = await signedIn({ locale: 'de-DE' });
    await heading('Übersicht', german).waitFor();
    expect(await german.evaluate('document.documentElement.lang')).toBe('de');
    await german.getByRole('banner').getByRole('button').last().click();
    await german.getByRole('menuitemradio', { name: 'English' }).click();
    await heading('Overview', german).waitFor();
  });

  it('shows ten thousand mailboxes without as many elements', async () => {
    const { make, shows, get } = system().api;
    const { body } = await get<{ sourceEndpointId: string; destinationEndpointId: string; customerId: string }>(
      `/projects/${project.projectId}`,
    );
    const { sourceEndpointId, destinationEndpointId, customerId } = body;
    const large = await make(`/customers/${customerId}/projects`, {
      name: 'Large',
      type: 'mailbox',
      sourceEndpointId,
      destinationEndpointId,
      container: 'large',
    });
    await shows(`/projects/${large.id}`, large);
    const items = Array.from({ length: 10_000 }, (_none, n) => ({ source: `person${n}@fabrikam.test`, destination: `person${n}.pst` }));
    await shows(`/projects/${large.id}/mailboxes`, await make(`/projects/${large.id}/mailboxes`, { items }));
    await page.goto(`${system().url}/projects/${large.id}`);
    await page.locator('[aria-rowcount="10001"]').waitFor({ timeout: 30_000 });
    expect(await page.evaluate('document.querySelectorAll("*").length')).toBeLessThan(1_500);
    await page.getByRole('checkbox', { name: 'Select the 10,000 shown' }).check();
    await page.getByText('10,000 selected').waitFor();
    await page.getByLabel('Search address or PST').fill('person9999');
    await page.getByRole('link', { name: 'person9999@fabrikam.test' }).waitFor();
    await page.getByText('10,000 selected').waitFor();
  }, 120_000);
});
