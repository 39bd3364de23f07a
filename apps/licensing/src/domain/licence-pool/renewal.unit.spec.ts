import type { LicensingEvent } from '@pstream/contracts';
import { decider, rejected } from '@pstream/testing';
import type { LicencePoolCommand } from './commands.js';
import { decide } from './decide.js';
import { evolve } from './evolve.js';
import { emptyPool } from './state.js';

const at = '2026-03-31T10:00:00.000Z';
const ends = '2027-03-31T10:00:00.000Z';
const renewedTo = '2028-03-31T10:00:00.000Z';
const later = '2027-03-01T00:00:00.000Z';
const pool = () => decider({ decide, evolve, initial: emptyPool() });
const [ids, renewal] = ['O1', 'O2'].map((orderId) => ({ workgroupId: 'w', orderId })) as [
  { workgroupId: string; orderId: string },
  { workgroupId: string; orderId: string },
];
const placed: LicensingEvent = { type: 'OrderPlaced', data: { ...ids, quantity: 600, payment: 'card', at } };
const paid: LicensingEvent = { type: 'PaymentReceived', data: { ...ids, reference: 'r', at } };
const released: LicensingEvent = { type: 'LicencesReleased', data: { ...ids, quantity: 600, at, expiresAt: ends } };
const users = Array.from({ length: 502 }, (_, n) => `user${n}@contoso.com`);
const applied = (customerId: string, some: readonly string[], orderId = 'O1'): LicensingEvent => ({
  type: 'BundlesApplied',
  data: { workgroupId: 'w', customerId, orderId, users: some, at, expiresAt: ends },
});
const renew = (when = later, renews = 'O1', orderId = 'O2'): LicencePoolCommand => ({
  type: 'RenewOrder',
  workgroupId: 'w',
  orderId,
  renews,
  at: when,
  payment: 'card',
  price: null,
  takesCards: true,
  coupon: null,
});
const renewing = {
  type: 'OrderPlaced',
  data: { ...renewal, quantity: 600, payment: 'card', renews: 'O1', at: later },
} satisfies LicensingEvent;
const pay: LicencePoolCommand = { type: 'ReceivePayment', ...renewal, reference: 'r2', paid: null, at: later };
const payment: LicensingEvent = { type: 'PaymentReceived', data: { ...renewal, reference: 'r2', at: later } };
const renewed: LicensingEvent = {
  type: 'LicencesRenewed',
  data: { ...renewal, renews: 'O1', quantity: 600, at: later, expiresAt: renewedTo },
};

