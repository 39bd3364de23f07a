import { VIEWS, type NoticeTemplatesView, type NoticeView, type PublishedEvent, type StoredSubscription } from '@pstream/contracts';
import { projectionOf } from '../projection-of.js';

/** Of a subscription that was removed, nothing is shown any more. */
type SubscriptionDocument = StoredSubscription & { readonly removedFrom?: { readonly workgroupId: string } };

type Subscribed = Extract<PublishedEvent, { type: 'SubscriptionEdited' }>['data'];

const shown = (
  { subscriptionId, workgroupId, name, kinds, projectId, channel, active }: Subscribed,
  addedAt: string,
): StoredSubscription => ({
  subscriptionId,
  workgroupId,
  name,
  kinds: [...kinds],
  projectId,
  channel: channel.kind,
  to: channel.kind === 'mail' ? [...channel.to] : [],
  host: channel.kind === 'mail' ? null : channel.host,
  active,
  addedAt,
  ref: channel.kind === 'mail' ? null : channel.ref,
});

/** Who in a workgroup hears of what? */
export const subscriptions = projectionOf<SubscriptionDocument>({
  name: VIEWS.subscriptions,
  contexts: ['notices'],
  keys: ({ type, data }) =>
    type === 'SubscriptionAdded' || type === 'SubscriptionEdited' || type === 'SubscriptionRemoved' ? [data.subscriptionId] : [],
  evolve: (view, { type, data }) => {
    switch (type) {
      case 'SubscriptionAdded':
        return shown({ ...data, active: true }, data.at);
      case 'SubscriptionEdited':
        return shown(data, view?.addedAt ?? data.at);
      case 'SubscriptionRemoved':
        return view === null
          ? null
          : {
              ...view,
              workgroupId: '',
              name: '',
              to: [],
              host: null,
              ref: null,
              active: false,
              removedFrom: { workgroupId: data.workgroupId },
            };
      default:
        return view;
    }
  },
  announce: ({ workgroupId, removedFrom }) => (removedFrom === undefined ? { workgroupId } : { ...removedFrom, gone: true }),
  queryFields: ['workgroupId', 'name'],
  searchFields: ['name'],
  orders: [{ within: ['workgroupId'], sort: 'name' }],
});

/** What words does a workgroup have for its notices? */
export const noticeTemplates = projectionOf<NoticeTemplatesView>({
  name: VIEWS.noticeTemplates,
  contexts: ['notices'],
  keys: ({ type, data }) => (type === 'NoticeTemplateEdited' ? [data.workgroupId] : []),
  evolve: (view, { type, data }) => {
    if (type !== 'NoticeTemplateEdited') return view;
    const { workgroupId, kind, subject, body } = data;
    const { [kind]: _before, ...others } = view?.templates ?? {};
    return { workgroupId, templates: subject === null && body === null ? others : { ...others, [kind]: { subject, body } } };
  },
  announce: ({ workgroupId }) => ({ workgroupId }),
});

/** What became of the notices of a workgroup? */
export const notices = projectionOf<NoticeView>({
  name: VIEWS.notices,
  contexts: ['notices'],
  keys: (event) => ('noticeId' in event.data ? [event.data.noticeId] : []),
  evolve: (view, { type, data }) => {
    if (type === 'NoticePrepared') {
      const { noticeId, subscriptionId, workgroupId, channel, project, counts, at } = data;
      return {
        noticeId,
        subscriptionId,
        workgroupId,
        channel,
        project,
        counts,
        state: 'sending',
        attempts: 0,
        refused: 0,
        code: null,
        advice: null,
        madeAt: at,
        retryAt: null,
        endedAt: null,
      };
    }
    if (view === null) return view;
    switch (type) {
      case 'NoticeAttempted':
        return { ...view, state: 'sending', attempts: data.attempt, retryAt: null };
      case 'NoticeSent':
        return { ...view, state: 'sent', refused: data.refused ?? 0, code: null, advice: null, retryAt: null, endedAt: data.at };
      case 'NoticeDelayed':
        return { ...view, state: 'retrying', code: data.code, advice: data.advice ?? null, retryAt: data.retryAt };
      case 'NoticeGivenUp':
        return { ...view, state: 'given-up', code: data.code, advice: data.advice ?? null, retryAt: null, endedAt: data.at };
      default:
        return view;
    }
  },
  announce: ({ workgroupId }) => ({ workgroupId }),
  queryFields: ['workgroupId', 'subscriptionId', 'state', 'madeAt'],
  orders: [{ within: ['workgroupId'], sort: 'madeAt', filter: ['subscriptionId', 'state'] }],
});
