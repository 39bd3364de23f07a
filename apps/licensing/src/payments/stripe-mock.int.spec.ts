import { stripeCards } from './stripe-cards.js';

// stripe-mock checks every request against Stripe's own description of its API and answers with its examples; it remembers nothing.
// PSTREAM_TEST_STRIPE_MOCK is the address of one: `go install github.com/stripe/stripe-mock@v0.203.0`, then `stripe-mock -http-port 12111`.
const url = process.env['PSTREAM_TEST_STRIPE_MOCK'];
const describeMock = url === undefined ? describe.skip : describe;

describeMock('requests to Stripe, by its own description (needs PSTREAM_TEST_STRIPE_MOCK)', () => {
  const cards = stripeCards({ key: 'sk_test_123', url: url ?? 'http://127.0.0.1:1', returnUrl: 'http://127.0.0.1:4321/' });
  const order = { workgroupId: 'default', orderId: '01J8ZQ4N5W9K7C1B2D3E4F5G6H', quantity: 2, due: { currency: 'EUR', minor: 3000 } };

  it('open, look at, and close a session', async () => {
    const found = await cards.open(order);
    expect(found).toMatchObject({ is: 'open', checkout: expect.stringMatching(/^cs_/) });
    const checkout = found.is === 'open' ? found.checkout : '';
    expect(await cards.look(checkout)).toMatchObject({ is: 'open' });
    expect(await cards.close(checkout)).toMatchObject({ is: expect.stringMatching(/open|closed/) });
    await expect(cards.addressOf(checkout)).resolves.toBeDefined();
  });

  it('return money', async () => {
    expect(await cards.refund({ orderId: order.orderId, reference: 'pi_1', attempt: 1 })).toMatchObject({
      is: expect.stringMatching(/refunded|pending/),
    });
  });
});
