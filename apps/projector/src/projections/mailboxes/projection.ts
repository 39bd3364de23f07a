import {
  BUILDER_BEHIND,
  completedStatus,
  listsMailbox,
  mailboxShare,
  noItems,
  sumOfTypes,
  VIEWS,
  type CheckView,
  type HeldUp,
  type MailboxView,
  type PassKind,
  type PublishedEvent,
  type Status,
  type Totals,
} from '@pstream/contracts';
import { projectionOf } from '../projection-of.js';
import { quiet, unknown, type Live, type MailboxDocument } from './document.js';

/** What these say is in the sums of their slice, or changes nothing of their mailbox. */
const OF_ONE_ITEM: ReadonlySet<string> = new Set<PublishedEvent['type']>([
  'ItemFailed',
  'ItemSkipped',
  'ItemReadAsMime',
  'ItemDoubted',
  'ItemsMended',
  'ItemsSuperseded',
  'ItemErrorsAcknowledged',
]);

/** How far is each mailbox, what does its Status column say, and does its sum hold? */
export const mailboxes = projectionOf<MailboxDocument>({
  name: VIEWS.mailboxes,
  contexts: ['projects', 'credentials', 'extraction', 'build'],
  keys: (event) => {
    if (event.type === 'LineItemsAdded') return event.data.items.map((item) => item.mailboxJobId);
    return 'mailboxJobId' in event.data && !OF_ONE_ITEM.has(event.type) ? [event.data.mailboxJobId] : [];
  },
  evolve: (document, event, id) => (document?.removedFrom === undefined ? summed(fold(document ?? unknown(id), event, id)) : document),
  announce: (view) => {
    if (view.removedFrom !== undefined) return { ...view.removedFrom, gone: true };
    return view.projectId === '' ? {} : { projectId: view.projectId, customerId: view.customerId, share: mailboxShare(view) };
  },
  queryFields: ['projectId', 'source', 'destination', 'status'],
  searchFields: ['source', 'destination'],
  orders: [
    { within: ['projectId'], sort: 'source', filter: ['status'] },
    { within: ['projectId'], sort: 'destination', filter: ['status'] },
    { within: ['projectId'], sort: 'status' },
  ],
});

