import { VIEWS, type ItemErrorView, type PublishedEvent } from '@pstream/contracts';
import { projectionOf } from '../projection-of.js';

/** Which items were not exported in which pass, or only as MIME or with doubts, and why? */
export const itemErrors = projectionOf<ItemErrorView>({
  name: VIEWS.errors,
  contexts: ['extraction', 'build'],
  keys: (event) => (isOutcome(event) ? [`${event.data.passId}/${event.data.itemKey}`] : []),
  evolve: (view, event) => {
    if (!isOutcome(event)) return view;
    const outcome = OUTCOMES[event.type];
    // The builder may be heard of first: an item that could not be built is failed, however it was read.
    if ((outcome === 'mime' || outcome === 'doubts') && view !== null) return view;
    const { projectId, mailboxJobId, passId, itemKey, folderKey, itemType, sizeBytes, code, advice, fallback, doubts, at } = event.data;
    return {
      projectId,
      mailboxJobId,
      passId,
      itemKey,
      folderKey,
      outcome,
      itemType,
      sizeBytes,
      code,
      advice: advice ?? null,
      fallback: fallback ?? null,
      doubts: outcome === 'failed' ? [] : [...(doubts ?? [])],
      at,
    };
  },
  queryFields: ['projectId', 'mailboxJobId', 'passId', 'code', 'outcome'],
  orders: [
    { within: ['projectId'], sort: 'code', filter: ['outcome', 'passId'] },
    { within: ['projectId'], sort: 'mailboxJobId', filter: ['outcome'] },
    { within: ['mailboxJobId'], sort: 'code', filter: ['outcome', 'passId'] },
  ],
});

const OUTCOMES = {
  ItemFailed: 'failed',
  ItemSkipped: 'skipped',
  ItemReadAsMime: 'mime',
  ItemDoubted: 'doubts',
  ItemUnbuilt: 'failed',
} as const;

const isOutcome = (event: PublishedEvent): event is Extract<PublishedEvent, { readonly type: keyof typeof OUTCOMES }> =>
  event.type in OUTCOMES;
