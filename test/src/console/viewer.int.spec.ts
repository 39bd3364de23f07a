import { startTenant, type RunningTenant } from '@pstream/tenant-sim';
import type { PartView } from '@pstream/contracts';
import type { Page } from 'playwright-core';
import { HOSTILE, hostileTenant } from '../support/hostile-mailbox.js';
import { consoleOfSuite, describeBrowser, findingsOf, overflows } from './browser.fixture.js';
import { exportedPart } from './exported.fixture.js';

describeBrowser('looking into a PST in a browser', () => {
  const { system, signedIn, signedInAs } = consoleOfSuite();
  let tenant: RunningTenant;
  let part: PartView;
  let page: Page;

  const viewer = (): string => `${system().url}/mailboxes/${part.mailboxJobId}/parts/${part.partId}`;
  const letter = (on = page) => on.getByRole('region', { name: 'Message', exact: true });

  beforeAll(async () => {
    tenant = await startTenant({ tenant: hostileTenant() });
    part = await exportedPart(system(), tenant);
    page = await signedIn();
  }, 120_000);
  afterAll(() => tenant.close());

  it('is off until somebody allows it, with what that means', async () => {
    await page.goto(viewer());
    await page.getByText('Messages in the PSTs of this project cannot be looked at.').waitFor();
    expect(await findingsOf(page)).toEqual([]);
    await page.getByRole('button', { name: 'Allow…' }).click();
    await page.getByText(`pstream project viewing ${part.projectId} on`).waitFor();
    expect(await findingsOf(page)).toEqual([]);
    await page.getByRole('button', { name: 'Allow', exact: true }).click();
    await page.getByRole('navigation', { name: 'Folders' }).waitFor();
  });

  it('is reached from the PSTs of the mailbox', async () => {
    await page.goto(`${system().url}/mailboxes/${part.mailboxJobId}?tab=parts`);
    await page.getByRole('link', { name: 'Open: user1.pst' }).click();
    await page.getByRole('heading', { level: 1, name: 'user1.pst' }).waitFor();
    await page.getByRole('link', { name: /A plain letter/ }).waitFor();
    expect(await findingsOf(page)).toEqual([]);
  });

  it('shows hostile names and text as text', async () => {
    await page.getByRole('link', { name: /A plain letter/ }).click();
    await letter().getByText('{{constructor.constructor("alert(1)")()}} <b>not bold</b>').waitFor();
    expect(await letter().locator('b').count()).toBe(0);
    expect(await page.getByText('<img src=x onerror=alert(1)>\ufffdtxt.exe').count()).toBeGreaterThan(2);
    expect(await page.locator('img[src=x]').count()).toBe(0);
  });

  it('shows hostile HTML in a frame in which nothing runs, is fetched or leads anywhere', async () => {
    await page
      .getByRole('link', { name: /script/ })
      .first()
      .click();
    await letter().getByRole('heading', { level: 2, name: HOSTILE.subject }).waitFor();
    const frame = page.frameLocator('iframe');
    await frame.getByText('End of the letter').waitFor();
    await frame.getByText('bank').click();
    expect(await frame.locator('script, iframe, form, a, link, base, meta[http-equiv], svg, img').count()).toBe(0);
    expect(await page.locator('iframe').getAttribute('sandbox')).toBe('');
    expect(await findingsOf(page)).toEqual([]);
  });

  it('shows the same page by itself no differently', async () => {
    const address = await page.locator('iframe').getAttribute('src');
    const alone = await page.context().newPage();
    const told = new Set<string>();
    alone.on('request', (request) => told.add(new URL(request.url()).origin));
    const response = await alone.goto(`${system().url}${address!}`);
    expect(response?.headers()['content-security-policy']).toMatch(/default-src 'none'.*sandbox/);
    await alone.getByText('End of the letter').waitFor();
    expect([...told]).toEqual([system().url]);
    expect(await alone.evaluate('origin').catch(() => 'null')).toBe('null');
    await alone.close();
  });

  it('keeps an attachment under a name that leads nowhere, and opens a message within a message', async () => {
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      letter()
        .getByRole('link', { name: /script.*html/ })
        .click(),
    ]);
    expect(download.suggestedFilename()).toMatch(/^_?[^\\/<>]+\.html$/);
    await letter()
      .getByRole('link', { name: /txt\.exe/ })
      .click();
    await letter().getByRole('heading', { level: 2, name: 'A letter within' }).waitFor();
    await letter().getByText('Within.').waitFor();
  });

  it('searches subjects, by the keyboard alone', async () => {
    await page.getByRole('searchbox').focus();
    await page.keyboard.type('PLAIN');
    await page.keyboard.press('Enter');
    await page.getByText('1 found in 2 of 2 messages').waitFor();
    await page.getByRole('link', { name: /A plain letter/ }).focus();
    await page.keyboard.press('Enter');
    await letter().getByRole('heading', { level: 2, name: 'A plain letter' }).waitFor();
    await page.reload();
    await letter().getByRole('heading', { level: 2, name: 'A plain letter' }).waitFor();
    await page.getByRole('searchbox').fill('nothing of this');
    await page.keyboard.press('Enter');
    await page.getByText('No subject has this text.').waitFor();
  });

  it('says what is not there, and how to go on', async () => {
    await page.goto(`${viewer()}?message=%22ffffe4%22`);
    await page.getByText('part.no-such-item').waitFor();
    expect(await findingsOf(page)).toEqual([]);
  });

  it('is read at 320 pixels, in German and in dark', async () => {
    const narrow = await signedIn({ width: 320, dark: true, locale: 'de-DE' });
    await narrow.goto(viewer());
    await narrow.getByRole('link', { name: /A plain letter/ }).waitFor();
    expect(await overflows(narrow)).toBe(false);
    expect(await findingsOf(narrow)).toEqual([]);
    await narrow
      .getByRole('link', { name: /script/ })
      .first()
      .click();
    await narrow.frameLocator('iframe').getByText('End of the letter').waitFor();
    expect(await overflows(narrow)).toBe(false);
    expect(await findingsOf(narrow)).toEqual([]);
    await narrow.getByRole('link', { name: /^Zurück/ }).click();
    await narrow.getByRole('link', { name: /A plain letter/ }).waitFor();
  });

  it('is not for a viewer, and says so', async () => {
    const other = await signedInAs('viewer');
    await other.goto(viewer());
    await other.getByText(/Your role does not look into PSTs/).waitFor();
    expect(await findingsOf(other)).toEqual([]);
  });
});
