import type { Page } from 'playwright-core';
import { consoleOfSuite, describeBrowser, findingsOf } from './browser.fixture.js';

describeBrowser('licences in a browser', () => {
  const { system, signedIn, signedInAs, looksSound } = consoleOfSuite({ PSTREAM_LICENCE_PRICE: '2026-11 15.00 EUR' });
  let page: Page;
  let customerId: string;
  const dialog = () => page.getByRole('dialog');
  const button = (name: string) => dialog().getByRole('button', { name, exact: true });
  const heading = (name: string | RegExp, on = page) => on.getByRole('heading', { level: 1, name });
  const nav = (on: Page) => on.getByRole('navigation', { name: 'Pages' }).getByRole('link').allTextContents();

  beforeAll(async () => {
    const customer = await system().api.make('/customers', { name: 'Contoso' });
    await system().api.shows('/customers', customer);
    customerId = customer.id;
    page = await signedIn();
  }, 120_000);

  it('are bought by card, once somebody has read what to know and seen the amount', async () => {
    await page.getByRole('link', { name: 'Licences' }).click();
    await page.getByText('No orders yet.').waitFor();
    await page.getByRole('button', { name: 'Buy licences…' }).click();
    await heading('Buy licences').waitFor();
    await page.getByText('cannot be moved to another user').waitFor();
    const place = page.getByRole('button', { name: 'Place order' });
    expect(await place.isDisabled()).toBe(true);
    await page.getByLabel('Licences').fill('3');
    await page.getByText('€45.00').waitFor();
    await page.getByText('€15.00 each, in EUR, price list 2026-11').waitFor();
    await page.getByLabel('I have read “Before you buy”.').check();
    await page.getByRole('textbox', { name: 'Coupon' }).fill('NOTHING');
    await page.getByText('pstream licence buy 3 --coupon NOTHING --yes').waitFor();
    await place.click();
    await page.getByText('coupon.unknown').waitFor();
    await page.getByRole('textbox', { name: 'Coupon' }).fill('');
    await place.click();
    await heading('Order of 3 licences').waitFor();
    await page.getByText('The licences are released and can be applied to users.').waitFor();
  });

  it('are applied to users on the page of their customer', async () => {
    await page.goto(`${system().url}/customers/${customerId}`);
    await page.getByText('No user of this customer has a licence.').waitFor();
    await page.getByRole('button', { name: 'Apply bundles…' }).click();
    await dialog().getByLabel('Addresses').fill('ann@contoso.com, bob@contoso.com');
    await dialog().getByText('2 users so far.').waitFor();
    await dialog().getByText(`pstream licence apply ${customerId} ann@contoso.com bob@contoso.com`).waitFor();
    expect(await findingsOf(page)).toEqual([]);
    await dialog().getByRole('button', { name: 'Apply bundles' }).click();
    await dialog().getByText('2 users have a bundle.').waitFor();
    await dialog().getByRole('button', { name: 'Close' }).click();
    await page.getByRole('rowheader', { name: 'ann@contoso.com' }).waitFor();
  });

  it('by wire transfer wait for the money, with what to transfer and under which reference', async () => {
    await page.goto(`${system().url}/licences/buy`);
    await page.getByLabel('Licences').fill('100');
    await page.getByLabel('Payment').selectOption('wire');
    await page.getByLabel('I have read “Before you buy”.').check();
    await page.getByRole('button', { name: 'Place order' }).click();
    await heading('Order of 100 licences').waitFor();
    const pay = page.getByRole('region', { name: 'Pay by wire transfer' });
    await pay.getByText('€1,500.00').waitFor();
    const orderId = new URL(page.url()).pathname.split('/').at(-1)!;
    await pay
      .locator('code')
      .filter({ hasText: new RegExp(`^${orderId}$`) })
      .waitFor();
    await page.getByRole('button', { name: 'Record payment…' }).click();
    await dialog().getByRole('button', { name: 'Record payment' }).click();
    await dialog().getByText('This field cannot be left blank.').waitFor();
    await dialog().getByLabel('Reference').fill('INV 42');
    await dialog().getByText(`pstream licence record-payment ${orderId} 'INV 42'`).waitFor();
    expect(await findingsOf(page)).toEqual([]);
    await dialog().getByRole('button', { name: 'Record payment' }).click();
    await page.getByText('The licences are released and can be applied to users.').waitFor();
  });

  it('can be renewed, which is an order of its own', async () => {
    await page.getByRole('button', { name: 'Renew…' }).click();
    await heading('Renew licences').waitFor();
    await page.getByText('Extends 100 licences by twelve months').waitFor();
    await page.getByLabel('Payment').selectOption('wire');
    await page.getByLabel('I have read “Before you buy”.').check();
    await page.getByRole('button', { name: 'Place order' }).click();
    await page.getByText('Renewal of').waitFor();
    await page.getByRole('button', { name: 'Cancel order…' }).click();
    await dialog().getByRole('button', { name: 'Cancel order' }).click();
    await page.getByText('The order was cancelled.', { exact: false }).waitFor();
  });

  it('are refunded as long as none is applied, and refused with the reason afterwards', async () => {
    await page.goto(`${system().url}/licences`);
    await page
      .getByRole('row', { name: /€45\.00/ })
      .getByRole('link')
      .click();
    await page.getByRole('button', { name: 'Refund…' }).click();
    await dialog().getByRole('button', { name: 'Refund' }).click();
    await dialog().getByText('order.licences-applied').waitFor();
    await dialog().getByRole('button', { name: 'Cancel' }).click();
    await page.goto(`${system().url}/licences`);
    await page
      .getByRole('row', { name: /Released.*€1,500\.00/ })
      .getByRole('link')
      .click();
    await page.getByRole('button', { name: 'Refund…' }).click();
    await dialog().getByLabel('Reference').fill('REF-7');
    await dialog().getByRole('button', { name: 'Refund' }).click();
    await page.getByText('The money was returned, and the licences were withdrawn.').waitFor();
  });

  it("open the provider's payment page beside the page of the order, to whoever may pay", async () => {
    const [first] = (await system().api.get<{ orders: { orderId: string }[] }>('/licences')).body.orders;
    await page.route(`**/v1/orders/${first!.orderId}`, async (route) => {
      const shown = (await (await route.fetch()).json()) as object;
      await route.fulfill({
        json: {
          ...shown,
          status: 'awaiting-payment',
          payment: 'card',
          expiresAt: null,
          checkoutUrl: 'https://checkout.stripe.example/pay',
        },
      });
    });
    await page.goto(`${system().url}/licences/orders/${first!.orderId}`);
    const link = page.getByRole('link', { name: 'Open payment page' });
    await link.waitFor();
    expect(await link.getAttribute('href')).toBe('https://checkout.stripe.example/pay');
    expect(await link.getAttribute('rel')).toMatch(/^no(opener) /);
    expect(await findingsOf(page)).toEqual([]);
    await page.unroute(`**/v1/orders/${first!.orderId}`);
  });

  it('have coupons, which whoever runs the installation makes and withdraws', async () => {
    await page.goto(`${system().url}/licences`);
    await page.getByText('No coupons yet.').waitFor();
    await page.getByRole('button', { name: 'Make coupon…' }).click();
    await dialog().getByLabel('Code').fill('x');
    await dialog().getByLabel('Last day').fill('2099-01-31');
    await button('Make coupon').click();
    await dialog().getByText('Give 3 to 40 letters, digits and hyphens.').waitFor();
    await dialog().getByLabel('Code').fill('spring');
    await dialog().getByText('pstream licence coupons create spring --percent 10 --until 2099-01-31').waitFor();
    expect(await findingsOf(page)).toEqual([]);
    await button('Make coupon').click();
    const coupon = page.getByRole('region', { name: 'Coupons' }).getByRole('row').filter({ hasText: 'SPRING' });
    await coupon.getByText('Valid').waitFor();
    await coupon.getByRole('button', { name: 'Withdraw SPRING' }).click();
    await button('Withdraw').click();
    await coupon.getByText('Withdrawn').waitFor();
    expect(await findingsOf(page)).toEqual([]);
  });

  it('are the whole of what Finance sees beside customers and people', async () => {
    const finance = await signedInAs('finance');
    await finance.getByRole('link', { name: 'Licences' }).waitFor();
    expect(await nav(finance)).toEqual(['Overview', 'Customers', 'Licences', 'People']);
    await finance.getByRole('link', { name: 'Licences' }).click();
    await finance.getByRole('button', { name: 'Buy licences…' }).waitFor();
    await finance.goto(`${system().url}/customers/${customerId}`);
    await finance.getByRole('rowheader', { name: 'ann@contoso.com' }).waitFor();
    expect(await finance.getByRole('button', { name: 'Apply bundles…' }).count()).toBe(0);
    expect(await finance.getByRole('alert').count()).toBe(0);
  });

  it('are only looked at by a viewer, with the reason and whom to ask', async () => {
    const viewer = await signedInAs('viewer');
    await viewer.getByRole('link', { name: 'Licences' }).click();
    await viewer.getByText(/You can see licences but not buy them: your role is Viewer/).waitFor();
    expect(await viewer.getByRole('button', { name: 'Buy licences…' }).count()).toBe(0);
    await viewer.goto(`${system().url}/licences/buy`);
    await viewer.getByText(/You can see licences but not buy them/).waitFor();
    expect(await viewer.getByRole('button', { name: 'Place order' }).count()).toBe(0);
  });

  it('say at their page that an order is not there', async () => {
    await page.goto(`${system().url}/licences/orders/01J8ZQ4N5W9K7C1B2D3E4F5G6H`);
    await page.getByText('order.unknown').waitFor();
    await page.getByRole('button', { name: 'Try again' }).waitFor();
  });

  looksSound(async () => {
    const { body } = await system().api.get<{ orders: { orderId: string }[] }>('/licences');
    const each = body.orders.map(({ orderId }) => `/licences/orders/${orderId}`);
    return ['/licences', '/licences/buy', ...each, `/customers/${customerId}`];
  });

  it('are in German, too', async () => {
    const german = await signedIn({ locale: 'de-DE' });
    await german.locator('nav a[href="/licences"]').click();
    await german.getByRole('cell', { name: '45,00 €' }).waitFor();
  });
});
