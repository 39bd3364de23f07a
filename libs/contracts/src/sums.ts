import type { Amounts, Share } from './changes.js';
import { discoveredStates, type DiscoveredFile, type DiscoverySums } from './discovery.js';
import { unaccounted, type Totals } from './words.js';
import type { Waits } from './extraction.js';
import type { ItemErrorView, MailboxView } from './mailbox-views.js';

// Sums over the mailboxes of a project, a customer, or the workgroup, and what they brought in each minute. The projector names the amounts, the
// gateway reads them: this is the one place that knows both.

/** Where a sum is asked for. */
export type SumOf = { readonly projectId: string } | { readonly customerId: string } | 'workgroup';

const scopeOf = (of: SumOf): string =>
  of === 'workgroup' ? of : 'projectId' in of ? `project:${of.projectId}` : `customer:${of.customerId}`;

type Placed = { readonly projectId: string; readonly customerId: string };

/** The scope of a sum over mailboxes. */
export const mailboxScope = scopeOf;

/** The sums that a mailbox counts in. An installation is one workgroup. */
export const projectSumScopes = ({ projectId, customerId }: Placed): string[] => [
  scopeOf({ projectId }),
  scopeOf({ customerId }),
  scopeOf('workgroup'),
];

/** What a mailbox counts for in the sums of its project, its customer and the workgroup. */
export const mailboxShare = (mailbox: MailboxView): Share => {
  const { status, listing, totals, extracted, parts, mime, doubts, superseded, foldersNotListed, waits, held } = mailbox;
  const amounts = {
    mailboxes: 1,
    [`statuses.${status}`]: 1,
    [`listings.${listing}`]: 1,
    ...totals,
    items: extracted.items,
    bytes: extracted.bytes,
    parts,
    mime,
    foldersNotListed,
    doubts,
    superseded,
    ...Object.fromEntries(
      Object.entries(waits).flatMap(([limit, { times, ms }]) => [
        [`waits.${limit}.times`, times],
        [`waits.${limit}.ms`, ms],
      ]),
    ),
    ...(held === null ? {} : { [`held.${held.code}`]: 1 }),
  };
  return { scopes: projectSumScopes(mailbox), amounts: Object.fromEntries(Object.entries(amounts).filter(([, amount]) => amount !== 0)) };
};

/** Sums over mailboxes. */
export type MailboxSums = {
  readonly mailboxes: number;
  readonly statuses: Readonly<Record<string, number>>;
  readonly totals: Totals;
  readonly unaccounted: number;
  readonly listing: 'not-started' | 'going-on' | 'finished';
  readonly extracted: { readonly items: number; readonly bytes: number };
  readonly parts: number;
  readonly mime: number;
  readonly foldersNotListed: number;
  readonly doubts: number;
  readonly superseded: number;
  /** Time lost to limits of the tenants in the passes that are open or were the last. */
  readonly waits: Readonly<Record<string, Waits>>;
  /** Mailboxes that wait for something before they can go on, by its code. */
  readonly held: Readonly<Record<string, number>>;
};

/** Reads the amounts of a sum over mailboxes. */
export const mailboxSums = (amounts: Amounts): MailboxSums => {
  const of = (name: string): number => amounts[name] ?? 0;
  const totals = { discovered: of('discovered'), exported: of('exported'), skipped: of('skipped'), failed: of('failed') };
  return {
    mailboxes: of('mailboxes'),
    statuses: under(amounts, 'statuses.'),
    totals,
    unaccounted: unaccounted(totals),
    listing: listingOf(under(amounts, 'listings.')),
    extracted: { items: of('items'), bytes: of('bytes') },
    parts: of('parts'),
    mime: of('mime'),
    foldersNotListed: of('foldersNotListed'),
    doubts: of('doubts'),
    superseded: of('superseded'),
    waits: waitsOf(amounts),
    held: under(amounts, 'held.'),
  };
};

const listingOf = (listings: Readonly<Record<string, number>>): MailboxSums['listing'] => {
  const isFinished = 'finished' in listings;
  if ('going-on' in listings || (isFinished && 'not-started' in listings)) return 'going-on';
  return isFinished ? 'finished' : 'not-started';
};

const under = (amounts: Amounts, prefix: string): Record<string, number> =>
  Object.fromEntries(
    Object.entries(amounts).flatMap(([name, amount]) => (name.startsWith(prefix) ? [[name.slice(prefix.length), amount]] : [])),
  );

