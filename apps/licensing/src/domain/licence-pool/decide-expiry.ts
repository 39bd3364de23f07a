import { EXPIRY_WARNING_DAYS, type LicensingEvent } from '@pstream/contracts';
import { accept, type Decision } from '@pstream/kernel';
import type { LicencePool } from './state.js';

const DAY_MS = 24 * 3_600_000;

/** Warns of licences that end soon, once for each number of days. Whoever slept through several of them is warned of the nearest alone. */
export const warnOfExpiry = (
  { workgroupId, at }: { readonly workgroupId: string; readonly at: string },
  { orders }: LicencePool,
): Decision<LicensingEvent> => {
  const now = Date.parse(at);
  const events = [...orders].flatMap(([orderId, order]): LicensingEvent[] => {
    const { status, renews, expiresAt, warnedDays, quantity, left } = order;
    if (status !== 'released' || renews !== null || expiresAt === null) return [];
    const leftMs = Date.parse(expiresAt) - now;
    const daysLeft = EXPIRY_WARNING_DAYS.find((days) => leftMs <= days * DAY_MS);
    if (leftMs <= 0 || daysLeft === undefined || (warnedDays !== null && warnedDays <= daysLeft)) return [];
    return [{ type: 'LicenceExpiryNear', data: { workgroupId, orderId, daysLeft, quantity, applied: quantity - left, expiresAt, at } }];
  });
  return accept(...events);
};
