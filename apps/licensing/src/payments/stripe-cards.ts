import type { Money } from '@pstream/contracts';
import { amountOf, Fault } from '@pstream/kernel';
import type Stripe from 'stripe';
import type { PayableOrder, Payments, PaymentState, RefundState } from './payments.js';

/** How Stripe is reached. `returnUrl` is where buyers go from Stripe's page. */
export type StripeOptions = { readonly key: string; readonly url: string; readonly returnUrl: string };

const TIMEOUT_MS = 20_000;
/** Somebody waits for it. */
const ADDRESS_TIMEOUT_MS = 3_000;
/** Stripe counts these in hundredths although they have no smaller unit. */
const IN_HUNDREDTHS: ReadonlySet<string> = new Set(['ISK', 'UGX']);

type Session = Stripe.Checkout.Session;

/** Loaded with the first payment: few processes ever need it, and loading it would delay the start of all. */
const library = async (): Promise<typeof Stripe> => (await import('stripe')).default;

/** Card payments on Stripe's page (Checkout). An order's id is the idempotency key of its session and, with the attempt, of its refund. */
export const stripeCards = ({ key, url, returnUrl }: StripeOptions): Payments => {
  const { protocol, hostname, port } = new URL(url);
  let opened: Stripe | undefined;
  const stripe = async (): Promise<Stripe> => {
    const Library = await library();
    return (opened ??= new Library(key, {
      protocol: protocol === 'http:' ? 'http' : 'https',
      host: hostname,
      port: port === '' ? (protocol === 'http:' ? 80 : 443) : Number(port),
      timeout: TIMEOUT_MS,
      // Waits between tries are those of the payment process.
      maxNetworkRetries: 0,
      telemetry: false,
    }));
  };
  const sessionOf = async (checkout: string, timeout = TIMEOUT_MS): Promise<Session> => {
    try {
      return await asked((await stripe()).checkout.sessions.retrieve(checkout, {}, { timeout }));
    } catch (error) {
      if (!isRefused(error)) throw error;
      throw new Fault('payment.unknown', {
        retry: { afterMs: 60_000 },
        facts: { checkout },
        advice: 'Stripe does not know this payment. Set PSTREAM_STRIPE_KEY_FILE to the key of the account that it was begun with.',
      });
    }
  };
  /** Begun with a test key, before the one of now: no money has moved, none will, and this key cannot ask about it. */
  const isTest = (checkout: string): boolean => checkout.startsWith('cs_test_') && key.includes('_live_');
  const look = async (checkout: string): Promise<PaymentState> =>
    isTest(checkout) ? { is: 'closed', code: 'payment.test-mode' } : stateOf(await sessionOf(checkout));
  return {
    isImmediate: false,
    open: async ({ due, ...order }) => {
      // An order of a time without prices keeps none, so that nothing can ever be paid for it here.
      if (due === null) return { is: 'closed', code: 'payment.no-price' };
      try {
        const session = sessionFor({ ...order, due }, returnUrl);
        return stateOf(await asked((await stripe()).checkout.sessions.create(session, { idempotencyKey: order.orderId })));
      } catch (error) {
        if (isRefused(error)) return { is: 'closed', code: 'payment.refused' };
        throw error;
      }
    },
    look,
    close: async (checkout) => {
      if (isTest(checkout)) return look(checkout);
      try {
        return stateOf(await asked((await stripe()).checkout.sessions.expire(checkout)));
      } catch (error) {
        // Only an open session can be closed; any other is asked what became of it.
        if (isRefused(error)) return look(checkout);
        throw error;
      }
    },
    refund: async ({ orderId, reference, attempt }) => {
      try {
        const known = await asked((await stripe()).refunds.list({ payment_intent: reference, limit: 100 }));
        const before = known.data.find(({ metadata }) => metadata?.['attempt'] === String(attempt));
        if (before !== undefined) return refundStateOf(before);
        const metadata = { orderId, attempt: String(attempt) };
        const idempotencyKey = `refund-${orderId}-${attempt}`;
        return refundStateOf(await asked((await stripe()).refunds.create({ payment_intent: reference, metadata }, { idempotencyKey })));
      } catch (error) {
        if (isRefused(error)) return { is: 'failed', code: 'payment.refund-refused' };
        throw error;
      }
    },
    addressOf: async (checkout) => {
      const { status, url: address } = await sessionOf(checkout, ADDRESS_TIMEOUT_MS);
      return status === 'open' && address !== null ? address : undefined;
    },
  };
};

const sessionFor = (
  { workgroupId, orderId, quantity, due }: PayableOrder & { readonly due: Money },
  returnUrl: string,
): Stripe.Checkout.SessionCreateParams => ({
  mode: 'payment',
  allowed_payment_method_types: ['card'],
  client_reference_id: orderId,
  metadata: { workgroupId, orderId },
  // One line for all: with a reduction, the amount need not be a multiple of the quantity.
  line_items: [
    {
      quantity: 1,
      price_data: {
        currency: due.currency.toLowerCase(),
        unit_amount: due.minor * factorOf(due.currency),
        product_data: { name: amountOf(quantity, 'User Migration Bundle') },
      },
    },
  ],
  success_url: returnUrl,
  cancel_url: returnUrl,
});

const factorOf = (currency: string): number => (IN_HUNDREDTHS.has(currency) ? 100 : 1);

const stateOf = ({ id, status, payment_status: paid, payment_intent: intent, amount_total: amount, currency }: Session): PaymentState => {
  if (status === 'expired') return { is: 'closed', code: 'payment.expired' };
  if (status !== 'complete' || paid === 'unpaid') return { is: 'open', checkout: id };
  const code = (currency ?? '').toUpperCase();
  return {
    is: 'paid',
    reference: typeof intent === 'string' ? intent : (intent?.id ?? id),
    paid: { currency: code, minor: (amount ?? 0) / factorOf(code) },
  };
};

const refundStateOf = ({ id, status }: Stripe.Refund): RefundState => {
  if (status === 'failed' || status === 'canceled') return { is: 'failed', code: 'payment.refund-refused' };
  return status === 'succeeded' ? { is: 'refunded', reference: id } : { is: 'pending' };
};

/** What Stripe will not do, whenever it is asked. */
class Refused extends Error {}
const isRefused = (error: unknown): boolean => error instanceof Refused;

/** An answer of Stripe. Its messages may quote what was sent, so none of them goes any further.
 *  Faults 'payment.unavailable' (after a while), 'payment.not-authorised' (after a while: the key is to be replaced). */
const asked = async <T>(call: Promise<T>): Promise<T> => {
  try {
    return await call;
  } catch (error) {
    const { errors } = await library();
    if (!(error instanceof errors.StripeError)) throw error;
    const { type, code, statusCode: status, requestId } = error;
    // Not `code`: that is the fault's own in the log.
    const facts = { stripeType: type, stripeCode: code ?? null, status: status ?? null, requestId: requestId ?? null };
    switch (type) {
      case 'StripeInvalidRequestError':
      case 'StripeCardError':
        throw new Refused(type);
      case 'StripeAuthenticationError':
      case 'StripePermissionError':
        throw new Fault('payment.not-authorised', {
          retry: { afterMs: 60_000 },
          facts,
          advice:
            'Stripe does not accept the key. Put a key that may write Checkout Sessions and Refunds into the file of PSTREAM_STRIPE_KEY_FILE.',
        });
      default:
        throw new Fault('payment.unavailable', {
          retry: { afterMs: 10_000 },
          facts,
          advice: 'Stripe did not answer as it should. The order is on record, and Stripe is asked again.',
        });
    }
  }
};
