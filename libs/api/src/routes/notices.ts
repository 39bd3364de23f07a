import { Done } from '../schemas/answers.js';
import {
  NoticePreview,
  NoticePreviewBody,
  Notices,
  NoticeTemplateBody,
  NoticeTemplates,
  Subscription,
  SubscriptionAdded,
  SubscriptionBody,
  SubscriptionEditBody,
  Subscriptions,
  SubscriptionTest,
} from '../schemas/notices.js';
import { NoticesQuery, NoticeTemplatesQuery, SubscriptionTestQuery, SubscriptionQuery, SubscriptionsQuery } from '../schemas/queries.js';
import { route } from '../route.js';

const known = { 404: ['notice.unknown'] } as const;
const kindUnknown = ['notice-kind.unknown'] as const;
const templateProblems = ['notice.template-placeholder', 'notice.template-brace'] as const;
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
    versioned: true,
    summary: 'Show a subscription',
    query: SubscriptionQuery,
    answer: Subscription,
    problems: known,
  }),
  editSubscription: route({
    tag: 'Notices',
    right: 'notices.manage',
    versioned: true,
    summary: 'Change a subscription, or let it rest',
    description: 'A new address takes the place of the old one; the key that signs stays.',
    body: SubscriptionEditBody,
    answer: Done,
    problems: { 404: ['notice.unknown', ...projectUnknown], 409: ['notice.name-taken', 'notice.other-channel'] },
  }),
  removeSubscription: route({
    tag: 'Notices',
    right: 'notices.manage',
    versioned: true,
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
    query: SubscriptionTestQuery,
    answer: SubscriptionTest,
    problems: known,
  }),
  listNoticeTemplates: route({
    tag: 'Notices',
    right: 'notices.manage',
    recorded: false,
    versioned: true,
    summary: 'List the words that notices have in your workgroup, by kind',
    query: NoticeTemplatesQuery,
    answer: NoticeTemplates,
  }),
  editNoticeTemplate: route({
    tag: 'Notices',
    right: 'notices.manage',
    versioned: true,
    summary: 'Give notices of a kind other words',
    description:
      'For mails and Teams cards; webhooks carry data. A notice that is made keeps the words of then, however often it is tried again.',
    body: NoticeTemplateBody,
    answer: Done,
    problems: { 404: kindUnknown, 409: templateProblems },
  }),
  previewNotice: route({
    tag: 'Notices',
    right: 'notices.manage',
    summary: 'Show a notice of a kind with made-up values',
    description: 'With the words of now, and those in the body in their place. Nothing is sent or kept.',
    body: NoticePreviewBody,
    answer: NoticePreview,
    problems: { 404: kindUnknown, 409: templateProblems },
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
