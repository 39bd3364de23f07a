import type { LicensingEvent } from '@pstream/contracts';
import { decider, rejected } from '@pstream/testing';
import type { LicencePoolCommand } from './commands.js';
import { decide } from './decide.js';
import { evolve } from './evolve.js';
import { emptyPool } from './state.js';

const at = '2026-03-31T10:00:00.000Z';
const later = '2026-05-01T00:00:00.000Z';
const afterExpiry = '2027-04-01T00:00:00.000Z';
const pool = () => decider({ decide, evolve, initial: emptyPool() });
const placed = (quantity: number, payment: 'card' | 'wire' = 'card'): LicensingEvent => ({
  type: 'OrderPlaced',
  data: { workgroupId: 'w', orderId: 'O1', quantity, payment, at },
});
const paid: LicensingEvent = { type: 'PaymentReceived', data: { workgroupId: 'w', orderId: 'O1', reference: 'r', at } };
const released = (quantity: number): LicensingEvent => ({
  type: 'LicencesReleased',
  data: { workgroupId: 'w', orderId: 'O1', quantity, at, expiresAt: '2027-03-31T10:00:00.000Z' },
});
const bundle = { workgroupId: 'w', customerId: 'C', orderId: 'O1', at: later, expiresAt: '2027-03-31T10:00:00.000Z' };
const applied = (...users: string[]): LicensingEvent => ({ type: 'BundlesApplied', data: { ...bundle, users } });
const apply = (users: readonly string[], when = later): LicencePoolCommand => ({
  type: 'ApplyBundles',
  at: when,
  workgroupId: 'w',
  customerId: 'C',
  users,
});

describe('a bundle', () => {
  it('is applied to each user by hand and consumes a licence', () => {
    pool()
      .given(placed(2), paid, released(2))
      .when(apply(['Ada@contoso.com', 'ben@contoso.com']))
      .then(applied('ada@contoso.com', 'ben@contoso.com'));
  });
  it('is not applied again to a user who has a valid one, however the address is written', () => {
    pool()
      .given(placed(2), paid, released(2), applied('ada@contoso.com'))
      .when(apply(['ADA@contoso.com']))
      .then();
  });
  it('that an earlier release applied counts as well', () => {
    const earlier: LicensingEvent = { type: 'BundleApplied', data: { ...bundle, user: 'ada@contoso.com' } };
    pool()
      .given(placed(2), paid, released(2), earlier)
      .when(apply(['ada@contoso.com', 'ben@contoso.com']))
      .then(applied('ben@contoso.com'));
    pool()
      .given(placed(1), paid, released(1), earlier)
      .when(apply(['ben@contoso.com']))
      .then(rejected('licence.seats-exhausted', { wanted: 1, free: 0 }));
  });
  it('is taken from the order that ends first, and then from the next', () => {
    const second: LicensingEvent[] = [
      { type: 'OrderPlaced', data: { workgroupId: 'w', orderId: 'O2', quantity: 600, payment: 'wire', at } },
      { type: 'LicencesReleased', data: { workgroupId: 'w', orderId: 'O2', quantity: 600, at, expiresAt: '2027-06-30T10:00:00.000Z' } },
    ];
    const users = Array.from({ length: 502 }, (_, n) => `user${n}@contoso.com`);
    const { decision } = pool()
      .given(placed(1), paid, released(1), ...second)
      .when(apply(users));
    expect(decision).toMatchObject({
      accepted: true,
      events: [
        { data: { orderId: 'O1', users: users.slice(0, 1) } },
        { data: { orderId: 'O2', users: users.slice(1, 501) } },
        { data: { orderId: 'O2', users: users.slice(501) } },
      ],
    });
  });
  it('is applied to all users or to none', () => {
    pool()
      .given(placed(1), paid, released(1))
      .when(apply(['a@b.cd', 'e@f.gh']))
      .then(rejected('licence.seats-exhausted', { wanted: 2, free: 1 }));
  });
  it('cannot come from licences that have expired', () => {
    pool()
      .given(placed(1), paid, released(1))
      .when(apply(['a@b.cd'], afterExpiry))
      .then(rejected('licence.seats-exhausted', { wanted: 1, free: 0 }));
  });
});
