import type { Money } from '@pstream/contracts';
import { Fault } from '@pstream/kernel';
import type { PayableOrder, Payments, PaymentState, Refund, RefundState } from './payments.js';

type Session = { readonly checkout: string; readonly order: PayableOrder; state: 'open' | 'paid' | 'closed' };

/** A provider with pages on which buyers pay, in memory. */
export class FakeCards implements Payments {
  readonly isImmediate = false;
  readonly sessions = new Map<string, Session>();
  /** Money that was taken and returned, by the order's id. */
  readonly charges: { readonly orderId: string; readonly paid: Money | null }[] = [];
  readonly refunds = new Map<string, { readonly orderId: string }>();
  /** What happens to the next calls: nothing of them, or all but the answer. */
  fail: () => 'before' | 'after' | undefined = () => undefined;
  /** Looked at before an order is asked payment for. */
  onOpen: (order: PayableOrder) => Promise<void> = () => Promise.resolve();
  refusesRefunds = false;

  open(order: PayableOrder): Promise<PaymentState> {
    return this.#answer(async () => {
      await this.onOpen(order);
      const session = this.sessions.get(order.orderId) ?? { checkout: `cs_${order.orderId}`, order, state: 'open' };
      this.sessions.set(order.orderId, session);
      return stateOf(session);
    });
  }

  look(checkout: string): Promise<PaymentState> {
    return this.#answer(() => Promise.resolve(stateOf(this.#session(checkout))));
  }

  close(checkout: string): Promise<PaymentState> {
    return this.#answer(() => {
      const session = this.#session(checkout);
      if (session.state === 'open') session.state = 'closed';
      return Promise.resolve(stateOf(session));
    });
  }

  refund({ orderId, attempt }: Refund): Promise<RefundState> {
    return this.#answer((): Promise<RefundState> => {
      if (this.refusesRefunds) return Promise.resolve({ is: 'failed', code: 'payment.refund-refused' });
      this.refunds.set(`${orderId}/${attempt}`, { orderId });
      return Promise.resolve({ is: 'refunded', reference: `re_${orderId}_${attempt}` });
    });
  }

  addressOf(checkout: string): Promise<string | undefined> {
    return this.#answer(() => Promise.resolve(this.#session(checkout).state === 'open' ? `https://pay.test/${checkout}` : undefined));
  }

  /** The buyer pays. False where there is nothing to pay, or no longer. */
  pay(orderId: string): boolean {
    const session = this.sessions.get(orderId);
    if (session?.state !== 'open') return false;
    session.state = 'paid';
    this.charges.push({ orderId, paid: session.order.due });
    return true;
  }

  /** The buyer takes too long. */
  expire(orderId: string): void {
    const session = this.sessions.get(orderId);
    if (session?.state === 'open') session.state = 'closed';
  }

  #session(checkout: string): Session {
    const found = [...this.sessions.values()].find((session) => session.checkout === checkout);
    if (found === undefined) throw new Error(`no such checkout: ${checkout}`);
    return found;
  }

  async #answer<T>(work: () => Promise<T>): Promise<T> {
    const lost = (): Fault => new Fault('payment.unavailable', { retry: 'now', facts: {} });
    const how = this.fail();
    if (how === 'before') throw lost();
    const answer = await work();
    if (how === 'after') throw lost();
    return answer;
  }
}

const stateOf = ({ checkout, order, state }: Session): PaymentState => {
  if (state === 'open') return { is: 'open', checkout };
  return state === 'paid' ? { is: 'paid', reference: `pi_${order.orderId}`, paid: order.due } : { is: 'closed', code: 'payment.expired' };
};