const fold = (view: MailboxDocument, event: PublishedEvent, id: string): MailboxDocument => {
  switch (event.type) {
    case 'LineItemsAdded': {
      const item = itemsById(event.data.items).get(id);
      // What the mailbox's own stream says is newer.
      return item === undefined || view.projectId !== '' ? view : placed(view, event.data, item);
    }
    case 'MailboxJobOpened':
      return placed(view, event.data, event.data);
    case 'MailboxEdited': {
      const now = placed(view, event.data, event.data);
      return view.begun && !isForeign(view) ? now : atRest(givenUp(now), event.data.at);
    }
    case 'MailboxStartedOver': {
      const { passIds, destination, at } = event.data;
      const again = {
        ...view,
        destination,
        settled: noItems,
        settledNotListed: 0,
        superseded: 0,
        exported: false,
        lastExport: null,
        begun: false,
      };
      // What was verified holds for the same address.
      return { ...atRest({ ...again, givenUp: [...(view.givenUp ?? []), ...passIds] }, at), checks: view.checks };
    }
    case 'MailboxRemoved': {
      const { projectId, customerId } = event.data;
      return { ...unknown(id), removedFrom: { projectId, customerId } };
    }
    case 'PassStarted': {
      const { passId, number, kind, startAt = null, at } = event.data;
      return {
        ...givenUp(view),
        begun: false,
        attempt: 1,
        status: startAt === null ? beforeBegin(kind) : 'Submitted',
        pass: { passId, number, kind, startedAt: at, startAt, endedAt: null },
        cause: null,
      };
    }
    case 'PassDue':
      return view.pass === null ? view : { ...view, status: beforeBegin(view.pass.kind), pass: { ...view.pass, startAt: null } };
    case 'MailboxPrioritised':
      return { ...view, priority: event.data.priority };
    case 'PassAdmitted':
      return event.data.attempt > 1 ? { ...view, status: 'Migrating' } : view;
    case 'PassBegun':
      // It may be known late that a pass has begun to read; a later attempt that is queued still waits for its place.
      return { ...view, begun: true, status: view.status === 'Queued' && (view.attempt ?? 1) === 1 ? 'Migrating' : view.status };
    case 'PassStopRequested':
      return { ...view, status: 'Stopping' };
    case 'PassStopped':
      return { ...view, status: 'Stopped', pass: view.pass === null ? null : { ...view.pass, startAt: null } };
    case 'PassResumed': {
      const { attempt, destination = view.destination } = event.data;
      return { ...view, attempt, destination, status: 'Queued', cause: null };
    }
    case 'PassCompleted':
      return completed(view, event.data);
    case 'PassFailed':
      return { ...ended(view, event.data.at, event.data.kind === 'verify' ? 'Verification failed' : 'Failed'), cause: event.data.cause };
    case 'CheckPassed':
      return withCheck(view, event.data.passId, {
        step: event.data.step,
        name: event.data.name,
        verdict: 'pass',
        code: null,
        advice: null,
      });
    case 'CheckWarned':
    case 'CheckFailed': {
      const { step, name, code, advice } = event.data;
      return withCheck(view, event.data.passId, { step, name, verdict: event.type === 'CheckWarned' ? 'warn' : 'fail', code, advice });
    }
    case 'VerificationFinished':
      return event.data.found === undefined ? view : { ...view, found: event.data.found };
    case 'FoldersDiscovered':
      return live(view, event.data.passId, (now) => ({
        folders: now.folders + event.data.folders.length,
        listing: 'going-on',
        ...going(event.data.at),
      }));
    case 'PageListed': {
      const { items, again, leftOut = {}, superseded = {}, idle = false } = event.data;
      return live(view, event.data.passId, (now) => ({
        discovered: now.discovered + (again ? 0 : items),
        superseded: (now.superseded ?? 0) + sumOfTypes(superseded).items,
        leftOut: Object.values(leftOut).reduce((sum, left) => sum + left, now.leftOut),
        ...(idle ? {} : going(event.data.at)),
      }));
    }
    case 'FolderNotListed':
      return live(view, event.data.passId, (now) => ({ notListed: now.notListed + (event.data.already === true ? 0 : 1) }));
    case 'SliceExported': {
      const { items, bytes, skipped, failed, mime = 0, doubts = 0 } = event.data;
      return live(view, event.data.passId, (now) => ({
        extracted: now.extracted + items,
        bytes: now.bytes + bytes,
        skipped: now.skipped + skipped,
        failed: now.failed + failed,
        mime: now.mime + mime,
        doubts: now.doubts + doubts,
        ...going(event.data.at),
      }));
    }
    case 'ExtractionWaited': {
      const { waits, held, at } = event.data;
      return live(view, event.data.passId, (now) => ({
        waits: added(now.waits, waits),
        ...(held === undefined ? {} : { held: held === null ? null : heldUp(now, held, at) }),
      }));
    }
    case 'BuildWaited':
      return live(view, event.data.passId, (now) => ({ held: heldUp(now, event.data.held, event.data.at) }));
    case 'BuildCheckpointed':
      return live(view, event.data.passId, () => going(event.data.at));
    case 'ExtractionFailed':
    case 'BuildPaused':
    case 'ExtractionPaused':
      return live(view, event.data.passId, () => ({ held: null }));
    case 'ExtractionFinished':
      return live(view, event.data.passId, ({ superseded = 0 }) => {
        const { update } = event.data;
        // Now it is known which items were moved, too.
        const older = update === undefined ? superseded : update.changed + update.moved;
        return { listing: 'finished', superseded: older, ...going(event.data.at) };
      });
    case 'ItemUnbuilt':
      return live(view, event.data.passId, (now) => ({
        failed: now.failed + 1,
        mime: now.mime - (event.data.fidelity === 'mime' ? 1 : 0),
        doubts: now.doubts - (event.data.doubts === undefined ? 0 : 1),
      }));
    case 'PartSealed':
      return live(view, event.data.passId, (now) => ({
        sealed: now.sealed + event.data.items,
        parts: now.parts + 1,
        ...going(event.data.at),
      }));
    default:
      return view;
  }
};

const beforeBegin = (kind: PassKind): Status => (kind === 'verify' ? 'Verifying' : 'Queued');

type Items = Extract<PublishedEvent, { readonly type: 'LineItemsAdded' }>['data']['items'];

/** The items of an event by mailbox; one event adds thousands, and each of their documents looks for its own. */
const itemsById = (items: Items): ReadonlyMap<string, Items[number]> => {
  const known = indexed.get(items) ?? new Map(items.map((item) => [item.mailboxJobId, item]));
  indexed.set(items, known);
  return known;
};
const indexed = new WeakMap<Items, ReadonlyMap<string, Items[number]>>();

const placed = (
  view: MailboxDocument,
  { projectId, customerId }: { readonly projectId: string; readonly customerId: string },
  { source, destination }: { readonly source: string; readonly destination: string },
): MailboxDocument => ({ ...view, projectId, customerId, source, destination });

/** The cause that holds the pass up, and since when it has been the same. */
const heldUp = ({ held }: Live, { code, limit, advice, retryAt }: HeldUp, at: string): MailboxView['held'] => ({
  kind: limit !== undefined ? 'limit' : code === BUILDER_BEHIND ? 'backlog' : 'fault',
  code,
  limit: limit ?? null,
  advice: advice ?? null,
  since: held?.code === code && held.limit === (limit ?? null) ? held.since : at,
  until: retryAt,
});

/** Something was done: nothing holds the pass up any more. */
const going = (at: string): Pick<Live, 'held' | 'progressAt'> => ({ held: null, progressAt: at });

const added = (known: MailboxView['waits'], more: MailboxView['waits']): MailboxView['waits'] => {
  const sums = { ...known };
  for (const [limit, { times, ms }] of Object.entries(more))
    sums[limit] = { times: (sums[limit]?.times ?? 0) + times, ms: (sums[limit]?.ms ?? 0) + ms };
  return sums;
};

