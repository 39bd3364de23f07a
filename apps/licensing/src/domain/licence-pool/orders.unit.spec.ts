import type { LicensingEvent, Price } from '@pstream/contracts';
import { decider, rejected } from '@pstream/testing';
import type { LicencePoolCommand } from './commands.js';
import { decide } from './decide.js';
import { evolve } from './evolve.js';
import { emptyPool } from './state.js';

const at = '2026-03-31T10:00:00.000Z';
const ids = { workgroupId: 'w', orderId: 'O1' };
const price: Price = { version: '2026-03', currency: 'EUR', unitMinor: 1500 };
const pool = () => decider({ decide, evolve, initial: emptyPool() });

const buy = (payment: 'card' | 'wire' | 'purchase-order', quantity: number, more: object = {}): LicencePoolCommand => ({
  type: 'PlaceOrder',
  ...ids,
  at,
  quantity,
  payment,
  price,
  takesCards: true,
  coupon: null,
  ...more,
});
const placed = (payment: 'card' | 'wire' = 'card', quantity = 100): LicensingEvent => ({
  type: 'OrderPlaced',
  data: { ...ids, quantity, payment, price, dueMinor: quantity * 1500, at },
});
const opened: LicensingEvent = { type: 'CheckoutOpened', data: { ...ids, checkout: 'cs_1', at } };
const paid = (reference = 'r'): LicensingEvent => ({ type: 'PaymentReceived', data: { ...ids, reference, at } });
const failed: LicensingEvent = { type: 'PaymentFailed', data: { ...ids, code: 'payment.expired', at } };
const released: LicensingEvent = {
  type: 'LicencesReleased',
  data: { ...ids, quantity: 100, at, expiresAt: '2027-03-31T10:00:00.000Z' },
};
const applied: LicensingEvent = {
  type: 'BundlesApplied',
  data: { workgroupId: 'w', customerId: 'C', orderId: 'O1', users: ['a@b.cd'], at, expiresAt: '2027-03-31T10:00:00.000Z' },
};
const cancelling: LicensingEvent = { type: 'OrderCancelRequested', data: { ...ids, at } };
const cancelled: LicensingEvent = { type: 'OrderCancelled', data: { ...ids, at } };
const back = (reason: 'asked' | 'order-closed' | 'wrong-amount', attempt = 1): LicensingEvent => ({
  type: 'RefundRequested',
  data: { ...ids, reason, attempt, at },
});
const refundFailed: LicensingEvent = { type: 'RefundFailed', data: { ...ids, code: 'payment.refund-refused', at } };
const refunded = (reference: string): LicensingEvent => ({ type: 'OrderRefunded', data: { ...ids, reference, at } });

const receive = (reference = 'r', paidMinor = 150_000, currency = 'EUR'): LicencePoolCommand => ({
  type: 'ReceivePayment',
  ...ids,
  reference,
  paid: { currency, minor: paidMinor },
  at,
});
const record = (reference = 'r'): LicencePoolCommand => ({ type: 'RecordPayment', ...ids, reference, at });
const cancel: LicencePoolCommand = { type: 'CancelOrder', ...ids, at };
const refund = (reference?: string, when = at): LicencePoolCommand => ({ type: 'RefundOrder', ...ids, reference, at: when });

