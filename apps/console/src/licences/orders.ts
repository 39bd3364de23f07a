import type { AnswerOf } from '../api/answers.js';
import type { Tone } from '../parts/statuses.js';

export type Order = AnswerOf<'getLicences'>['orders'][number];
/** The status of an order, and whether the licences of a released one have ended or are about to. */
export type OrderState = Order['status'] | 'expired' | 'ends-soon';

const DAY_MS = 86_400_000;
/** From when on before their end licences are pointed out; the first notice of it comes then, too. */
export const SOON_DAYS = 30;

export const orderState = ({ status, expiresAt }: Pick<Order, 'status' | 'expiresAt'>, nowMs: number): OrderState => {
  if (status !== 'released' || expiresAt === null) return status;
  const leftMs = Date.parse(expiresAt) - nowMs;
  if (leftMs <= 0) return 'expired';
  return leftMs <= SOON_DAYS * DAY_MS ? 'ends-soon' : status;
};

/** Sign and colour of each state; the word is always there too. */
export const ORDER_LOOKS: Readonly<Record<OrderState, readonly [sign: string, tone: Tone]>> = {
  'awaiting-payment': ['◷', 'busy'],
  cancelling: ['⟳', 'busy'],
  cancelled: ['◼', 'quiet'],
  failed: ['✕', 'bad'],
  released: ['✓', 'good'],
  'ends-soon': ['!', 'warn'],
  expired: ['○', 'quiet'],
  refunding: ['⟳', 'busy'],
  'refund-failed': ['✕', 'bad'],
  refunded: ['◼', 'quiet'],
};

/** What can be done to an order. */
export type OrderStep = 'record-payment' | 'cancel' | 'refund' | 'renew';

/** What its state allows, as far as the page can say; the gateway decides again. */
export const stepsOf = (order: Order, nowMs: number): readonly OrderStep[] => {
  const { payment, renews } = order;
  switch (orderState(order, nowMs)) {
    case 'awaiting-payment':
      return payment === 'wire' ? ['record-payment', 'cancel'] : ['cancel'];
    case 'released':
    case 'ends-soon':
      return renews === null ? ['renew', 'refund'] : [];
    case 'refund-failed':
      return ['refund'];
    case 'refunding':
      return payment === 'wire' ? ['refund'] : [];
    default:
      return [];
  }
};

/** Users as they are pasted: one a line, or with commas, semicolons or spaces between; each once. */
export const usersIn = (text: string): readonly string[] => [...new Set(text.split(/[\s,;]+/).filter((user) => user !== ''))];
