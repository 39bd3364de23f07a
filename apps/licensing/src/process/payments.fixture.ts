import { licencePoolStream, type LicensingEvent, type Price, type RecordedEvent } from '@pstream/contracts';
import { keptInMemory, memoryEventStore, type EventStore } from '@pstream/event-store';
import { Fault } from '@pstream/kernel';
import { createCoupon } from '../commands/coupons.js';
import { cancelOrder, placeOrder, recordPayment, refundOrder } from '../commands/handlers.js';
import type { LicensingPorts } from '../commands/ports.js';
import { FakeCards } from '../payments/fake-cards.fixture.js';
import { PaymentProcess } from './payment-process.js';

export const workgroupId = 'w';
export const at = '2026-03-31T10:00:00.000Z';
export const price: Price = { version: '2026-03', currency: 'EUR', unitMinor: 1500 };
type Ended = 'before' | 'after' | undefined;

/** A workgroup that buys licences: its stream, the provider, and any number of processes, each with what it keeps in memory. */
export class Shop {
  readonly cards = new FakeCards();
  readonly noticed: string[] = [];
  readonly #store = memoryEventStore();
  /** How appends end: not at all, or with their answer lost. */
  fail: () => Ended = () => undefined;
  /** What others do after an append, before whoever appended goes on. */
  meanwhile: (types: readonly string[]) => Promise<unknown> = () => Promise.resolve();
  #commands = 0;

  readonly store: EventStore = new Proxy<EventStore>(this.#store, {
    get: (target, name) => {
      if (name === 'append')
        return async (commit: Parameters<EventStore['append']>[0]) => {
          const how = this.fail();
          const lost = (): Fault => new Fault('event-store.unavailable', { retry: 'now', facts: {} });
          if (how === 'before') throw lost();
          const appended = await target.append(commit);
          await this.meanwhile(commit.events.map(({ type }) => type));
          if (how === 'after') throw lost();
          return appended;
        };
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? (value as () => unknown).bind(target) : value;
    },
  });

  /** A process that has just started. */
  process(store = this.store): PaymentProcess {
    return new PaymentProcess({
      licensing: { store, kept: keptInMemory(1) },
      clock: { now: () => at },
      payments: this.cards,
      noticed: (what) => this.noticed.push(what),
    });
  }

  /** The ports of a process that has just started; orders are left to the payment process. */
  ports(): LicensingPorts {
    return {
      store: this.store,
      kept: keptInMemory(1),
      terms: { enforced: true, cards: 'stripe', price },
      advance: undefined,
      lookSoon: () => undefined,
      addressOf: undefined,
    };
  }

  meta(): { readonly commandId: string; readonly by: string; readonly at: string } {
    return { commandId: `c${this.#commands++}`, by: 'u', at };
  }

  order(orderId: string, coupon?: string): ReturnType<typeof placeOrder> {
    return placeOrder(this.ports(), this.meta(), { workgroupId, orderId, quantity: 2, payment: 'card', coupon });
  }

  coupon(code: string): ReturnType<typeof createCoupon> {
    const terms = { kind: 'percent', percent: 50 } as const;
    return createCoupon(this.ports(), this.meta(), { code, terms, expiresAt: '2026-12-31T00:00:00.000Z' });
  }

  cancel(orderId: string): ReturnType<typeof cancelOrder> {
    return cancelOrder(this.ports(), this.meta(), { workgroupId, orderId });
  }

  refund(orderId: string): ReturnType<typeof refundOrder> {
    return refundOrder(this.ports(), this.meta(), { workgroupId, orderId });
  }

  recordPayment(orderId: string, reference: string): ReturnType<typeof recordPayment> {
    return recordPayment(this.ports(), this.meta(), { workgroupId, orderId, reference });
  }

  events(): Promise<RecordedEvent<LicensingEvent>[]> {
    return this.#store.read(licencePoolStream(workgroupId));
  }

  async types(orderId: string): Promise<string[]> {
    return (await this.events()).filter(({ data }) => 'orderId' in data && data.orderId === orderId).map(({ type }) => type);
  }
}
