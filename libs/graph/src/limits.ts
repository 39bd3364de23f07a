import type { GraphLimits } from './client.js';

/** Computed waits vary by a fifth, up or down. */
const JITTER = [0.8, 1.2] as const;

/** What a client goes by unless told otherwise (Graph §5.2, §6; Reliability §2.2 for the repeats). */
export const DEFAULT_LIMITS: GraphLimits = {
  listingMs: 60_000,
  exportMs: 300_000,
  throttled: { firstMs: 15_000, mostMs: 300_000, jitter: JITTER },
  longestInlineWaitMs: 60_000,
  passing: { firstMs: 1_000, mostMs: 30_000, jitter: JITTER },
  tries: 4,
  // Exchange allows 4 at a time per app and mailbox; one is left for others that use the same app.
  concurrencyStart: 3,
  goodCallsPerStep: 50,
  concurrencyTotal: 64,
  // Exchange allows 10,000 per 10 minutes.
  callsPerWindow: 9_600,
  windowMs: 600_000,
  // Ten, so that a client with few calls can still get over one bad minute.
  retries: { share: 0.1, least: 10 },
  listingBytes: 64 * 1024 * 1024,
  // A message is capped at about 150 MB; the stream may be larger than the message.
  itemBytes: 512 * 1024 * 1024,
};

/** The service's own bound on concurrent calls per app and mailbox. */
export const MAX_CONCURRENT_PER_MAILBOX = 4;
