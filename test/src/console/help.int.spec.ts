import type { Page } from 'playwright-core';
import { consoleOfSuite, describeBrowser } from './browser.fixture.js';

describeBrowser('the manual in the console', () => {
  const { system, signedIn, looksSound } = consoleOfSuite();
  let page: Page;
  const heading = (name: string | RegExp) => page.getByRole('heading', { level: 1, name });

  beforeAll(async () => {
    page = await signedIn();
  });

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
    await page.goto(`${system().url}/projects/none`);
    await page.getByRole('link', { name: 'project.unknown' }).first().click();
    await heading('Problem codes').waitFor();
    expect(decodeURIComponent(new URL(page.url()).hash)).toBe('#project.unknown');
    await page.goto(`${system().url}/help/?code=no.such-code`);
    await page.getByText('0 places found').waitFor();
    await page.goto(`${system().url}/help/no/such/page`);
    await page.getByText('The manual has no such page.').waitFor();
  });

  looksSound(() => ['/help/', '/help/how-to/console', '/help/reference/problem-codes', '/help/?q=sas']);
});
