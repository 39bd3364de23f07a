import type { Done, Order, ShownOrder } from '@pstream/api';
import { PaymentMethod } from '@pstream/contracts';
import { amountOf } from '@pstream/kernel';
import { z } from 'zod';
import { CliError, usageError } from '../cli/cli-error.js';
import { Command, Verb, type Args, type CommandType } from '../cli/command.js';
import { confirmed, YES } from '../cli/confirmed.js';
import { EXIT } from '../cli/exit-codes.js';
import { option, type Given } from '../cli/option.js';
import type { Client } from '../http/client.js';
import { count, day, money } from '../output/format.js';
import type { Column } from '../output/output.js';
import { CouponVerbs } from './licence-coupons.js';

@Verb({ name: 'prices', about: 'Shows what licences cost and how they are paid' })
class ShowPrices extends Command {
  async execute(): Promise<void> {
    const prices = await this.client.getPrices();
    await this.out.record(prices, prices, [
      { title: 'Licences', exact: ({ enforced }) => (enforced ? 'needed for Pre-Stage and Full passes' : NOT_NEEDED) },
      { title: 'One licence', exact: ({ price }) => (price === null ? NO_PRICE : money(price.unitMinor, price.currency)) },
      { title: 'Price list', exact: ({ price }) => price?.version ?? '' },
      { title: 'Cards', exact: ({ cards }) => cards },
      {
        title: 'Wire transfer from',
        exact: ({ wireMinimum }) => wireMinimum,
        human: ({ wireMinimum }) => amountOf(wireMinimum, 'licence'),
      },
      { title: 'Ends after', exact: ({ months }) => months, human: ({ months }) => `${months} months` },
      { title: 'Covers', exact: ({ covers }) => covers.join(', ') },
    ]);
  }
}

@Verb({ name: 'considerations', about: 'Lists what to know before buying licences' })
class ListConsiderations extends Command {
  async execute(): Promise<void> {
    const found = await this.client.listConsiderations();
    await this.out.list(
      found,
      found.items,
      [
        { title: 'About', exact: ({ title }) => title },
        { title: 'What to know', exact: ({ text }) => text },
      ],
      await insteadOf(this.client, found.items, ''),
    );
  }
}

const PAYING = {
  payment: option('--payment <how>', 'card, or wire (from 100 licences on)', PaymentMethod.default('card')),
  coupon: option('--coupon <code>', 'A coupon; each counts once', z.string().optional()),
  ...YES,
};
type Paying = Given<typeof PAYING>;

const quantityIn = (text: string): number => {
  const quantity = Number(text);
  if (Number.isInteger(quantity) && quantity >= 1) return quantity;
  throw usageError(`The quantity must be a whole number; "${text}" is none.`, 'pstream licence buy 10');
};

/** What buying and renewing have in common. */
abstract class OrderCommand extends Command {
  /** Shows what is to be known and orders nothing, or has the order placed at the price that was shown. */
  protected async order(
    what: string,
    quantity: number,
    { payment, coupon, yes }: Paying,
    place: (body: { payment: PaymentMethod; priceVersion?: string; coupon?: string }) => Promise<Done>,
  ): Promise<void> {
    const { price, enforced } = await this.client.getPrices();
    if (!enforced)
      throw new CliError(EXIT.rejected, {
        what: 'No licences are needed.',
        why: 'This installation asks for none (PSTREAM_LICENCES is off), and there is nothing to buy.',
        advice: 'pstream export start PROJECT',
        details: { code: 'licence.not-enforced' },
      });
    const amount = price === null ? NO_PRICE : money(quantity * price.unitMinor, price.currency);
    if (!yes) await this.#showConsiderations();
    confirmed(yes, `${what} by ${payment} (${amount}${coupon === undefined ? '' : `, less coupon ${coupon}`})`);
    const made = await place({
      payment,
      ...(price === null ? {} : { priceVersion: price.version }),
      ...(coupon === undefined ? {} : { coupon }),
    });
    const order = await this.#payable(await orderAfter(this.client, made));
    const due = DUE.exact(order);
    this.out.done(
      { ...made, status: order.status, checkoutUrl: order.checkoutUrl },
      `Order ${made.id}, ${due || NO_PRICE}: ${nextOf(order)}`,
      made.id,
    );
  }

