import type {
  ApplyBundles,
  CancelOrder,
  CheckoutAddress,
  CheckoutAddressReply,
  CommandMeta,
  CommandReply,
  Coverage,
  CoverageReply,
  LicenceTermsReply,
  LookAtOrder,
  LookAtOrderReply,
  PlaceOrder,
  RecordPayment,
  RefundOrder,
  RenewOrder,
} from '@pstream/contracts';
import { toReply } from '@pstream/event-store';
import { isFault } from '@pstream/kernel';
import type { LicencePoolCommand, Terms } from '../domain/licence-pool/commands.js';
import { decide } from '../domain/licence-pool/decide.js';
import { bundleKey } from '../domain/licence-pool/state.js';
import { offeredCoupon } from './coupons.js';
import { nextStep } from '../process/next-step.js';
import { poolOf } from './pool.js';
import { refusedWhereNone, type LicensingPorts } from './ports.js';

/** Puts an order on record; a card is charged after that, by the payment process. */
export const placeOrder = (ports: LicensingPorts, meta: CommandMeta, body: PlaceOrder): Promise<CommandReply> =>
  place(ports, meta, body.coupon, (terms) => ({ type: 'PlaceOrder', ...body, ...terms, at: meta.at }));

/** Puts an order on record that prolongs the licences of another one. */
export const renewOrder = (ports: LicensingPorts, meta: CommandMeta, body: RenewOrder): Promise<CommandReply> =>
  place(ports, meta, body.coupon, (terms) => ({ type: 'RenewOrder', ...body, ...terms, at: meta.at }));

const place = async (
  ports: LicensingPorts,
  meta: CommandMeta,
  code: string | undefined,
  commandWith: (terms: Pick<Terms, 'price' | 'takesCards' | 'coupon'>) => LicencePoolCommand & { readonly orderId: string },
): Promise<CommandReply> => {
  const refused = refusedWhereNone(ports);
  if (refused !== undefined) return refused;
  const { price, cards } = ports.terms;
  const coupon = await offeredCoupon(ports, code);
  if (!coupon.ok) return { accepted: false, rejection: coupon.error };
  return runAndPay(ports, commandWith({ price, takesCards: cards !== 'none', coupon: coupon.value }), meta);
};

/** Notes that the money of a wire transfer has come; releases its licences. */
export const recordPayment = (ports: LicensingPorts, meta: CommandMeta, body: RecordPayment): Promise<CommandReply> =>
  run(ports, { type: 'RecordPayment', ...body, at: meta.at }, meta);

/** Gives up an order that is not paid. */
export const cancelOrder = (ports: LicensingPorts, meta: CommandMeta, body: CancelOrder): Promise<CommandReply> =>
  runAndPay(ports, { type: 'CancelOrder', ...body, at: meta.at }, meta);

/** Returns the money of an order that is not used. */
export const refundOrder = (ports: LicensingPorts, meta: CommandMeta, body: RefundOrder): Promise<CommandReply> =>
  runAndPay(ports, { type: 'RefundOrder', ...body, at: meta.at }, meta);

/** Applies bundles to users of a customer by hand: all or none. */
export const applyBundles = async (ports: LicensingPorts, meta: CommandMeta, body: ApplyBundles): Promise<CommandReply> =>
  refusedWhereNone(ports) ?? run(ports, { type: 'ApplyBundles', ...body, at: meta.at }, meta);

/** Until when each user's bundle is valid. */
export const coverage = async (ports: LicensingPorts, body: Coverage): Promise<CoverageReply> => {
  const { state } = await poolOf(ports, body.workgroupId).fold();
  return {
    covered: body.users.map((user) => ({ user, expiresAt: state.bundles.get(bundleKey(body.customerId, user))?.expiresAt ?? null })),
    enforced: ports.terms.enforced,
  };
};

/** Where the buyer pays an order now. The address is asked for each time: whoever has it can pay there, so it is on no record. */
export const checkoutAddress = async (ports: LicensingPorts, { workgroupId, orderId }: CheckoutAddress): Promise<CheckoutAddressReply> => {
  const { state } = await poolOf(ports, workgroupId).fold();
  const order = state.orders.get(orderId);
  if (order?.status !== 'awaiting-payment' || order.checkout === null) return { url: null };
  try {
    return { url: (await ports.addressOf?.(order.checkout)) ?? null };
  } catch (error) {
    // The order can be shown without it; the rounds of the payment process log why the provider does not answer.
    if (!isFault(error)) throw error;
    return { url: null };
  }
};

/** Has the payment process go on with an order that is on record and not over. Nobody who asks for it says anything about the payment. */
export const lookAtOrder = async (ports: LicensingPorts, { workgroupId, orderId }: LookAtOrder): Promise<LookAtOrderReply> => {
  const { state } = await poolOf(ports, workgroupId).fold();
  const order = state.orders.get(orderId);
  const looked = order !== undefined && nextStep(order) !== undefined;
  if (looked) ports.lookSoon({ workgroupId, orderId });
  return { looked };
};

/** On what terms licences are sold now. */
export const licenceTerms = ({ terms }: LicensingPorts): Promise<LicenceTermsReply> => Promise.resolve(terms);

const run = async (ports: LicensingPorts, command: LicencePoolCommand, meta: CommandMeta): Promise<CommandReply> =>
  toReply(await poolOf(ports, command.workgroupId).decide((state) => decide(command, state), meta));

/** A command that the payment process goes on with. Where the provider answers at once, so does this, with the version after it. */
const runAndPay = async (
  ports: LicensingPorts,
  command: LicencePoolCommand & { readonly orderId: string },
  meta: CommandMeta,
): Promise<CommandReply> => {
  const reply = await run(ports, command, meta);
  if (!reply.accepted || ports.advance === undefined) return reply;
  try {
    await ports.advance(command);
  } catch (error) {
    // The order is on record: the process tries again.
    if (!isFault(error)) throw error;
  }
  const { version } = await poolOf(ports, command.workgroupId).fold();
  return { ...reply, version };
};