const waitsOf = (amounts: Amounts): Record<string, Waits> => {
  const waits: Record<string, { times: number; ms: number }> = {};
  for (const [name, amount] of Object.entries(under(amounts, 'waits.'))) {
    const dot = name.lastIndexOf('.');
    const limit = name.slice(0, dot);
    const now = (waits[limit] ??= { times: 0, ms: 0 });
    if (name.slice(dot + 1) === 'times') now.times += amount;
    else now.ms += amount;
  }
  return waits;
};

/** A mailbox within a project: one that was moved has been in several. */
export type MailboxIn = { readonly projectId: string; readonly mailboxJobId: string };

/** The scope of a sum over the item errors of a project, a customer, a mailbox within its project or the workgroup. */
export const errorScope = (of: SumOf | MailboxIn): string =>
  typeof of === 'object' && 'mailboxJobId' in of ? `${scopeOf({ projectId: of.projectId })}/mailbox:${of.mailboxJobId}` : scopeOf(of);

/** What an item error counts for: a failed item that nobody has mended or accepted is an open error. */
export const errorShare = (error: Placed & Pick<ItemErrorView, 'mailboxJobId' | 'outcome' | 'state'>): Share => {
  const isOpen = error.outcome === 'failed' && error.state === 'open';
  return { scopes: [errorScope(error), ...projectSumScopes(error)], amounts: isOpen ? { open: 1 } : {} };
};

/** Reads the amounts of a sum over item errors: how many are open. */
export const openErrors = (amounts: Amounts): number => amounts['open'] ?? 0;

/** The scope of a sum over the files of a run or of a Discovery project, by the id of either. */
export const discoveryScope = (of: string): string => `discovery:${of}`;

/** What a file counts for. */
export const discoveryShare = (scope: string, { state, bytes }: Pick<DiscoveredFile, 'state' | 'bytes'>): Share => ({
  scopes: [scope],
  amounts: { [state]: 1, ...(bytes === null || bytes === 0 ? {} : { [`${state}.bytes`]: bytes }) },
});

/** Reads the amounts of a sum over files. What was found is the sum of what became of it, so the two never differ. */
export const discoverySums = (amounts: Amounts): DiscoverySums => {
  const of = (suffix: string) => {
    const [uploaded = 0, skipped = 0, failed = 0] = discoveredStates.map((state) => amounts[`${state}${suffix}`] ?? 0);
    return { found: uploaded + skipped + failed, uploaded, skipped, failed };
  };
  return { ...of(''), bytes: of('.bytes') };
};

/** What a mailbox brought in an hour: amounts by minute, `MM.items`, `MM.bytes`, `MM.waits.<limit>.times`, `MM.waits.<limit>.ms`. */
export type FlowView = Placed & { readonly mailboxJobId: string; readonly hour: string; readonly amounts: Amounts };

/** The hour of a time: `2026-03-01T10`, in UTC. */
export const hourOf = (at: string): string => at.slice(0, 13);

/** Id of a flow document. It begins with its hour, so that old ones can be forgotten. */
export const flowId = (hour: string, mailboxJobId: string): string => `${hour}/${mailboxJobId}`;

/** The scope of a sum over flow documents of an hour. */
export const flowScope = (hour: string, of: SumOf): string => `${hour}/${scopeOf(of)}`;

/** The sums that a flow document counts in. */
export const flowScopes = (hour: string, placed: Placed): string[] => projectSumScopes(placed).map((scope) => `${hour}/${scope}`);

/** Hours of flow that are kept, besides the one that is going on. */
export const FLOW_HOURS = 24;

/** The hours that reach from a day ago to now, oldest first. */
export const flowHours = (now: string): string[] =>
  Array.from({ length: FLOW_HOURS + 1 }, (_, back) => hourOf(new Date(Date.parse(now) - (FLOW_HOURS - back) * 3_600_000).toISOString()));

/** A minute in which something came in or something waited. */
export type FlowMinute = {
  readonly at: string;
  readonly items: number;
  readonly bytes: number;
  readonly waits: Readonly<Record<string, Waits>>;
};

/** Reads the minutes of an hour, oldest first; quiet ones are left out. */
export const flowMinutes = (hour: string, amounts: Amounts): FlowMinute[] =>
  [...new Set(Object.keys(amounts).map((name) => name.slice(0, 2)))].sort().map((minute) => {
    const own = under(amounts, `${minute}.`);
    return { at: `${hour}:${minute}:00.000Z`, items: own['items'] ?? 0, bytes: own['bytes'] ?? 0, waits: waitsOf(own) };
  });