  /** The order with its payment page, as soon as the provider has made one. */
  async #payable(order: ShownOrder): Promise<ShownOrder> {
    const { clock, signal } = this.cli;
    const untilMs = clock.monotonicMs() + CHECKOUT_WAIT_MS;
    let found = order;
    while (found.payment === 'card' && found.status === 'awaiting-payment' && found.checkoutUrl === null && clock.monotonicMs() < untilMs) {
      await clock.sleep(CHECKOUT_LOOK_MS, signal);
      found = await this.client.getOrder({ params: { orderId: order.orderId } });
    }
    return found;
  }

  /** On standard error: the result of a command that orders nothing is why it does not. */
  async #showConsiderations(): Promise<void> {
    const { items } = await this.client.listConsiderations();
    this.cli.stderr.write(`${items.map(({ title, text }) => `${title}: ${text}`).join('\n')}\n\n`);
  }
}

@Verb({ name: 'buy', about: 'Orders licences; shows the considerations and the amount, and orders with --yes', args: '<quantity>' })
class BuyLicences extends OrderCommand {
  static readonly options = PAYING;

  async execute([text = '']: Args, options: Paying): Promise<void> {
    const quantity = quantityIn(text);
    await this.order(`order ${amountOf(quantity, 'licence')}`, quantity, options, (body) =>
      this.client.placeOrder({ body: { quantity, ...body } }),
    );
  }
}

@Verb({ name: 'order', about: 'Orders licences without a question, as scripts do', args: '<quantity>' })
class OrderLicences extends OrderCommand {
  static readonly options = { payment: PAYING.payment, coupon: PAYING.coupon };

  async execute([text = '']: Args, options: Given<typeof OrderLicences.options>): Promise<void> {
    const quantity = quantityIn(text);
    await this.order(`order ${amountOf(quantity, 'licence')}`, quantity, { ...options, yes: true }, (body) =>
      this.client.placeOrder({ body: { quantity, ...body } }),
    );
  }
}

@Verb({ name: 'renew', about: 'Renews the licences of an order for 12 months; orders with --yes', args: '<order>' })
class RenewLicences extends OrderCommand {
  static readonly options = PAYING;

  async execute([orderId = '']: Args, options: Paying): Promise<void> {
    const { quantity } = await this.client.getOrder({ params: { orderId } });
    await this.order(`renew ${amountOf(quantity, 'licence')} of order ${orderId}`, quantity, options, (body) =>
      this.client.renewOrder({ params: { orderId }, body }),
    );
  }
}

@Verb({ name: 'orders', about: 'Lists the orders' })
class ListOrders extends Command {
  async execute(): Promise<void> {
    const licences = await this.client.getLicences();
    const columns = [ID, LICENCES, PAYMENT, STATUS, DUE, PLACED, ENDS];
    const none = await insteadOf(this.client, licences.orders, 'No orders yet. Order licences with: pstream licence buy QUANTITY');
    await this.out.list(licences, licences.orders, columns, none);
  }
}

@Verb({ name: 'show', about: 'Shows an order', args: '<order>' })
class ShowOrder extends Command {
  async execute([orderId = '']: Args): Promise<void> {
    const order = await this.client.getOrder({ params: { orderId } });
    await this.out.record(order, order, [
      ID,
      LICENCES,
      PAYMENT,
      STATUS,
      DUE,
      { title: 'Price list', exact: ({ price }) => price?.version ?? '' },
      { title: 'Coupon', exact: ({ coupon }) => coupon },
      { title: 'Renews', exact: ({ renews }) => renews },
      { title: 'Pay at', exact: ({ checkoutUrl }) => checkoutUrl },
      { title: 'Payment reference', exact: ({ reference }) => reference },
      { title: 'Cause', exact: ({ cause }) => cause },
      PLACED,
      ENDS,
    ]);
  }
}

@Verb({
  name: 'record-payment',
  about: 'Records that the money of a wire transfer has come; releases its licences',
  args: '<order> <reference>',
})
class RecordPayment extends Command {
  async execute([order = '', reference = '']: Args): Promise<void> {
    const made = await this.client.recordPayment({ params: { orderId: order }, body: { reference } });
    const paid = await orderAfter(this.client, made);
    this.out.done({ ...made, status: paid.status }, `Order ${order}: ${nextOf(paid)}`, made.id);
  }
}

