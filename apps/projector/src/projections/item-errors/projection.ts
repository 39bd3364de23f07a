import { VIEWS, type ItemErrorView } from '@pstream/contracts';
import { projectionOf } from '../projection-of.js';

/** Which items were not exported in which pass, and why? */
export const itemErrors = projectionOf<ItemErrorView>({
  name: VIEWS.errors,
  contexts: ['extraction', 'build'],
  keys: (event) => (event.type === 'ItemFailed' || event.type === 'ItemSkipped' || event.type === 'ItemUnbuilt' ? [`${event.data.passId}/${event.data.itemKey}`] : []),
  evolve: (view, event) => {
    if (event.type !== 'ItemFailed' && event.type !== 'ItemSkipped' && event.type !== 'ItemUnbuilt') return view;
    const { projectId, mailboxJobId, passId, itemKey, folderKey, itemType, sizeBytes, code, advice, at } = event.data;
    return { projectId, mailboxJobId, passId, itemKey, folderKey, outcome: event.type === 'ItemSkipped' ? 'skipped' : 'failed', itemType, sizeBytes, code, advice: advice ?? null, at };
  },
  queryFields: ['projectId', 'mailboxJobId', 'passId', 'code', 'outcome'],
});