describe('a renewal', () => {
  it('is an order for as many licences, before they end', () => {
    pool().given(placed, paid, released).when(renew()).then(renewing);
    pool()
      .given(placed, paid, released)
      .when(renew(ends))
      .then(rejected('order.expired', { expiredAt: ends }));
    pool()
      .given(placed)
      .when(renew())
      .then(rejected('order.without-licences', { status: 'awaiting-payment' }));
    pool()
      .given()
      .when(renew())
      .then(rejected('order.unknown', { orderId: 'O1' }));
  });

  it('adds twelve months to the time that was left, for every bundle out of the order and no other', () => {
    pool()
      .given(
        placed,
        paid,
        released,
        applied('C', users),
        applied('D', ['ann@fabrikam.com']),
        applied('C', ['else@contoso.com'], 'O9'),
        renewing,
      )
      .when(pay)
      .then(
        payment,
        renewed,
        {
          type: 'BundlesRenewed',
          data: { workgroupId: 'w', customerId: 'C', orderId: 'O1', users: users.slice(0, 500), at: later, expiresAt: renewedTo },
        },
        {
          type: 'BundlesRenewed',
          data: { workgroupId: 'w', customerId: 'C', orderId: 'O1', users: users.slice(500), at: later, expiresAt: renewedTo },
        },
        {
          type: 'BundlesRenewed',
          data: { workgroupId: 'w', customerId: 'D', orderId: 'O1', users: ['ann@fabrikam.com'], at: later, expiresAt: renewedTo },
        },
      );
  });

  it('gives licences that are applied afterwards the later end', () => {
    pool()
      .given(placed, paid, released, renewing, payment, renewed)
      .when({ type: 'ApplyBundles', workgroupId: 'w', customerId: 'C', users: ['ann@contoso.com'], at: renewedTo.replace('10:', '09:') })
      .then({
        type: 'BundlesApplied',
        data: {
          workgroupId: 'w',
          customerId: 'C',
          orderId: 'O1',
          users: ['ann@contoso.com'],
          at: renewedTo.replace('10:', '09:'),
          expiresAt: renewedTo,
        },
      });
  });

  it('brings no licences of its own, and waits alone', () => {
    const { state } = pool().given(placed, paid, released, renewing, payment, renewed);
    expect(state.orders.get('O2')).toMatchObject({ status: 'released', left: 0, expiresAt: renewedTo });
    pool()
      .given(placed, paid, released, renewing)
      .when(renew(later, 'O1', 'O3'))
      .then(rejected('order.renewal-open', { orderId: 'O2' }));
    pool()
      .given(placed, paid, released, renewing, payment, renewed)
      .when(renew(later, 'O2', 'O3'))
      .then(rejected('order.is-a-renewal', { renews: 'O1' }));
  });

  it('is not refunded, nor is the order that it prolonged', () => {
    for (const one of [ids, renewal])
      pool()
        .given(placed, paid, released, renewing, payment, renewed)
        .when({ type: 'RefundOrder', ...one, at: later })
        .then(rejected('order.renewed'));
  });

  it('of licences that were refunded meanwhile gives its money back', () => {
    pool()
      .given(placed, paid, released, renewing, { type: 'RefundRequested', data: { ...ids, reason: 'asked', attempt: 1, at } })
      .when(pay)
      .then(payment, { type: 'RefundRequested', data: { ...renewal, reason: 'order-closed', attempt: 1, at: later } });
  });

  it('of which the money came by wire for nothing ends when its transfer back is recorded', () => {
    const refunded: LicensingEvent = { type: 'OrderRefunded', data: { ...renewal, reference: 'back', at: later } };
    const byWire: LicensingEvent = { type: 'OrderPlaced', data: { ...renewing.data, payment: 'wire' } };
    const back: LicensingEvent = { type: 'RefundRequested', data: { ...renewal, reason: 'order-closed', attempt: 1, at: later } };
    const gone: LicensingEvent = { type: 'RefundRequested', data: { ...ids, reason: 'asked', attempt: 1, at } };
    const refund = (reference?: string): LicencePoolCommand => ({ type: 'RefundOrder', ...renewal, reference, at: later });
    const given = (...more: LicensingEvent[]) => pool().given(placed, paid, released, byWire, gone, ...more);
    given()
      .when({ type: 'RecordPayment', ...renewal, reference: 'r2', at: later })
      .then(payment, back);
    given(payment, back).when(refund()).then(rejected('order.refund-needs-reference'));
    given(payment, back).when(refund('back')).then(refunded);
    given(payment, back, refunded).when(refund('back')).then();
  });
});

describe('licences that end soon', () => {
  const warn = (when: string): LicencePoolCommand => ({ type: 'WarnOfExpiry', workgroupId: 'w', at: when });
  const near = (daysLeft: number, when: string, expiresAt = ends, used = 0): LicensingEvent => ({
    type: 'LicenceExpiryNear',
    data: { ...ids, daysLeft, quantity: 600, applied: used, expiresAt, at: when },
  });
  const [before, thirty, seven, five, one] = [
    '2027-03-01T09:59:59.000Z',
    '2027-03-01T10:00:00.000Z',
    '2027-03-24T10:00:00.000Z',
    '2027-03-26T10:00:00.000Z',
    '2027-03-30T12:00:00.000Z',
  ];

  it('are warned of 30, 7 and 1 days before, once each', () => {
    const given = pool().given(placed, paid, released, applied('C', ['ann@contoso.com']));
    given.when(warn(before)).then();
    given.when(warn(thirty)).then(near(30, thirty, ends, 1));
    pool().given(placed, paid, released, near(30, thirty)).when(warn('2027-03-02T10:00:00.000Z')).then();
    pool().given(placed, paid, released, near(30, thirty)).when(warn(seven)).then(near(7, seven));
    pool().given(placed, paid, released, near(7, seven)).when(warn(five)).then();
    pool().given(placed, paid, released, near(7, seven)).when(warn(one)).then(near(1, one));
    pool().given(placed, paid, released, near(1, one)).when(warn(one)).then();
  });
  it('are warned of the nearest time alone by one who has slept', () => {
    pool().given(placed, paid, released).when(warn(five)).then(near(7, five));
  });
  it('are warned of again after a renewal', () => {
    const when = '2028-03-25T00:00:00.000Z';
    pool()
      .given(placed, paid, released, near(1, one), renewing, payment, renewed)
      .when(warn(when))
      .then(near(7, when, renewedTo));
  });
  it('are not warned of once they have ended, or were refunded', () => {
    pool().given(placed, paid, released).when(warn(ends)).then();
    pool()
      .given(placed, paid, released, { type: 'RefundRequested', data: { ...ids, reason: 'asked', attempt: 1, at } })
      .when(warn(one))
      .then();
  });
});