@Verb({ name: 'cancel', about: 'Cancels an order that is not paid', args: '<order>' })
class CancelOrder extends Command {
  static readonly options = YES;

  async execute([orderId = '']: Args, { yes }: Given<typeof CancelOrder.options>): Promise<void> {
    confirmed(yes, `cancel order ${orderId}`);
    const made = await this.client.cancelOrder({ params: { orderId } });
    const { status } = await orderAfter(this.client, made);
    this.out.done({ ...made, status }, `Order ${orderId}: ${status}.`, made.id);
  }
}

@Verb({ name: 'refund', about: 'Returns the money of an order of which no licence is applied', args: '<order>' })
class RefundOrder extends Command {
  static readonly options = {
    reference: option('--reference <reference>', 'Reference of the transfer back, for orders paid by wire', z.string().optional()),
    ...YES,
  };

  async execute([orderId = '']: Args, { reference, yes }: Given<typeof RefundOrder.options>): Promise<void> {
    confirmed(yes, `withdraw the licences of order ${orderId} and return its money`);
    const made = await this.client.refundOrder({ params: { orderId }, body: { reference } });
    const { status } = await orderAfter(this.client, made);
    this.out.done({ ...made, status }, `Order ${orderId}: ${status}.`, made.id);
  }
}

/** Verbs that buy licences, and that follow an order to its end. */
export const orderVerbs: readonly CommandType[] = [
  ShowPrices,
  ListConsiderations,
  BuyLicences,
  OrderLicences,
  RenewLicences,
  ListOrders,
  ShowOrder,
  CouponVerbs,
  RecordPayment,
  CancelOrder,
  RefundOrder,
];

/** A payment page takes a second or two to make. */
const CHECKOUT_WAIT_MS = 20_000;
const CHECKOUT_LOOK_MS = 500;

const NO_PRICE = 'no price is configured';
const NOT_NEEDED = 'not needed here: PSTREAM_LICENCES is off';

/** What stands in the place of an empty list: where no licences are needed, nobody is invited to buy or apply some. */
export const insteadOf = async (client: Client, items: readonly unknown[], usual: string): Promise<string> =>
  items.length > 0 || (await client.getPrices()).enforced ? usual : `Licences are ${NOT_NEEDED}.`;

const ID: Column<Order> = { title: 'Order', exact: ({ orderId }) => orderId };
const LICENCES: Column<Order> = { title: 'Licences', exact: ({ quantity }) => quantity, human: ({ quantity }) => count(quantity) };
const PAYMENT: Column<Order> = { title: 'Payment', exact: ({ payment }) => payment };
const STATUS: Column<Order> = { title: 'Status', exact: ({ status }) => status };
const DUE: Column<Order> = {
  title: 'Amount',
  exact: ({ price, dueMinor }) => (price === null || dueMinor === null ? '' : money(dueMinor, price.currency)),
};
const PLACED: Column<Order> = { title: 'Placed', exact: ({ placedAt }) => placedAt, human: ({ placedAt }) => day(placedAt) };
const ENDS: Column<Order> = { title: 'Ends', exact: ({ expiresAt }) => expiresAt, human: ({ expiresAt }) => day(expiresAt) };

/** The order as it is after a command. */
const orderAfter = (
  client: Client,
  { id, stream, version }: { readonly id: string; readonly stream: string; readonly version: number },
): Promise<ShownOrder> => client.getOrder({ params: { orderId: id }, query: { atLeast: `${stream}:${version}` } });

const nextOf = ({ orderId: id, payment, status, renews, checkoutUrl, cause }: ShownOrder): string => {
  if (status === 'released') return renews === null ? 'its licences are released.' : `the licences of order ${renews} are renewed.`;
  if (checkoutUrl !== null)
    return `pay it at ${checkoutUrl}\nIts licences are released within a minute after that. See with: pstream licence show ${id}`;
  if (payment === 'wire' && status === 'awaiting-payment')
    return `it waits for its payment. When the money has come: pstream licence record-payment ${id} REFERENCE`;
  if (payment === 'wire' && status === 'refunding')
    return `the licences that it was to renew are gone. Transfer its money back, and record that: pstream licence refund ${id} --reference REFERENCE --yes`;
  return `${cause === null ? status : `${status} (${cause})`}. See how far it is with: pstream licence show ${id}`;
};
