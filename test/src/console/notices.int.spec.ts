import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from 'playwright-core';
import { browserOfSuite, describeBrowser, expectSound, findingsOf, LOOKS, startConsole, type ConsoleSystem } from './browser.fixture.js';

describeBrowser('notices in a browser', () => {
  const { open, complaints } = browserOfSuite();
  let system: ConsoleSystem;
  let page: Page;
  let receiver: Server;
  let status = 200;
  const signatures: (string | string[] | undefined)[] = [];
  const dialog = () => page.getByRole('dialog');
  const button = (name: string) => dialog().getByRole('button', { name, exact: true });
  const heading = (name: string, on = page) => on.getByRole('heading', { level: 1, name });
  const row = (name: string) => page.getByRole('region', { name: 'Who is notified of what' }).getByRole('row').filter({ hasText: name });
  const sent = () => page.getByRole('region', { name: 'Recent notices' }).getByRole('row');
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
    system = await startConsole({ PSTREAM_NOTICE_PRIVATE_HOSTS: '127.0.0.1' });
    page = await open();
    await page.goto(await system.signInAddress());
    await heading('Overview').waitFor();
  }, 120_000);
  afterAll(async () => {
    receiver.closeAllConnections();
    await new Promise((resolve) => receiver.close(resolve));
    await system.close();
  });
  afterEach(() => expect(complaints.splice(0)).toEqual([]));

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

  it('are tested, and the test is among the recent ones', async () => {
    await row('Operations').getByRole('button', { name: 'Test' }).click();
    await button('Send test').click();
    await dialog().getByText('The notice went out. Check that it arrived.').waitFor();
    expect(await findingsOf(page)).toEqual([]);
    await button('Cancel').click();
    await sent().filter({ hasText: 'Operations' }).getByText('Sent').waitFor();
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
    await button('Cancel').click();
    await page.getByLabel('State').selectOption('given-up');
    await sent().filter({ hasText: 'Tickets' }).getByText('Given up').waitFor();
    expect(page.url()).toBe(`${system.url}/notices?state=given-up`);
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
    await button('Pause').click();
    await row('Operations').getByText('Paused').waitFor();
    await choose('Operations', 'Resume…');
    await button('Resume').click();
    await row('Operations').getByText('Active').waitFor();
    await choose('Operations', 'Remove…');
    expect(await findingsOf(page)).toEqual([]);
    await button('Remove').click();
    await row('Operations').waitFor({ state: 'detached' });
    await page.goto(`${system.url}/notices`);
    await sent().filter({ hasText: 'removed subscription' }).waitFor();
  });

  it('are not offered to whoever may not manage them', async () => {
    const { path } = (await system.api.post<{ path: string }>('/people', { email: 'ben@contoso.com', role: 'agent' })).body;
    const ben = await open();
    await ben.goto(`${system.url}${path}`);
    await heading('Overview', ben).waitFor();
    expect(await ben.getByRole('link', { name: 'Notices' }).count()).toBe(0);
    await ben.goto(`${system.url}/notices`);
    await ben.getByText('Your role, Agent, does not see this page.').waitFor();
    expect(await findingsOf(ben)).toEqual([]);
  });

  describe.each(LOOKS)('in %s at %i pixels', (theme, width) => {
    it('have nothing that axe objects to, and nothing beyond the width', async () => {
      const other = await open({ dark: theme === 'dark', width });
      await other.goto(await system.signInAddress());
      await heading('Overview', other).waitFor();
      await expectSound(other, system.url, ['/notices', '/notices?state=given-up']);
    }, 60_000);
  });
});
