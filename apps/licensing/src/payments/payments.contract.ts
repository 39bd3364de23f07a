import type { PayableOrder, Payments } from './payments.js';

/** A provider under test, and the buyer. */
export type PaymentsUnderTest = {
  readonly payments: Payments;
  /** The buyer pays what the checkout asks for. */
  readonly pay: (checkout: string) => Promise<void> | void;
};

const order = (orderId: string): PayableOrder => ({ workgroupId: 'w', orderId, quantity: 2, due: { currency: 'EUR', minor: 3000 } });

/** Every provider on whose page the buyer pays must pass this. */
export const paymentsContract = (name: string, make: () => Promise<PaymentsUnderTest> | PaymentsUnderTest): void => {
  describe(`card payments by ${name}`, () => {
    let under: PaymentsUnderTest;
    beforeAll(async () => {
      under = await make();
    });
    const opened = async (orderId: string): Promise<string> => {
      const found = await under.payments.open(order(orderId));
      if (found.is !== 'open') throw new Error(`expected an open checkout, found ${found.is}`);
      return found.checkout;
    };

    it('are asked for once, however often the order is opened', async () => {
      const checkout = await opened('01J8ZQ4N5W9K7C1B2D3E4F5G01');
      expect(await opened('01J8ZQ4N5W9K7C1B2D3E4F5G01')).toBe(checkout);
      expect(await opened('01J8ZQ4N5W9K7C1B2D3E4F5G02')).not.toBe(checkout);
      expect(await under.payments.look(checkout)).toEqual({ is: 'open', checkout });
      expect(await under.payments.addressOf(checkout)).toMatch(/^https?:\/\//);
    });

    it('are reported with one reference and what was paid', async () => {
      const checkout = await opened('01J8ZQ4N5W9K7C1B2D3E4F5G03');
      await under.pay(checkout);
      const paid = await under.payments.look(checkout);
      expect(paid).toEqual({ is: 'paid', reference: expect.stringMatching(/./), paid: { currency: 'EUR', minor: 3000 } });
      expect(await under.payments.look(checkout)).toEqual(paid);
      expect(await under.payments.addressOf(checkout)).toBeUndefined();
    });

    it('cannot be made once they are closed, and closing again says the same', async () => {
      const checkout = await opened('01J8ZQ4N5W9K7C1B2D3E4F5G04');
      expect(await under.payments.close(checkout)).toMatchObject({ is: 'closed' });
      expect(await under.payments.close(checkout)).toMatchObject({ is: 'closed' });
      expect(await under.payments.look(checkout)).toMatchObject({ is: 'closed' });
      expect(await under.payments.addressOf(checkout)).toBeUndefined();
    });

    it('that were made before they are closed are reported as made', async () => {
      const checkout = await opened('01J8ZQ4N5W9K7C1B2D3E4F5G05');
      await under.pay(checkout);
      expect(await under.payments.close(checkout)).toMatchObject({ is: 'paid' });
    });

    it('are returned once, however often that is asked for', async () => {
      const orderId = '01J8ZQ4N5W9K7C1B2D3E4F5G06';
      const checkout = await opened(orderId);
      await under.pay(checkout);
      const paid = await under.payments.look(checkout);
      if (paid.is !== 'paid') throw new Error('it is paid');
      const first = await under.payments.refund({ orderId, reference: paid.reference, attempt: 1 });
      expect(first).toEqual({ is: 'refunded', reference: expect.stringMatching(/./) });
      expect(await under.payments.refund({ orderId, reference: paid.reference, attempt: 1 })).toEqual(first);
    });
  });
};
