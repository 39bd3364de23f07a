import { Done } from '../schemas/answers.js';
import {
  Notices,
  Subscription,
  SubscriptionAdded,
  SubscriptionBody,
  SubscriptionEditBody,
  Subscriptions,
  SubscriptionTest,
} from '../schemas/notices.js';
import { NoticesQuery, SubscriptionQuery, SubscriptionsQuery } from '../schemas/queries.js';
import { route } from '../route.js';

const known = { 404: ['notice.unknown'] } as const;
const projectUnknown = ['project.unknown'] as const;

/** Who in the workgroup of the caller is notified of what. */
export const noticeRoutes = {
  listSubscriptions: route({
    tag: 'Notices',
    right: 'notices.manage',
    recorded: false,
    summary: 'List the subscriptions by name',
    query: SubscriptionsQuery,
    answer: Subscriptions,
  }),
  addSubscription: route({
    tag: 'Notices',
    right: 'notices.manage',
    summary: 'Tell somebody of something from now on',
    description:
      'What happens to one project within minutes goes out as one notice. The address of a webhook or of a Teams workflow is sealed, and never shown again. The answer for a webhook has the key that signs, which is in this answer and nowhere else.',
    body: SubscriptionBody,
    answer: SubscriptionAdded,
    status: 201,
    problems: { 404: projectUnknown, 409: ['notice.name-taken', 'notice.too-many'] },
  }),
  getSubscription: route({
    tag: 'Notices',
    right: 'notices.manage',
    recorded: false,
    summary: 'Show a subscription',
    query: SubscriptionQuery,
    answer: Subscription,
    problems: known,
  }),
  editSubscription: route({
    tag: 'Notices',
    right: 'notices.manage',
    summary: 'Change a subscription, or let it rest',
    description: 'A new address takes the place of the old one; the key that signs stays.',
    body: SubscriptionEditBody,
    answer: Done,
    problems: { 404: ['notice.unknown', ...projectUnknown], 409: ['notice.name-taken', 'notice.other-channel'] },
  }),
  removeSubscription: route({
    tag: 'Notices',
    right: 'notices.manage',
    summary: 'Remove a subscription',
    description: 'What it has collected is not sent any more. Its sealed address is deleted.',
    answer: Done,
    problems: known,
  }),
  testSubscription: route({
    tag: 'Notices',
    right: 'notices.manage',
    summary: 'Send one notice now, and say what came of it',
    description: 'One attempt of at most 20 seconds.',
    answer: SubscriptionTest,
    problems: known,
  }),
  listNotices: route({
    tag: 'Notices',
    right: 'notices.manage',
    recorded: false,
    summary: 'List the notices, the newest first, and what became of each',
    query: NoticesQuery,
    answer: Notices,
  }),
};
