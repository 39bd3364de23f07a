import { addByType, itemTypeOf, VIEWS, type ByType, type PassKind, type StatisticsView } from '@pstream/contracts';
import { projectionOf, type Published } from '../projection-of.js';
import { sumsOf } from './sums.js';

/** Time between two facts, ISO 8601; `to` is null while it lasts. */
export type Span = { readonly from: string; readonly to: string | null };

/** What the streams of one pass have reported so far. */
export type PassFacts = {
  /** Null until it is known that the pass was started; what else is heard of it before waits for that. */
  readonly kind: PassKind | null;
  readonly number: number;
  readonly completed: boolean;
  /** When it was under way: from start or resume to stop, failure or end. */
  readonly runs: readonly Span[];
  readonly read: { readonly items: number; readonly bytes: number };
  readonly waitedMs: number;
  /** From the first to the last fact of each side. */
  readonly source: Span | null;
  readonly destination: Span | null;
  /** Items in sealed parts, and by kind as far as the parts say. */
  readonly sealed: number;
  readonly types: ByType;
  /** What the build counted in the end. */
  readonly built: { readonly items: number; readonly bytes: number } | null;
  readonly failed: ByType;
  readonly skipped: ByType;
};

/** The view, and what it is worked out from. */
export type StatisticsDocument = StatisticsView & { readonly passes: Readonly<Record<string, PassFacts>> };

const nothing: PassFacts = {
  kind: null,
  number: 0,
  completed: false,
  runs: [],
  read: { items: 0, bytes: 0 },
  waitedMs: 0,
  source: null,
  destination: null,
  sealed: 0,
  types: {},
  built: null,
  failed: {},
  skipped: {},
};

type Change = (now: PassFacts) => Partial<PassFacts>;

/** How many items of each kind were exported or failed in each mailbox, and how long did that take? */
export const statistics = projectionOf<StatisticsDocument>({
  name: VIEWS.statistics,
  contexts: ['projects', 'extraction', 'build'],
  keys: (event) => (changeBy(event) === undefined || !('mailboxJobId' in event.data) ? [] : [event.data.mailboxJobId]),
  evolve: (document, event, mailboxJobId) => {
    const change = changeBy(event);
    if (change === undefined || !('passId' in event.data)) return document;
    const { passId } = event.data;
    const known = document?.passes ?? {};
    const now = known[passId] ?? nothing;
    const passes = { ...known, [passId]: { ...now, ...change(now) } };
    return { mailboxJobId, ...sumsOf(Object.values(passes)), passes };
  },
});

/** What an event changes in what is known of its pass; undefined for one that does not matter here. */
const changeBy = (event: Published): Change | undefined => {
  switch (event.type) {
    case 'PassStarted': {
      const { kind, number, at } = event.data;
      return ({ runs }) => ({ kind, number, runs: [...runs, { from: at, to: null }] });
    }
    case 'PassResumed':
      return ({ runs }) => ({ runs: [...runs, { from: event.data.at, to: null }] });
    case 'PassStopped':
    case 'PassFailed':
      return ({ runs }) => ({ runs: ended(runs, event.data.at) });
    case 'PassCompleted':
      return ({ runs }) => ({ runs: ended(runs, event.data.at), completed: true });
    default:
      return changeBySource(event) ?? changeByDestination(event);
  }
};

const changeBySource = (event: Published): Change | undefined => {
  switch (event.type) {
    case 'ExtractionStarted':
    case 'ExtractionFinished':
      return ({ source }) => ({ source: until(source, event.data.at) });
    case 'SliceExported': {
      const { items, bytes, at } = event.data;
      return ({ read, source }) => ({ read: { items: read.items + items, bytes: read.bytes + bytes }, source: until(source, at) });
    }
    case 'ExtractionWaited': {
      const { waits, at } = event.data;
      return ({ waitedMs, source }) => ({ waitedMs: Object.values(waits).reduce((sum, { ms }) => sum + ms, waitedMs), source: until(source, at) });
    }
    case 'ItemFailed':
      return ({ failed }) => ({ failed: withItem(failed, event.data) });
    case 'ItemSkipped':
      return ({ skipped }) => ({ skipped: withItem(skipped, event.data) });
    default:
      return undefined;
  }
};

const changeByDestination = (event: Published): Change | undefined => {
  switch (event.type) {
    case 'PartOpened':
    case 'PartVerified':
      return ({ destination }) => ({ destination: until(destination, event.data.at) });
    case 'PartSealed': {
      const { items, types = {}, at } = event.data;
      return (now) => ({ sealed: now.sealed + items, types: addByType(now.types, types), destination: until(now.destination, at) });
    }
    case 'ItemUnbuilt':
      return ({ failed, destination }) => ({ failed: withItem(failed, event.data), destination: until(destination, event.data.at) });
    case 'BuildFinished': {
      const { totals, bytes, at } = event.data;
      return ({ destination }) => ({ built: { items: totals.exported, bytes }, destination: until(destination, at) });
    }
    default:
      return undefined;
  }
};

const withItem = (types: ByType, { itemType, sizeBytes }: { readonly itemType: string; readonly sizeBytes: number }): ByType =>
  addByType(types, { [itemTypeOf(itemType)]: { items: 1, bytes: sizeBytes } });

/** Widened so that it holds the moment; the parts of a pass are streams of their own, and their facts come in any order. */
const until = (span: Span | null, at: string): Span => {
  if (span === null) return { from: at, to: at };
  return { from: at < span.from ? at : span.from, to: span.to === null || at > span.to ? at : span.to };
};

const ended = (runs: readonly Span[], at: string): readonly Span[] => runs.map((run, n) => (n === runs.length - 1 && run.to === null ? { ...run, to: at } : run));
