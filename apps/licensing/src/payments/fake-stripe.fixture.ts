import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import Stripe from 'stripe';

type Session = {
  readonly id: string;
  readonly object: 'checkout.session';
  status: 'open' | 'complete' | 'expired';
  payment_status: 'unpaid' | 'paid';
  payment_intent: string | null;
  url: string | null;
  readonly amount_total: number;
  readonly currency: string;
  readonly client_reference_id: string;
  readonly metadata: Readonly<Record<string, string>>;
};
type RefundObject = {
  readonly id: string;
  readonly object: 'refund';
  status: string;
  readonly payment_intent: string;
  readonly metadata: Readonly<Record<string, string>>;
};
type Answer = { readonly status: number; readonly body: unknown };

/** What a session and a refund may be made with; anything else is refused, as Stripe does. */
const KNOWN = [
  /^(?:mode|client_reference_id|success_url|cancel_url)$/,
  /^allowed_payment_method_types\[0\]$/,
  /^metadata\[\w+\]$/,
  /^line_items\[0\]\[quantity\]$/,
  /^line_items\[0\]\[price_data\]\[(?:currency|unit_amount|product_data\]\[name)\]$/,
  /^(?:payment_intent|limit)$/,
];

/** As much of Stripe's API as card payments need, and as strict: form-encoded, keyed, idempotent by key for the same parameters alone. */
export class FakeStripe {
  static readonly key = 'sk_test_fake';
  readonly sessions = new Map<string, Session>();
  readonly refunds = new Map<string, RefundObject>();
  readonly #answers = new Map<string, { readonly text: string; readonly answer: Answer }>();
  /** What the next calls end with, instead of an answer: `after` does the work first, null answers as usual. */
  readonly failures: ('before' | 'after' | number | null)[] = [];
  /** No call is answered while it is set. */
  isDown = false;
  refundStatus = 'succeeded';
  #server: Server | undefined;
  #made = 0;

  async start(): Promise<string> {
    this.#server = createServer((request, response) => {
      void textOf(request).then((text) => {
        const failure = this.isDown ? 'before' : this.failures.shift();
        if (failure === 'before') return request.socket.destroy();
        const { status, body } = typeof failure === 'number' ? refused(failure, 'api_error', 'told_to_fail') : this.#keyed(request, text);
        if (failure === 'after') return request.socket.destroy();
        return response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
      });
    });
    await new Promise<void>((resolve) => this.#server?.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server?.closeAllConnections();
    await new Promise((resolve) => this.#server?.close(resolve));
  }

  /** The header with which Stripe sends a report. */
  static signature(payload: string, secret: string, timestamp: number): string {
    return new Stripe(FakeStripe.key).webhooks.generateTestHeaderString({ payload, secret, timestamp });
  }

  /** The buyer pays on the page of the session. */
  pay(id: string): void {
    const session = this.sessions.get(id);
    if (session?.status !== 'open') throw new Error(`session ${id} is not open`);
    Object.assign(session, { status: 'complete', payment_status: 'paid', payment_intent: `pi_${id}`, url: null });
  }

  #keyed(request: IncomingMessage, text: string): Answer {
    if (request.headers.authorization !== `Bearer ${FakeStripe.key}`) return refused(401, 'invalid_request_error', 'invalid_api_key');
    const url = new URL(request.url ?? '', 'http://stripe');
    const given = new URLSearchParams(request.method === 'GET' ? url.search : text);
    const foreign = [...given.keys()].find((name) => !KNOWN.some((known) => known.test(name)));
    if (foreign !== undefined) return refused(400, 'invalid_request_error', 'parameter_unknown');
    const key = request.headers['idempotency-key'];
    if (typeof key !== 'string' || request.method === 'GET') return this.#answer(`${request.method} ${url.pathname}`, given);
    const before = this.#answers.get(key);
    if (before !== undefined) return before.text === text ? before.answer : refused(400, 'idempotency_error', 'idempotency_key_reused');
    const answer = this.#answer(`${request.method} ${url.pathname}`, given);
    // Stripe repeats the answer of then, whatever has happened since.
    const kept = { status: answer.status, body: structuredClone(answer.body) };
    this.#answers.set(key, { text, answer: kept });
    return kept;
  }

  #answer(route: string, given: URLSearchParams): Answer {
    const [, id = '', verb] = /^\w+ \/v1\/checkout\/sessions\/(\w+)(\/expire)?$/.exec(route) ?? [];
    if (route === 'POST /v1/checkout/sessions') return { status: 200, body: this.#open(given) };
    if (route === 'POST /v1/refunds') return this.#refund(given);
    if (route === 'GET /v1/refunds') {
      const data = [...this.refunds.values()].filter((refund) => refund.payment_intent === given.get('payment_intent'));
      return { status: 200, body: { object: 'list', data, has_more: false, url: '/v1/refunds' } };
    }
    const session = this.sessions.get(id);
    if (session === undefined) return refused(404, 'invalid_request_error', 'resource_missing');
    if (verb !== undefined && session.status !== 'open') return refused(400, 'invalid_request_error', 'not_open');
    if (verb !== undefined) Object.assign(session, { status: 'expired', url: null });
    return { status: 200, body: session };
  }

  #open(given: URLSearchParams): Session {
    const id = `cs_test_${++this.#made}`;
    const session: Session = {
      id,
      object: 'checkout.session',
      status: 'open',
      payment_status: 'unpaid',
      payment_intent: null,
      url: `https://checkout.stripe.test/${id}`,
      amount_total: Number(given.get('line_items[0][price_data][unit_amount]')),
      currency: given.get('line_items[0][price_data][currency]') ?? '',
      client_reference_id: given.get('client_reference_id') ?? '',
      metadata: metadataOf(given),
    };
    this.sessions.set(id, session);
    return session;
  }

  #refund(given: URLSearchParams): Answer {
    const intent = given.get('payment_intent') ?? '';
    if (![...this.sessions.values()].some((session) => session.payment_intent === intent))
      return refused(404, 'invalid_request_error', 'resource_missing');
    const taken = [...this.refunds.values()].some(({ payment_intent: of, status }) => of === intent && status !== 'failed');
    if (taken) return refused(400, 'invalid_request_error', 'charge_already_refunded');
    const id = `re_test_${++this.#made}`;
    const refund: RefundObject = { id, object: 'refund', status: this.refundStatus, payment_intent: intent, metadata: metadataOf(given) };
    this.refunds.set(id, refund);
    return { status: 200, body: refund };
  }
}

const refused = (status: number, type: string, code: string): Answer => ({
  status,
  body: { error: { type, code, message: 'Refused with 4242 4242 4242 4242.' } },
});

const metadataOf = (given: URLSearchParams): Record<string, string> =>
  Object.fromEntries([...given].flatMap(([name, value]) => (name.startsWith('metadata[') ? [[name.slice(9, -1), value]] : [])));

const textOf = async (request: IncomingMessage): Promise<string> => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of request as AsyncIterable<Uint8Array>) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
};
