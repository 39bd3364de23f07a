import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from 'playwright-core';
import { consoleOfSuite, describeBrowser, findingsOf, looksAgain } from './browser.fixture.js';

describeBrowser('notices in a browser', () => {
  const { system, open, signedIn, looksSound } = consoleOfSuite({ PSTREAM_NOTICE_PRIVATE_HOSTS: '127.0.0.1' });
  let page: Page;
  let receiver: Server;
  let status = 200;
  const signatures: (string | string[] | undefined)[] = [];
  const dialog = () => page.getByRole('dialog');
  const button = (name: string) => dialog().getByRole('button', { name, exact: true });
  const heading = (name: string, on = page) => on.getByRole('heading', { level: 1, name });
  const row = (name: string) => page.getByRole('region', { name: 'Who is notified of what' }).getByRole('row').filter({ hasText: name });
  const sent = () => page.getByRole('region', { name: 'Recent notices' }).getByRole('row');
  const words = (kind: string) => page.getByRole('row').filter({ has: page.getByRole('rowheader', { name: kind, exact: true }) });
  const step = async (kind: string, what: string): Promise<void> => {
    await words(kind).getByRole('button', { name: 'Actions' }).click();
    await page.getByRole('menuitem', { name: what }).click();
  };
  const choose = async (who: string, what: string): Promise<void> => {
    await row(who).getByRole('button', { name: 'Actions' }).click();
    await page.getByRole('menuitem', { name: what }).click();
  };

  beforeAll(async () => {
    receiver = createServer((request, response) => {
      signatures.push(request.headers['webhook-signature']);
      request.resume();
      response.writeHead(status).end();
    });
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
    page = await signedIn();
  });
  afterAll(async () => {
    receiver.closeAllConnections();
    await new Promise((resolve) => receiver.close(resolve));
  });

  it('begin with a subscription by mail, each fault at its field', async () => {
    await page.getByRole('link', { name: 'Notices' }).click();
    await page.getByText('Nobody is notified of anything yet.').waitFor();
    await page.getByText('No notice has been made yet.').waitFor();
    await page.getByRole('button', { name: 'Add subscription…' }).first().click();
    await button('Add subscription').click();
    expect(await dialog().getByText('This field cannot be left blank.').count()).toBe(2);
    await dialog().getByLabel('Name').fill('Operations');
    await dialog().getByLabel('Mail addresses').fill('ada');
    await button('Add subscription').click();
    await dialog().getByText('Give a mail address such as ada@contoso.com.').waitFor();
    await dialog().getByLabel('Mail addresses').fill('ada@contoso.com\nben@contoso.com');
    await dialog().getByText('pstream notice add Operations --mail ada@contoso.com ben@contoso.com').waitFor();
    expect(await findingsOf(page)).toEqual([]);
    await button('Add subscription').click();
    await row('Operations').getByText('ben@contoso.com').waitFor();
    await row('Operations').getByText('Active').waitFor();
  });

  it('say it in words of the workgroup, looked at before they are saved', async () => {
    await page.getByRole('link', { name: 'Notice templates' }).click();
    await heading('Notice templates').waitFor();
    await words('passes failed').getByText('usual').first().waitFor();
    await step('passes failed', 'Edit…');
    await dialog().getByText('{pass-kind}').waitFor();
    await dialog().getByLabel('Subject').fill('Help {customer}: {password}');
    await button('Preview').click();
    await dialog().getByText('"{password}" in the subject is no placeholder of pass.failed.').waitFor();
    await dialog().getByLabel('Subject').fill('Help {customer}: {count} failed');
    await dialog().getByLabel('Text').fill('{mailbox}\n{cause');
    await button('Save').click();
    await dialog().getByText('The body has a brace at position 11').waitFor();
    await dialog().getByLabel('Text').fill('{mailbox}\n{cause}');
    await button('Preview').click();
    const preview = dialog().getByRole('region', { name: 'Preview' });
    await preview.getByText('Test: Help Contoso: 1 failed').waitFor();
    expect(await preview.locator('pre').textContent()).toContain('- ada@contoso.com\n  graph.mailbox-forbidden\n');
    expect(await findingsOf(page)).toEqual([]);
    await dialog().getByLabel('Text').fill('{cause}');
    await dialog().getByText('The words have changed since the preview.').waitFor();
    await dialog().getByText("pstream notice word pass.failed --subject 'Help {customer}: {count} failed' --body '{cause}'").waitFor();
    await button('Save').click();
    await words('passes failed').getByText('Help {customer}: {count} failed').waitFor();
  });

  it('are tested in these words, and get the usual ones back', async () => {
    await step('passes failed', 'Test…');
    await dialog().getByLabel('Send to').selectOption({ label: 'Operations' });
    await dialog()
      .getByText(/pstream notice test \w{26} --about pass.failed/)
      .waitFor();
    await button('Send test').click();
    await dialog().getByText('The notice went out. Check that it arrived.').waitFor();
    await button('Close').click();
    await step('passes failed', 'Reset…');
    await dialog().getByText('pstream notice word pass.failed --subject usual --body usual').waitFor();
    expect(await findingsOf(page)).toEqual([]);
    // Somebody else is quicker.
    expect((await system().api.send('PATCH', '/notices/templates/pass.failed', { body: '{advice}' })).status).toBe(200);
    await looksAgain(page, 'Reset');
    await dialog().getByText('{advice}').waitFor();
    await button('Reset').click();
    await dialog().waitFor({ state: 'detached' });
    await words('passes failed').getByText('{advice}').waitFor({ state: 'detached' });
  });

  it('are tested, and the test is among the recent ones', async () => {
    await page.goto(`${system().url}/notices`);
    await row('Operations').getByRole('button', { name: 'Test' }).click();
    await button('Send test').click();
    await dialog().getByText('The notice went out. Check that it arrived.').waitFor();
    expect(await findingsOf(page)).toEqual([]);
    await button('Close').click();
    await sent().filter({ hasText: 'Operations' }).getByText('Sent').nth(1).waitFor();
  });

  it('go to a webhook, whose key is shown once and whose address never', async () => {
    const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook?sig=hunter2`;
    await page.getByRole('button', { name: 'Add subscription…' }).click();
    await dialog().getByLabel('Name').fill('Tickets');
    await dialog().getByLabel('By', { exact: true }).selectOption('webhook');
    await dialog().getByLabel('Address').fill(url);
    await dialog().getByText('pstream notice add Tickets --webhook-file address.txt').waitFor();
    await button('Add subscription').click();
    expect(await dialog().locator('code.secret').textContent()).toMatch(/^whsec_/);
    expect(await findingsOf(page)).toEqual([]);
    await button('Close').click();
    await row('Tickets').getByText('127.0.0.1').waitFor();
    expect(await page.content()).not.toMatch(/hunter2|whsec_/);
    await row('Tickets').getByRole('button', { name: 'Test' }).click();
    await button('Send test').click();
    await dialog().getByText('The notice went out.').waitFor();
    expect(signatures.at(-1)).toMatch(/^v1,/);
    status = 410;
    await button('Send again').click();
    await dialog().getByText('The notice did not go out.').waitFor();
    await dialog().getByText('notice.refused').waitFor();
    expect(await findingsOf(page)).toEqual([]);
    await button('Close').click();
    await page.getByLabel('State').selectOption('given-up');
    await sent().filter({ hasText: 'Tickets' }).getByText('Given up').waitFor();
    expect(page.url()).toBe(`${system().url}/notices?state=given-up`);
  });

  it('are changed, paused and removed', async () => {
    await choose('Operations', 'Edit…');
    await dialog().getByRole('checkbox', { name: 'passes begun' }).check();
    await dialog().getByLabel('Mail addresses').fill('eve@contoso.com');
    await dialog()
      .getByText(/pstream notice edit \w{26} --mail eve@contoso.com --about pass.started,/)
      .waitFor();
    await button('Save').click();
    await row('Operations').getByText('eve@contoso.com').waitFor();
    await row('Operations').getByText('passes begun').waitFor();
    await choose('Operations', 'Pause…');
    const [operations] = await system().api.all<{ subscriptionId: string }>('/notices/subscriptions');
    const by = `/notices/subscriptions/${operations!.subscriptionId}`;
    expect((await system().api.send('PATCH', by, { to: ['finn@contoso.com'] })).status).toBe(200);
    await looksAgain(page, 'Pause');
    await button('Pause').click();
    await row('Operations').getByText('finn@contoso.com').waitFor();
    await row('Operations').getByText('Paused').waitFor();
    await choose('Operations', 'Resume…');
    await button('Resume').click();
    await row('Operations').getByText('Active').waitFor();
    await choose('Operations', 'Remove…');
    expect(await findingsOf(page)).toEqual([]);
    await button('Remove').click();
    await row('Operations').waitFor({ state: 'detached' });
    await page.goto(`${system().url}/notices`);
    await sent().filter({ hasText: 'removed subscription' }).first().waitFor();
  });

  it('are not offered to whoever may not manage them', async () => {
    const { path } = (await system().api.post<{ path: string }>('/people', { email: 'ben@contoso.com', role: 'agent' })).body;
    const ben = await open();
    await ben.goto(`${system().url}${path}`);
    await heading('Overview', ben).waitFor();
    expect(await ben.getByRole('link', { name: 'Notices' }).count()).toBe(0);
    await ben.goto(`${system().url}/notices`);
    await ben.getByText('Your role, Agent, does not see this page.').waitFor();
    expect(await findingsOf(ben)).toEqual([]);
  });

  looksSound(() => ['/notices', '/notices?state=given-up', '/notices/templates']);
});
