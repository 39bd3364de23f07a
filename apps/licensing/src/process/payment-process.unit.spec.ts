import { placeOrder } from '../commands/handlers.js';
import { trialCards } from '../payments/trial-cards.js';
import { PaymentProcess } from './payment-process.js';
import { at, Shop, workgroupId } from './payments.fixture.js';

const ids = { workgroupId, orderId: 'O1' };

describe('the payment process', () => {
  it('asks the provider once the order is on record, and waits for the buyer', async () => {
    const shop = new Shop();
    const seen: string[][] = [];
    shop.cards.onOpen = async () => void seen.push(await shop.types('O1'));
    await shop.order('O1');
    await shop.process().advance(ids);
    expect(seen).toEqual([['OrderPlaced']]);
    expect(await shop.types('O1')).toEqual(['OrderPlaced', 'CheckoutOpened']);
    expect(await shop.process().advanceAll(workgroupId)).toEqual([]);
    expect(await shop.types('O1')).toEqual(['OrderPlaced', 'CheckoutOpened']);
  });

  it('finds a payment that nobody reported', async () => {
    const shop = new Shop();
    await shop.order('O1');
    await shop.process().advance(ids);
    shop.cards.pay('O1');
    await shop.process().advanceAll(workgroupId);
    expect(await shop.types('O1')).toEqual(['OrderPlaced', 'CheckoutOpened', 'PaymentReceived', 'LicencesReleased']);
  });

  it('ends an order that the buyer left', async () => {
    const shop = new Shop();
    await shop.order('O1');
    await shop.process().advance(ids);
    shop.cards.expire('O1');
    await shop.process().advanceAll(workgroupId);
    expect((await shop.events()).at(-1)).toMatchObject({ type: 'PaymentFailed', data: { code: 'payment.expired' } });
  });

  it('returns what was paid while the order was being cancelled', async () => {
    const shop = new Shop();
    await shop.order('O1');
    await shop.process().advance(ids);
    await shop.cancel('O1');
    shop.cards.pay('O1');
    await shop.process().advance(ids);
    expect(await shop.types('O1')).toEqual([
      'OrderPlaced',
      'CheckoutOpened',
      'OrderCancelRequested',
      'PaymentReceived',
      'RefundRequested',
      'OrderRefunded',
    ]);
  });

  it('closes the checkout of an order that was cancelled before the provider had answered', async () => {
    const shop = new Shop();
    await shop.order('O1');
    shop.cards.fail = () => 'after';
    await expect(shop.process().advance(ids)).rejects.toMatchObject({ code: 'payment.unavailable' });
    shop.cards.fail = () => undefined;
    await shop.cancel('O1');
    await shop.process().advance(ids);
    expect(await shop.types('O1')).toEqual(['OrderPlaced', 'OrderCancelRequested', 'CheckoutOpened', 'OrderCancelled']);
    expect(shop.cards.pay('O1')).toBe(false);
  });

  it('reports a refund that the provider refuses, and tries again when it is asked to', async () => {
    const shop = new Shop();
    await shop.order('O1');
    await shop.process().advance(ids);
    shop.cards.pay('O1');
    await shop.process().advance(ids);
    shop.cards.refusesRefunds = true;
    await shop.refund('O1');
    await shop.process().advance(ids);
    expect(shop.noticed).toEqual(['refund-failed']);
    shop.cards.refusesRefunds = false;
    expect(await shop.refund('O1')).toMatchObject({ accepted: true });
    await shop.process().advance(ids);
    expect((await shop.events()).at(-1)).toMatchObject({ type: 'OrderRefunded', data: { reference: 're_O1_2' } });
  });

  it('leaves a refund that is asked for again while it records the refusal to the next call', async () => {
    const shop = new Shop();
    await shop.order('O1');
    await shop.process().advance(ids);
    shop.cards.pay('O1');
    await shop.process().advance(ids);
    await shop.refund('O1');
    shop.cards.refusesRefunds = true;
    shop.meanwhile = async (types) => {
      if (types.includes('RefundFailed')) await shop.refund('O1');
    };
    await shop.process().advance(ids);
    shop.cards.refusesRefunds = false;
    await shop.process().advance(ids);
    expect((await shop.types('O1')).slice(-4)).toEqual(['RefundRequested', 'RefundFailed', 'RefundRequested', 'OrderRefunded']);
  });

  it('is not stopped by one order whose provider does not answer', async () => {
    const shop = new Shop();
    await shop.order('O1');
    await shop.order('O2');
    let calls = 0;
    shop.cards.fail = () => (calls++ === 0 ? 'before' : undefined);
    expect(await shop.process().advanceAll(workgroupId)).toMatchObject([{ orderId: 'O1', error: { code: 'payment.unavailable' } }]);
    expect(await shop.types('O1')).toEqual(['OrderPlaced']);
    expect(await shop.types('O2')).toEqual(['OrderPlaced', 'CheckoutOpened']);
  });

  it('leaves orders alone where no cards are taken', async () => {
    const shop = new Shop();
    await shop.order('O1');
    const { store, kept } = shop.ports();
    const process = new PaymentProcess({
      licensing: { store, kept },
      clock: { now: () => at },
      payments: undefined,
      noticed: () => undefined,
    });
    await process.advance(ids);
    expect(await shop.types('O1')).toEqual(['OrderPlaced']);
  });
});

describe('an order by a card that is paid at once', () => {
  const immediate = (shop: Shop): ReturnType<Shop['ports']> => {
    const ports = shop.ports();
    const process = new PaymentProcess({ licensing: ports, clock: { now: () => at }, payments: trialCards, noticed: () => undefined });
    return { ...ports, advance: (order) => process.advance(order) };
  };
  const body = { workgroupId, orderId: 'O1', quantity: 2, payment: 'card' } as const;

  it('is answered with the version after its licences are released', async () => {
    const shop = new Shop();
    const reply = await placeOrder(immediate(shop), shop.meta(), body);
    expect(reply).toEqual({ accepted: true, stream: 'licence-pool:w', version: 3 });
    expect(await shop.types('O1')).toEqual(['OrderPlaced', 'PaymentReceived', 'LicencesReleased']);
  });

  it('stays on record when its payment cannot be recorded, and is paid once when it is sent again', async () => {
    const shop = new Shop();
    const meta = shop.meta();
    let appends = 0;
    shop.fail = () => (++appends === 2 ? 'after' : undefined);
    expect(await placeOrder(immediate(shop), meta, body)).toMatchObject({ accepted: true });
    expect(await placeOrder(immediate(shop), meta, body)).toMatchObject({ accepted: true, version: 3 });
    expect(await shop.types('O1')).toEqual(['OrderPlaced', 'PaymentReceived', 'LicencesReleased']);
  });
});
