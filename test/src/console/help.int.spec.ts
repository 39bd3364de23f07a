import type { Page } from 'playwright-core';
import { browserOfSuite, describeBrowser, expectSound, LOOKS, startConsole, type ConsoleSystem } from './browser.fixture.js';

describeBrowser('the manual in the console', () => {
  const { open, complaints } = browserOfSuite();
  let system: ConsoleSystem;
  let page: Page;
  const heading = (name: string | RegExp) => page.getByRole('heading', { level: 1, name });
  const signedIn = async (options?: Parameters<typeof open>[0]): Promise<Page> => {
    const other = await open(options);
    await other.goto(await system.signInAddress());
    await other.getByRole('heading', { level: 1 }).waitFor();
    return other;
  };

  beforeAll(async () => {
    system = await startConsole();
    page = await signedIn();
  }, 120_000);
  afterAll(() => system.close());
  afterEach(() => expect(complaints.splice(0)).toEqual([]));

  it('has its pages, and links between them', async () => {
    await page.getByRole('link', { name: 'Help', exact: true }).click();
    await heading('Help').waitFor();
    await page.getByRole('link', { name: 'use the console', exact: true }).click();
    await heading('Use the console').waitFor();
    await page.getByRole('heading', { level: 2, name: 'The pages' }).waitFor();
    expect(await page.locator('article script, article img, article iframe').count()).toBe(0);
  });

  it('is searched as one types, and leads to the place', async () => {
    await page.getByRole('searchbox').fill('throttled');
    await page.getByRole('link', { name: 'graph.throttled', exact: true }).first().click();
    await page.locator('[id="graph.throttled"]').waitFor();
    expect(decodeURIComponent(new URL(page.url()).hash)).toBe('#graph.throttled');
    await page.getByRole('searchbox').fill('no such word anywhere');
    await page.getByText('0 places found').waitFor();
  });

  it('explains the code of a problem that a page shows', async () => {
    await page.goto(`${system.url}/projects/none`);
    await page.getByRole('link', { name: 'project.unknown' }).first().click();
    await heading('Problem codes').waitFor();
    expect(decodeURIComponent(new URL(page.url()).hash)).toBe('#project.unknown');
    await page.goto(`${system.url}/help/?code=no.such-code`);
    await page.getByText('0 places found').waitFor();
    await page.goto(`${system.url}/help/no/such/page`);
    await page.getByText('The manual has no such page.').waitFor();
  });

  it.each(LOOKS)(
    'is sound in %s at %i pixels',
    async (theme, width) => {
      const other = await signedIn({ width, dark: theme === 'dark' });
      await expectSound(other, system.url, ['/help/', '/help/how-to/console', '/help/reference/problem-codes', '/help/?q=sas']);
    },
    60_000,
  );
});
