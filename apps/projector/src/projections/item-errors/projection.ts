import { errorShare, VIEWS, type ItemErrorView, type PublishedEvent } from '@pstream/contracts';
import { projectionOf } from '../projection-of.js';

/** What one pass reported of an item. `outcome` is null where all that is known is that the pass exported it. */
type PassReport = {
  readonly outcome: Pick<
    ItemErrorView,
    'itemId' | 'folderKey' | 'outcome' | 'itemType' | 'itemDate' | 'sizeBytes' | 'code' | 'advice' | 'fallback' | 'doubts' | 'attempts'
  > | null;
  /** When that was. */
  readonly seenAt: string;
  /** Number of the pass once it has exported the item, and when that was. */
  readonly mended: { readonly number: number; readonly at: string } | null;
};

/** The view, whose it is, and what it is worked out from: streams of several passes, and what people said, come in any order. */
export type ItemErrorDocument = ItemErrorView & { readonly customerId: string; readonly passes: Readonly<Record<string, PassReport>> };

/** Which items were not exported, or only as MIME or with doubts, why, and what has become of that? */
export const itemErrors = projectionOf<ItemErrorDocument>({
  name: VIEWS.errors,
  contexts: ['projects', 'extraction', 'build'],
  keys: (event) => {
    if (isOutcome(event)) return [`${event.data.mailboxJobId}/${event.data.itemKey}`];
    if (event.type !== 'ItemsMended' && event.type !== 'ItemErrorsAcknowledged') return [];
    return event.data.itemKeys.map((itemKey) => `${event.data.mailboxJobId}/${itemKey}`);
  },
  evolve: (document, event, id) => {
    const known = document ?? unknown(id.slice(id.indexOf('/') + 1));
    if (isOutcome(event))
      return shown(
        withReport(known, event.data.passId, (now) => reported(now, event)),
        event.data,
      );
    if (event.type === 'ItemsMended') {
      const { passId, number, at } = event.data;
      return shown(withReport(known, passId, (now) => ({ ...now, mended: { number, at } })));
    }
    if (event.type !== 'ItemErrorsAcknowledged') return document;
    const { by, reason, at } = event.data;
    return shown({ ...known, acknowledged: { by, reason, at } });
  },
  announce: (view) => (view.projectId === '' ? {} : { projectId: view.projectId, customerId: view.customerId, share: errorShare(view) }),
  queryFields: ['projectId', 'mailboxJobId', 'passId', 'code', 'outcome', 'state', 'itemKey'],
  orders: [
    { within: ['projectId'], sort: 'code', filter: ['outcome', 'state', 'passId'] },
    { within: ['projectId'], sort: 'mailboxJobId', filter: ['outcome', 'state'] },
    { within: ['mailboxJobId'], sort: 'code', filter: ['outcome', 'state', 'passId', 'itemKey'] },
  ],
});

const OUTCOMES = {
  ItemFailed: 'failed',
  ItemSkipped: 'skipped',
  ItemReadAsMime: 'mime',
  ItemDoubted: 'doubts',
  ItemUnbuilt: 'failed',
} as const;

type Outcome = Extract<PublishedEvent, { readonly type: keyof typeof OUTCOMES }>;

const isOutcome = (event: PublishedEvent): event is Outcome => event.type in OUTCOMES;

const NOTHING: PassReport = { outcome: null, seenAt: '', mended: null };

/** An item of which no pass has reported anything yet. It belongs to no mailbox, so no list shows it. */
const unknown = (itemKey: string): ItemErrorDocument => ({
  projectId: '',
  customerId: '',
  mailboxJobId: '',
  passId: '',
  itemKey,
  itemId: '',
  folderKey: '',
  outcome: 'failed',
  state: 'open',
  itemType: '',
  itemDate: null,
  sizeBytes: 0,
  code: '',
  advice: null,
  fallback: null,
  doubts: [],
  attempts: 0,
  firstSeenAt: '',
  lastSeenAt: '',
  mended: null,
  acknowledged: null,
  passes: {},
});

const withReport = (document: ItemErrorDocument, passId: string, change: (now: PassReport) => PassReport): ItemErrorDocument => ({
  ...document,
  passes: { ...document.passes, [passId]: change(document.passes[passId] ?? NOTHING) },
});

const reported = (now: PassReport, { type, data }: Outcome): PassReport => {
  const outcome = OUTCOMES[type];
  // The builder may be heard of first: an item that could not be built is failed, however it was read.
  if ((outcome === 'mime' || outcome === 'doubts') && now.outcome !== null) return now;
  const { itemId, folderKey, itemType, itemDate = null, sizeBytes, code, advice = null, fallback = null, attempts = 1, at } = data;
  const doubts = outcome === 'failed' ? [] : [...(data.doubts ?? [])];
  return {
    outcome: { itemId, folderKey, outcome, itemType, itemDate, sizeBytes, code, advice, fallback, doubts, attempts },
    seenAt: at,
    mended: now.mended,
  };
};

/** Works out what the passes together say. An item is mended by a pass that exported it and had nothing to say against that; whatever a later
 *  one reports of it counts again. */
const shown = (
  document: ItemErrorDocument,
  place: Pick<ItemErrorDocument, 'projectId' | 'customerId' | 'mailboxJobId'> = document,
): ItemErrorDocument => {
  const { projectId, customerId, mailboxJobId } = place;
  const passes = Object.entries(document.passes)
    .map(([passId, report]) => ({ passId, ...report }))
    .sort((a, b) => (lastOf(a) < lastOf(b) ? -1 : lastOf(a) > lastOf(b) ? 1 : 0));
  const reports = passes.flatMap(({ outcome, ...report }) => (outcome === null ? [] : [{ ...report, outcome }]));
  const last = reports.at(-1);
  const latest = passes.at(-1);
  const mended =
    latest === undefined || latest.mended === null || latest.outcome !== null ? null : { passId: latest.passId, ...latest.mended };
  return {
    ...document,
    ...last?.outcome,
    projectId,
    customerId,
    mailboxJobId,
    passId: last?.passId ?? '',
    state: mended !== null ? 'mended' : document.acknowledged !== null ? 'acknowledged' : 'open',
    attempts: passes.reduce((sum, { outcome }) => sum + (outcome?.attempts ?? 1), 0),
    firstSeenAt: reports[0]?.seenAt ?? '',
    lastSeenAt: last?.seenAt ?? '',
    mended,
  };
};

/** When a pass last said something of the item; passes of a mailbox follow one another. */
const lastOf = ({ seenAt, mended }: PassReport): string => (mended === null || mended.at < seenAt ? seenAt : mended.at);
