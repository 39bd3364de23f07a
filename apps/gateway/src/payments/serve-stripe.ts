import type { Clock } from '@pstream/kernel';
import { z } from 'zod';
import type { HttpRequest, Middleware } from '../door/http.js';
import { problem } from '../door/problem.js';
import { bytesOf } from '../door/read-body.js';

/** Where Stripe reports payments; no operation of the API, since Stripe alone calls it. */
export const STRIPE_PATH = '/webhooks/stripe';

/** Larger than any report about a payment page. */
const MOST_BYTES = 256 * 1024;
/** How old a report may be, and how far in the future: what is older may be a repetition by somebody who has seen it. */
const TOLERANCE_S = 300;

/** What a report is read for: which order to look at. Everything else in it, such as who paid, is dropped here. */
const Report = z.object({
  type: z.string().startsWith('checkout.session.'),
  data: z.object({ object: z.object({ metadata: z.object({ workgroupId: z.string().min(1).max(64), orderId: z.ulid() }) }) }),
});

export type StripeReports = {
  /** Undefined where none is configured. */
  readonly secret: string | undefined;
  readonly clock: Pick<Clock, 'now'>;
  /** Has an order looked at soon; one that nobody knows is none. */
  readonly look: (order: { readonly workgroupId: string; readonly orderId: string }) => Promise<unknown>;
};

/** Hears reports of Stripe. A report is believed in nothing: it makes pstream ask Stripe about an order now instead of within 15 seconds, so repeated, reordered and
 *  late ones do no harm. Comes before hosts and callers are checked, since its signature says who sends it.
 *  Problems 'webhook.not-set-up' (404), 'webhook.signature-invalid' (400), 'request.too-large' (413). */
export const serveStripe =
  ({ secret, clock, look }: StripeReports): Middleware =>
  (request, response, next) => {
    if (request.path !== STRIPE_PATH) return next();
    if (secret === undefined) return next(problem('webhook.not-set-up', 404));
    if (request.method !== 'POST') {
      response.setHeader('allow', 'POST');
      return next(problem('request.method-not-allowed', 405));
    }
    const heard = async (): Promise<void> => {
      const report = await reportIn(request, secret, clock);
      if (report.success) await look(report.data.data.object.metadata);
      response.statusCode = 204;
      response.end();
    };
    return void heard().catch((error: unknown) => {
      // The rest of a body that nobody wants would keep the connection busy.
      response.setHeader('connection', 'close');
      next(error);
    });
  };

const reportIn = async (
  request: HttpRequest,
  secret: string,
  clock: Pick<Clock, 'now'>,
): Promise<z.ZodSafeParseResult<z.infer<typeof Report>>> => {
  const signature = request.headers['stripe-signature'];
  if (typeof signature !== 'string') throw problem('webhook.signature-invalid', 400);
  const body = await bytesOf(request, MOST_BYTES);
  const nowMs = Date.parse(clock.now());
  // Loaded with the first report: few gateways ever see one, and loading it would delay the start of all.
  const { default: Stripe } = await import('stripe');
  try {
    const event = Stripe.webhooks.constructEvent(Buffer.from(body), signature, secret, TOLERANCE_S, undefined, nowMs);
    if (event.created * 1_000 > nowMs + TOLERANCE_S * 1_000) throw new RangeError('from the future');
    return Report.safeParse(event);
  } catch {
    // What the library says quotes the header and the body.
    throw problem('webhook.signature-invalid', 400);
  }
};