describe('an order of licences', () => {
  it('is on record with the price of now, before any money is taken for it', () => {
    pool().given().when(buy('card', 100)).then(placed());
  });
  it('carries no price where none is configured', () => {
    pool()
      .given()
      .when(buy('card', 2, { price: null }))
      .then({ type: 'OrderPlaced', data: { ...ids, quantity: 2, payment: 'card', at } });
  });
  it('is refused when the price is not the one that the buyer has seen', () => {
    pool()
      .given()
      .when(buy('card', 2, { priceVersion: '2026-02' }))
      .then(rejected('order.price-changed', { seen: '2026-02', now: '2026-03' }));
    pool()
      .given()
      .when(buy('card', 2, { priceVersion: '2026-02', price: null }))
      .then(rejected('order.price-changed', { seen: '2026-02', now: null }));
    pool()
      .given()
      .when(buy('card', 100, { priceVersion: '2026-03' }))
      .then(placed());
  });
  it('by card needs a provider', () => {
    pool()
      .given()
      .when(buy('card', 2, { takesCards: false }))
      .then(rejected('payment.no-provider'));
  });
  it('by wire transfer starts at one hundred licences', () => {
    pool()
      .given()
      .when(buy('wire', 99))
      .then(rejected('order.wire-below-minimum', { quantity: 99, minimum: 100 }));
    pool().given().when(buy('wire', 100)).then(placed('wire'));
  });
  it('by purchase order is refused, however large', () => {
    pool().given().when(buy('purchase-order', 500)).then(rejected('order.purchase-orders-refused'));
  });
  it('sent twice is one order', () => {
    pool().given(placed()).when(buy('card', 100)).then();
    pool().given(placed(), cancelling, cancelled).when(buy('card', 100)).then();
  });
});

describe('a card payment', () => {
  it('releases the licences of its order for twelve months, and only once', () => {
    pool().given(placed(), opened).when(receive()).then(paid(), released);
    pool().given(placed()).when(receive()).then(paid(), released);
    pool().given(placed(), paid(), released).when(receive()).then();
  });
  it('without an order is refused', () => {
    pool().given().when(receive()).then(rejected('order.unknown'));
  });
  it('of a second time for the same order is refused', () => {
    pool().given(placed(), paid(), released).when(receive('r2')).then(rejected('order.paid-otherwise'));
  });
  it.each([
    [149_999, 'EUR'],
    [150_001, 'EUR'],
    [150_000, 'USD'],
  ])('of %i %s, where 150000 EUR are due, goes back', (minor, currency) => {
    pool()
      .given(placed(), opened)
      .when(receive('r', minor, currency))
      .then(paid(), back('wrong-amount'));
  });
  it.each([
    ['is cancelled', [cancelling, cancelled]],
    ['is being cancelled', [cancelling]],
    ['has failed', [failed]],
  ])('for an order that %s goes back, and releases nothing', (_what, history) => {
    pool()
      .given(placed(), opened, ...history)
      .when(receive())
      .then(paid(), back('order-closed'));
  });
  it('that will not come ends the order, whenever that is said', () => {
    const close: LicencePoolCommand = { type: 'CloseUnpaid', ...ids, code: 'payment.expired', at };
    pool().given(placed(), opened).when(close).then(failed);
    pool().given(placed(), opened, failed).when(close).then();
    pool().given(placed(), opened, paid(), released).when(close).then();
    pool().given(placed(), opened, cancelling).when(close).then(cancelled);
  });
  it('is asked for once', () => {
    const open: LicencePoolCommand = { type: 'OpenCheckout', ...ids, checkout: 'cs_1', at };
    pool().given(placed()).when(open).then(opened);
    pool().given(placed(), opened).when(open).then();
    pool().given(placed(), failed).when(open).then();
  });
});

describe('a wire transfer', () => {
  it('releases the licences when it is recorded', () => {
    pool().given(placed('wire')).when(record()).then(paid(), released);
  });
  it('recorded again with its reference changes nothing; with another one it is refused', () => {
    pool().given(placed('wire'), paid(), released).when(record()).then();
    pool().given(placed('wire'), paid(), released).when(record('r2')).then(rejected('order.paid-otherwise', {}));
  });
  it('is not recorded for an order that is unknown, closed, or paid by card', () => {
    pool()
      .given()
      .when(record())
      .then(rejected('order.unknown', { orderId: 'O1' }));
    pool()
      .given(placed('wire'), cancelled)
      .when(record())
      .then(rejected('order.closed', { status: 'cancelled' }));
    pool()
      .given(placed())
      .when(record())
      .then(rejected('order.not-by-wire', { payment: 'card' }));
  });
});