type Completed = Extract<PublishedEvent, { type: 'PassCompleted' }>['data'];

/** Never plainly completed while something of the mailbox is missing, be it items or folders of which nobody knows what they hold. */
const completed = (
  view: MailboxDocument,
  { passId, kind, mailbox, foldersNotListed = 0, superseded = 0, at }: Completed,
): MailboxDocument => ({
  // What was exported stays so, verified again or not.
  ...ended(view, at, kind === 'verify' && !view.exported ? 'Verified' : completedStatus(mailbox, foldersNotListed)),
  settled: mailbox,
  settledNotListed: foldersNotListed,
  superseded: view.superseded + superseded,
  exported: view.exported || listsMailbox(kind),
  lastExport: listsMailbox(kind) ? { passId, kind } : view.lastExport,
  begun: false,
});

const ended = (view: MailboxDocument, at: string, status: Status): MailboxDocument => ({
  ...view,
  status,
  pass: view.pass === null ? null : { ...view.pass, endedAt: at },
  cause: null,
});

/** Something that is not ours has the name of the mailbox's first PST, or of its Trial's. */
const isForeign = ({ cause, destination }: MailboxDocument): boolean =>
  cause?.code === 'part.foreign-blob' && String(cause.facts?.['name']).replace(/^trial\//, '') === destination;

/** Without the pass that was open and will not go on. */
const givenUp = (view: MailboxDocument): MailboxDocument =>
  view.pass === null || (view.status !== 'Failed' && view.status !== 'Stopped')
    ? view
    : { ...view, givenUp: [...(view.givenUp ?? []), view.pass.passId] };

/** Another address or name: what was said of the old one holds no longer, and a pass that had read nothing is given up. */
const atRest = (view: MailboxDocument, at: string): MailboxDocument => ({
  ...ended(view, view.pass?.endedAt ?? at, view.exported ? completedStatus(view.settled, view.settledNotListed) : 'Not Submitted'),
  checks: [],
  found: null,
});

/** Checks of the verification that was started last. */
const withCheck = (view: MailboxDocument, passId: string, check: CheckView): MailboxDocument => {
  const others =
    view.pass?.passId === passId || view.pass === null ? view.checks.filter((known) => known.step !== check.step) : view.checks;
  return { ...view, checks: [...others, check].sort((a, b) => a.step - b.step) };
};

const live = (view: MailboxDocument, passId: string, change: (now: Live) => Partial<Live>): MailboxDocument => {
  const now = view.live[passId] ?? quiet;
  return { ...view, live: { ...view.live, [passId]: { ...now, ...change(now) } } };
};

/** Works the sums out again: what finished passes settled, and what the open one adds. */
const summed = (view: MailboxDocument): MailboxDocument => {
  const isOpen = view.pass !== null && view.givenUp?.includes(view.pass.passId) !== true;
  const now = (isOpen && view.pass !== null ? view.live[view.pass.passId] : undefined) ?? quiet;
  const isSettled =
    !isOpen || view.pass === null || view.pass.kind === 'verify' || view.status === 'Completed' || view.status === 'Completed with errors';
  const { settled } = view;
  const totals: Totals = isSettled
    ? settled
    : view.pass?.kind === 'retry-errors'
      ? {
          discovered: settled.discovered + now.discovered,
          exported: settled.exported + now.sealed,
          skipped: settled.skipped + now.skipped,
          failed: Math.max(now.failed, settled.failed - now.sealed - now.skipped),
        }
      : {
          // What an update lists again counts once: the older copy leaves the sums when the newer one is listed.
          discovered: settled.discovered + now.discovered - (now.superseded ?? 0),
          exported: settled.exported + now.sealed - (now.superseded ?? 0),
          skipped: settled.skipped + now.skipped,
          failed: settled.failed + now.failed,
        };
  const passes = Object.entries(view.live).flatMap(([passId, pass]) => (view.givenUp?.includes(passId) === true ? [] : [pass]));
  const mime = passes.reduce((sum, pass) => sum + pass.mime, 0);
  const doubts = passes.reduce((sum, pass) => sum + pass.doubts, 0);
  return {
    ...view,
    totals,
    mime,
    doubts,
    parts: passes.reduce((sum, pass) => sum + pass.parts, 0),
    // A verification and a retry leave out nothing: what the export before them left out is still to be taken.
    leftOut: ((isSettled ? view.live[view.lastExport?.passId ?? ''] : undefined) ?? now).leftOut,
    folders: Math.max(0, ...passes.map(({ folders }) => folders)),
    // What was not listed before is not listed until the pass that tries again has ended.
    foldersNotListed: isSettled ? view.settledNotListed : Math.max(view.settledNotListed, now.notListed),
    listing: now.listing,
    extracted: { items: now.extracted, bytes: now.bytes },
    waits: now.waits,
    held: view.pass?.endedAt === null ? now.held : null,
    progressAt: now.progressAt,
  };
};
