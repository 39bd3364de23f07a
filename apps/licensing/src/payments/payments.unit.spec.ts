import { FakeCards } from './fake-cards.fixture.js';
import { paymentsContract } from './payments.contract.js';
import { trialCards } from './trial-cards.js';

paymentsContract('the provider of the specs', () => {
  const payments = new FakeCards();
  return { payments, pay: (checkout) => void payments.pay(checkout.slice('cs_'.length)) };
});

describe('the trial provider', () => {
  it('says yes at once, with the same receipt each time, and that no money moved', async () => {
    const order = { workgroupId: 'w', orderId: 'O1', quantity: 2, due: { currency: 'EUR', minor: 3000 } };
    const receipt = { is: 'paid', reference: 'trial-O1', paid: null };
    expect(await trialCards.open(order)).toEqual(receipt);
    expect(await trialCards.open(order)).toEqual(receipt);
    expect(await trialCards.refund({ orderId: 'O1', reference: 'trial-O1', attempt: 1 })).toEqual({
      is: 'refunded',
      reference: 'trial-refund-O1',
    });
  });

  it('neither ends nor returns what another provider has the money of', async () => {
    for (const ask of ['look', 'close'] as const)
      await expect(trialCards[ask]('cs_live_1')).rejects.toMatchObject({ code: 'payment.unknown', facts: { checkout: 'cs_live_1' } });
    expect(await trialCards.refund({ orderId: 'O1', reference: 'pi_1', attempt: 1 })).toEqual({
      is: 'failed',
      code: 'payment.refund-refused',
    });
  });
});
