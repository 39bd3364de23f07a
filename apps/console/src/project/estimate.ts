/** A minute of throughput. */
export type Minute = {
  readonly at: string;
  readonly items: number;
  readonly bytes: number;
  readonly waits: Readonly<Record<string, { readonly times: number; readonly ms: number }>>;
};

/** A minute of the last hour; one in which nothing happened has zeros. */
export type Slot = { readonly startMs: number; readonly items: number; readonly bytes: number; readonly waitedMs: number };

const MINUTE_MS = 60_000;
const SLOTS = 60;

/** The last hour minute by minute, oldest first, without the minute that is still going on. */
export const lastHour = (minutes: readonly Minute[], nowMs: number): readonly Slot[] => {
  const end = Math.floor(nowMs / MINUTE_MS) * MINUTE_MS;
  const found = new Map(minutes.map((minute) => [Date.parse(minute.at), minute]));
  return Array.from({ length: SLOTS }, (_none, at) => {
    const startMs = end - (SLOTS - at) * MINUTE_MS;
    const minute = found.get(startMs);
    const waitedMs = Object.values(minute?.waits ?? {}).reduce((sum, { ms }) => sum + ms, 0);
    return { startMs, items: minute?.items ?? 0, bytes: minute?.bytes ?? 0, waitedMs };
  });
};

/** When it will be done, between an early and a late end; or why that cannot be said. */
export type Estimate =
  | { readonly is: 'band'; readonly earlyMs: number; readonly lateMs: number }
  | { readonly is: 'none'; readonly why: 'done' | 'not-running' | 'counting' | 'too-soon' | 'standing' };

const LEAST_MINUTES = 5;
/** Minutes that one rate is taken over: a single one says more of the size of a batch than of the rate. */
const WINDOW = 5;

/** The band from the 10th to the 90th percentile of what the last hour did, in items a minute over five minutes each. */
export const estimateOf = (facts: {
  readonly slots: readonly Slot[];
  readonly toDo: number;
  readonly running: number;
  readonly counting: boolean;
  readonly nowMs: number;
}): Estimate => {
  const { slots, toDo, running, counting, nowMs } = facts;
  if (running === 0) return { is: 'none', why: toDo === 0 ? 'done' : 'not-running' };
  if (counting) return { is: 'none', why: 'counting' };
  const first = slots.findIndex(({ items }) => items > 0);
  const since = first === -1 ? [] : slots.slice(first);
  if (since.length < LEAST_MINUTES) return { is: 'none', why: 'too-soon' };
  const rates = Array.from({ length: since.length - WINDOW + 1 }, (_none, at) =>
    since.slice(at, at + WINDOW).reduce((sum, { items }) => sum + items / WINDOW, 0),
  ).sort((a, b) => a - b);
  const [slow, fast] = [rankOf(rates, 0.1), rankOf(rates, 0.9)];
  if (slow === 0) return { is: 'none', why: 'standing' };
  return { is: 'band', earlyMs: nowMs + (toDo / fast) * MINUTE_MS, lateMs: nowMs + (toDo / slow) * MINUTE_MS };
};

const rankOf = (sorted: readonly number[], share: number): number => sorted[Math.round(share * (sorted.length - 1))] ?? 0;

/** What sets the pace, with how many of the running mailboxes say so. */
export type Bottleneck = {
  readonly at: 'source' | 'network' | 'build' | 'none' | 'idle';
  readonly mailboxes: number;
  readonly running: number;
};

type Held = {
  readonly status: string;
  readonly held: { readonly kind: 'limit' | 'backlog' | 'fault' | 'plan'; readonly code: string } | null;
};

/** Names what most of the running mailboxes wait for: limits of the tenant, failures on the way, or the PSTs that are written. */
export const bottleneckOf = (rows: readonly Held[]): Bottleneck => {
  const running = rows.filter(({ status }) => status === 'Migrating' || status === 'Verifying');
  if (running.length === 0) return { at: 'idle', mailboxes: 0, running: 0 };
  const held = (kind: string): number => running.filter((row) => row.held?.kind === kind).length;
  const causes = [
    { at: 'source', mailboxes: held('limit') },
    { at: 'network', mailboxes: held('fault') },
    { at: 'build', mailboxes: held('backlog') },
  ] as const;
  const most = causes.reduce((a, b) => (b.mailboxes > a.mailboxes ? b : a));
  return most.mailboxes === 0 ? { at: 'none', mailboxes: 0, running: running.length } : { ...most, running: running.length };
};