describe('an order that is given up', () => {
  it('is cancelled at once where nobody else takes its money', () => {
    pool().given(placed('wire')).when(cancel).then(cancelled);
  });
  it('waits for the provider where its card may be charged', () => {
    pool().given(placed(), opened).when(cancel).then(cancelling);
    pool().given(placed(), opened, cancelling).when(cancel).then();
    pool().given(placed(), opened, cancelling, cancelled).when(cancel).then();
  });
  it('is not one that is paid, refunded, failed or unknown', () => {
    pool()
      .given(placed(), paid(), released)
      .when(cancel)
      .then(rejected('order.paid', { left: 100 }));
    pool().given(placed(), paid(), released, back('asked'), refunded('f')).when(cancel).then(rejected('order.closed'));
    pool()
      .given(placed(), failed)
      .when(cancel)
      .then(rejected('order.closed', { status: 'failed' }));
    pool().given().when(cancel).then(rejected('order.unknown'));
  });
});

describe('a refund', () => {
  const used = { type: 'ApplyBundles', workgroupId: 'w', customerId: 'C', users: ['a@b.cd'], at } as const;

  it('is made as long as no licence of the order is applied', () => {
    pool().given(placed(), paid(), released).when(refund()).then(back('asked'));
    pool()
      .given(placed(), paid(), released, applied)
      .when(refund())
      .then(rejected('order.licences-applied', { applied: 1 }));
  });
  it('is not made of licences that have ended', () => {
    pool().given(placed(), paid(), released).when(refund(undefined, '2027-03-31T10:00:00.000Z')).then(rejected('order.expired'));
  });
  it('withdraws the licences before the money goes', () => {
    pool()
      .given(placed(), paid(), released, back('asked'))
      .when(used)
      .then(rejected('licence.seats-exhausted', { wanted: 1, free: 0 }));
  });
  it('is made once, however often it is asked for or reported', () => {
    const done: LicencePoolCommand = { type: 'CompleteRefund', ...ids, reference: 'f', at };
    const history = [placed(), paid(), released, back('asked')];
    pool()
      .given(...history)
      .when(refund())
      .then();
    pool()
      .given(...history)
      .when(done)
      .then(refunded('f'));
    pool()
      .given(...history, refunded('f'))
      .when(done)
      .then();
    pool()
      .given(...history, refunded('f'))
      .when(refund())
      .then();
  });
  it('that failed is tried again when it is asked for, or recorded as made by hand', () => {
    const history = [placed(), paid(), released, back('asked')];
    pool()
      .given(...history)
      .when({ type: 'FailRefund', ...ids, code: 'payment.refund-refused', at })
      .then(refundFailed);
    pool()
      .given(...history, refundFailed)
      .when(refund())
      .then(back('asked', 2));
    pool()
      .given(...history, refundFailed)
      .when(refund('by-hand'))
      .then(back('asked', 2), refunded('by-hand'));
  });
  it('of a wire transfer is recorded with the reference of the transfer back', () => {
    pool().given(placed('wire'), paid(), released).when(refund()).then(rejected('order.refund-needs-reference'));
    pool().given(placed('wire'), paid(), released).when(refund('f')).then(back('asked'), refunded('f'));
    pool().given(placed(), paid(), released).when(refund('f')).then(rejected('order.not-by-wire'));
  });
  it('is not made where no money has come', () => {
    pool()
      .given(placed())
      .when(refund())
      .then(rejected('order.not-paid', { status: 'awaiting-payment' }));
    pool()
      .given(placed(), failed)
      .when(refund())
      .then(rejected('order.not-paid', { status: 'failed' }));
    pool().given().when(refund()).then(rejected('order.unknown'));
  });
});
