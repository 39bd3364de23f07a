import { deriveId, assertNever, type Clock, type Facts } from '@pstream/kernel';
import { poolOf, type PoolPorts } from '../commands/pool.js';
import type { PaymentCommand } from '../domain/licence-pool/commands.js';
import { decide } from '../domain/licence-pool/decide.js';
import { dueOf, type Order } from '../domain/licence-pool/state.js';
import type { Payments, PaymentState, RefundState } from '../payments/payments.js';
import { nextStep, type Step } from './next-step.js';

/** What the payment process works with. `noticed` gets a line for what somebody has to look at. */
export type PaymentPorts = {
  readonly licensing: PoolPorts;
  readonly clock: Pick<Clock, 'now'>;
  /** Undefined where no cards are taken: orders that wait for one stay as they are. */
  readonly payments: Payments | undefined;
  readonly noticed: (what: 'refund-failed' | 'paid-twice', facts: Facts) => void;
};

type Ids = { readonly workgroupId: string; readonly orderId: string };

/** Walks an order from its placing to its licences, or back to its money. Each step is: read what is on record, ask the provider, record what
 *  it said. Whoever dies between any two of these leaves the same step to be done again, with the same idempotency key. */
export class PaymentProcess {
  readonly #ports: PaymentPorts;
  /** Orders that this process works on: the second caller waits for the first. */
  readonly #running = new Map<string, Promise<void>>();

  constructor(ports: PaymentPorts) {
    this.#ports = ports;
  }

  /** Takes an order as far as it can go now. Faults of the provider and the store; the next call resumes. */
  async advance({ workgroupId, orderId }: Ids): Promise<void> {
    const ids = { workgroupId, orderId };
    const before = this.#running.get(ids.orderId) ?? Promise.resolve();
    const mine = before.catch(() => undefined).then(() => this.#walk(ids));
    this.#running.set(ids.orderId, mine);
    try {
      await mine;
    } finally {
      if (this.#running.get(ids.orderId) === mine) this.#running.delete(ids.orderId);
    }
  }

  /** Takes every order of a workgroup as far as it can go, until the signal; one that fails does not stop the others. Returns the failures. */
  async advanceAll(workgroupId: string, signal?: AbortSignal): Promise<readonly { readonly orderId: string; readonly error: unknown }[]> {
    const { state } = await poolOf(this.#ports.licensing, workgroupId).fold();
    const open = [...state.orders].filter(([, order]) => nextStep(order) !== undefined).map(([orderId]) => orderId);
    const failures: { readonly orderId: string; readonly error: unknown }[] = [];
    for (const orderId of open) {
      if (signal?.aborted === true) break;
      await this.advance({ workgroupId, orderId }).catch((error: unknown) => failures.push({ orderId, error }));
    }
    return failures;
  }

  async #walk(ids: Ids): Promise<void> {
    const { payments, licensing } = this.#ports;
    if (payments === undefined) return;
    const taken = new Set<Step>();
    for (;;) {
      const { state } = await poolOf(licensing, ids.workgroupId).fold();
      const order = state.orders.get(ids.orderId);
      const step = order === undefined ? undefined : nextStep(order);
      // What was just asked for is not looked at in the same breath. A step comes again where somebody asked for it meanwhile, such as
      // another try of a refund; whoever asked calls again.
      if (order === undefined || step === undefined || taken.has(step) || (step === 'look' && taken.has('open'))) return;
      taken.add(step);
      const command = await this.#ask(payments, step, order, ids);
      if (command === undefined || !(await this.record(command, String(order.refunds)))) return;
    }
  }

  async #ask(payments: Payments, step: Step, order: Order, ids: Ids): Promise<PaymentCommand | undefined> {
    const at = this.#ports.clock.now();
    switch (step) {
      case 'open':
        return ofPayment(await payments.open({ ...ids, quantity: order.quantity, due: dueOf(order) }), ids, at);
      case 'look': {
        const found = await payments.look(order.checkout!);
        return found.is === 'open' ? undefined : ofPayment(found, ids, at);
      }
      case 'close': {
        const found = await payments.close(order.checkout!);
        return found.is === 'open' ? undefined : ofPayment(found, ids, at);
      }
      case 'refund':
        return ofRefund(await payments.refund({ orderId: ids.orderId, reference: order.reference!, attempt: order.refunds }), ids, at);
      default:
        return assertNever(step);
    }
  }

  /** Records what a provider said; `about` tells repeats of the same statement from later ones. False if it was refused. */
  async record(command: PaymentCommand, about: string): Promise<boolean> {
    const { licensing, noticed } = this.#ports;
    const { workgroupId, orderId } = command;
    const says = 'reference' in command ? command.reference : 'checkout' in command ? command.checkout : command.code;
    const commandId = deriveId('payment', orderId, command.type, says, about);
    const outcome = await poolOf(licensing, workgroupId).decide((state) => decide(command, state), {
      commandId,
      by: 'licensing',
      at: command.at,
    });
    if (!outcome.accepted) {
      noticed('paid-twice', { workgroupId, orderId, code: outcome.rejection.code });
      return false;
    }
    if (command.type === 'FailRefund') noticed('refund-failed', { workgroupId, orderId, code: command.code });
    return true;
  }
}

/** What is recorded of a payment. */
export const ofPayment = (found: PaymentState, ids: Ids, at: string): PaymentCommand => {
  switch (found.is) {
    case 'open':
      return { type: 'OpenCheckout', ...ids, checkout: found.checkout, at };
    case 'paid':
      return { type: 'ReceivePayment', ...ids, reference: found.reference, paid: found.paid, at };
    case 'closed':
      return { type: 'CloseUnpaid', ...ids, code: found.code, at };
    default:
      return assertNever(found);
  }
};

const ofRefund = (found: RefundState, ids: Ids, at: string): PaymentCommand | undefined => {
  if (found.is === 'pending') return undefined;
  return found.is === 'refunded'
    ? { type: 'CompleteRefund', ...ids, reference: found.reference, at }
    : { type: 'FailRefund', ...ids, code: found.code, at };
};
