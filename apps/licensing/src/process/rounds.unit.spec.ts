import type { EventStore } from '@pstream/event-store';
import { Fault } from '@pstream/kernel';
import { FakeClock, waitFor } from '@pstream/testing';
import { ExpiryService } from './expiry.service.js';
import { Shop, workgroupId } from './payments.fixture.js';
import { PaymentsService } from './payments.service.js';

/** A store in which another workgroup comes first, whose licences cannot be read. */
const withDamaged = (store: EventStore): EventStore =>
  new Proxy(store, {
    get: (target, name) => {
      if (name === 'streams')
        return async function* (prefix: string) {
          yield `${prefix}a`;
          yield* target.streams(prefix);
        };
      if (name === 'read')
        return (...given: Parameters<EventStore['read']>) =>
          given[0] === 'licence-pool:a'
            ? Promise.reject(new Fault('event-store.damaged', { retry: 'never', facts: {} }))
            : target.read(...given);
      return Reflect.get(target, name) as unknown;
    },
  });

const logOf = (lines: unknown[]) => ({ write: (level: string, event: string, facts = {}) => void lines.push({ level, event, ...facts }) });

describe('licences', () => {
  const released = async (): Promise<Shop> => {
    const shop = new Shop();
    await shop.order('O1');
    await shop.process().advance({ workgroupId, orderId: 'O1' });
    shop.cards.pay('O1');
    await shop.process().advance({ workgroupId, orderId: 'O1' });
    return shop;
  };
  const warnings = async (shop: Shop): Promise<unknown[]> =>
    (await shop.events()).flatMap(({ type, data }) => (type === 'LicenceExpiryNear' ? [data.daysLeft] : []));

  it('are warned of by the round of the hour, once, also where those of another workgroup cannot be read', async () => {
    const shop = await released();
    const clock = new FakeClock({ start: '2027-03-01T09:30:00.000Z' });
    const lines: unknown[] = [];
    const ports = { ...shop.ports(), store: withDamaged(shop.store) };
    const service = new ExpiryService(ports, clock, logOf(lines));
    await service.onApplicationBootstrap();
    await waitFor(() => clock.sleepers.length === 1);
    expect(await warnings(shop)).toEqual([]);
    for (const hour of [1, 2]) {
      await clock.advance(3_600_000);
      await waitFor(() => lines.length === hour + 1 && clock.sleepers.length === 1);
      expect([hour, await warnings(shop)]).toEqual([hour, [30]]);
    }
    await service.beforeApplicationShutdown();
    expect(lines[0]).toMatchObject({ event: 'licence.expiry-not-checked', workgroupId: 'a', code: 'event-store.damaged' });
  });

  it('are warned of 30, 7 and 1 days before they end, each once, whenever a process ends and another begins', async () => {
    const shop = await released();
    const DAY_MS = 24 * 3_600_000;
    const endsMs = Date.parse('2027-03-31T10:00:00.000Z');
    const seen = new Map<number, unknown[]>();
    for (const daysLeft of [31, 30, 29, 8, 7, 6, 2, 1, 0.5, 0]) {
      const clock = new FakeClock({ start: new Date(endsMs - daysLeft * DAY_MS).toISOString() });
      // Two processes side by side, and two rounds of each: what a restart within a day comes to as well.
      const services = [0, 1].map(() => new ExpiryService(shop.ports(), clock, logOf([])));
      for (const service of services) await service.onApplicationBootstrap();
      await waitFor(() => clock.sleepers.length === 2);
      await clock.advance(3_600_000);
      await waitFor(() => clock.sleepers.length === 2);
      for (const service of services) await service.beforeApplicationShutdown();
      seen.set(daysLeft, await warnings(shop));
    }
    expect([...seen]).toEqual([
      [31, []],
      [30, [30]],
      [29, [30]],
      [8, [30]],
      [7, [30, 7]],
      [6, [30, 7]],
      [2, [30, 7]],
      [1, [30, 7, 1]],
      [0.5, [30, 7, 1]],
      [0, [30, 7, 1]],
    ]);
  });

  it('are not looked at where none are needed', async () => {
    const shop = await released();
    const lines: unknown[] = [];
    const ports = { ...shop.ports(), store: withDamaged(shop.store) };
    const clock = new FakeClock({ start: '2027-03-30T12:00:00.000Z' });
    const service = new ExpiryService({ ...ports, terms: { ...ports.terms, enforced: false } }, clock, logOf(lines));
    await service.onApplicationBootstrap();
    for (let turn = 0; turn < 10; turn++) await clock.yield();
    await service.beforeApplicationShutdown();
    expect([await warnings(shop), lines]).toEqual([[], []]);
  });
});

describe('payments', () => {
  const service = (shop: Shop, lines: unknown[], clock: FakeClock): PaymentsService => {
    const store = withDamaged(shop.store);
    return new PaymentsService({ ...shop.ports(), store }, shop.process(store), clock, 15_000, logOf(lines));
  };

  it('are looked at, also where those of another workgroup cannot be read, and failures name their order', async () => {
    const shop = new Shop();
    await shop.order('O1');
    await shop.order('O2');
    let calls = 0;
    shop.cards.fail = () => (calls++ === 0 ? 'before' : undefined);
    const lines: unknown[] = [];
    const clock = new FakeClock();
    const payments = service(shop, lines, clock);
    await payments.onApplicationBootstrap();
    await waitFor(() => clock.sleepers.length === 1);
    await payments.beforeApplicationShutdown();
    expect(lines).toMatchObject([
      { event: 'payment.not-advanced', workgroupId: 'a', code: 'event-store.damaged' },
      { event: 'payment.not-advanced', orderId: 'O1', code: 'payment.unavailable' },
    ]);
    expect(await shop.types('O2')).toEqual(['OrderPlaced', 'CheckoutOpened']);
  });

  it('are left to the next start after the order that is asked about at the stop', async () => {
    const shop = new Shop();
    await shop.order('O1');
    await shop.order('O2');
    const payments = service(shop, [], new FakeClock());
    const stopped = Promise.withResolvers<void>();
    shop.cards.onOpen = () => {
      void payments.beforeApplicationShutdown().then(stopped.resolve, stopped.reject);
      return Promise.resolve();
    };
    await payments.onApplicationBootstrap();
    await stopped.promise;
    expect(await shop.types('O1')).toEqual(['OrderPlaced', 'CheckoutOpened']);
    expect(await shop.types('O2')).toEqual(['OrderPlaced']);
  });
});
