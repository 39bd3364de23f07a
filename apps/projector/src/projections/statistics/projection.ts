import { addByType, itemTypeOf, VIEWS, type ByType, type StatisticsView, type PublishedEvent } from '@pstream/contracts';
import { projectionOf } from '../projection-of.js';
import { nothing, type PassFacts, type Span } from './facts.js';
import { sumsOf } from './sums.js';

/** The view, and what it is worked out from. */
export type StatisticsDocument = StatisticsView & { readonly passes: Readonly<Record<string, PassFacts>> };

type Change = (now: PassFacts) => Partial<PassFacts>;

/** How many items of each kind were exported or failed in each mailbox, and how long did that take? */
export const statistics = projectionOf<StatisticsDocument>({
  name: VIEWS.statistics,
  contexts: ['projects', 'extraction', 'build'],
  keys: (event) => {
    if (event.type === 'MailboxStartedOver') return [event.data.mailboxJobId];
    return changeBy(event) === undefined || !('mailboxJobId' in event.data) ? [] : [event.data.mailboxJobId];
  },
  evolve: (document, event, mailboxJobId) => {
    if (event.type === 'MailboxStartedOver') {
      const passes = { ...document?.passes };
      for (const passId of event.data.passIds) passes[passId] = { ...(passes[passId] ?? nothing), replaced: true };
      return { mailboxJobId, ...sumsOf(Object.values(passes)), passes };
    }
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
const changeBy = (event: PublishedEvent): Change | undefined => {
  switch (event.type) {
    case 'PassStarted': {
      const { kind, number, at, startAt = at } = event.data;
      return ({ runs }) => ({ kind, number, runs: [...runs, { from: startAt, to: null }] });
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

const changeBySource = (event: PublishedEvent): Change | undefined => {
  switch (event.type) {
    case 'ExtractionFinished': {
      const { update, at } = event.data;
      return ({ source }) => ({ source: until(source, at), ...(update === undefined ? {} : { superseded: update.types }) });
    }
    case 'ExtractionStarted':
      return ({ source }) => ({ source: until(source, event.data.at) });
    case 'PageListed': {
      const { items, bytes, again, superseded: older } = event.data;
      return ({ listed, superseded = {} }) => ({
        ...(again ? {} : { listed: { items: listed.items + items, bytes: listed.bytes + bytes } }),
        ...(older === undefined ? {} : { superseded: addByType(superseded, older) }),
      });
    }
    case 'SliceExported': {
      const { items, bytes, at } = event.data;
      return ({ read, source }) => ({ read: { items: read.items + items, bytes: read.bytes + bytes }, source: until(source, at) });
    }
    case 'ExtractionWaited': {
      const { waits, at } = event.data;
      return ({ waitedMs, source }) => ({
        waitedMs: Object.values(waits).reduce((sum, { ms }) => sum + ms, waitedMs),
        source: until(source, at),
      });
    }
    case 'ItemFailed':
      return ({ failed }) => ({ failed: withItem(failed, event.data) });
    case 'ItemSkipped':
      return ({ skipped }) => ({ skipped: withItem(skipped, event.data) });
    default:
      return undefined;
  }
};

const changeByDestination = (event: PublishedEvent): Change | undefined => {
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

const ended = (runs: readonly Span[], at: string): readonly Span[] =>
  runs.map((run, n) => (n === runs.length - 1 && run.to === null ? { ...run, to: at } : run));
