import {
  AddSubscription,
  countField,
  EditNoticeTemplate,
  EditSubscription,
  field,
  idField,
  NoticeView,
  subscribableKinds,
  SubscriptionView,
  textField,
} from '@pstream/contracts';
import { z } from 'zod';
import { hasChange, NO_CHANGE } from './bodies.js';
import { named } from './named.js';
import { page } from './page.js';
import { WRITE_ONLY } from './secret-texts.js';

export const Subscription = named('Subscription', SubscriptionView);
export type Subscription = z.infer<typeof Subscription>;
export const Subscriptions = page('Subscriptions', Subscription, 'Subscriptions');
export const Notice = named('Notice', NoticeView);
export type Notice = z.infer<typeof Notice>;
export const Notices = page('Notices', Notice, 'Notices');

const ADDRESS = { error: 'Give an address such as https://hooks.contoso.com/pstream.' };
/** Plain http is for hosts that the configuration allows, so it is for the notifier to refuse. */
const Address = z
  .url({ protocol: /^https?$/, ...ADDRESS })
  .max(2_000)
  .refine((text) => !hasUser(text), {
    error: 'Leave out user and password: they would be sent to whoever is at the address.',
  });

const hasUser = (text: string): boolean => {
  const { username, password } = URL.canParse(text) ? new URL(text) : { username: '', password: '' };
  return username !== '' || password !== '';
};

const mailTo = AddSubscription.shape.channel.options[0].shape.to;
const kinds = z.array(z.enum(subscribableKinds)).min(1).max(subscribableKinds.length);
const what = 'What it is notified of.';
const projectId = EditSubscription.shape.projectId.unwrap().unwrap();
const EXAMPLE_PROJECT = '01J8ZQ4N5W9K7C1B2D3E4F5G6B';

const Channel = z
  .discriminatedUnion('kind', [
    z.strictObject({
      kind: field(z.literal('mail'), 'By mail.', 'mail'),
      to: field(mailTo, 'Mail addresses, at most 20.', ['ada@contoso.com']),
    }),
    z.strictObject({
      kind: field(z.literal('webhook'), 'By a signed webhook.', 'webhook'),
      url: field(Address, 'Where notices are posted to. It is sealed.', 'https://hooks.contoso.com/pstream').meta(WRITE_ONLY),
    }),
    z.strictObject({
      kind: field(z.literal('teams'), 'As a Teams card.', 'teams'),
      url: field(
        Address,
        'Address of a Teams workflow that posts a card. It is sealed.',
        'https://contoso.logic.azure.com/workflows/1',
      ).meta(WRITE_ONLY),
    }),
  ])
  .meta({ description: 'How notices go out.', examples: [{ kind: 'mail', to: ['ada@contoso.com'] }] });

export const SubscriptionBody = named(
  'AddSubscription',
  z.strictObject({
    name: field(AddSubscription.shape.name, 'Name, unique in the workgroup.', 'Operations'),
    kinds: field(kinds, what, ['pass.failed', 'pass.completed']),
    projectId: field(projectId.optional(), 'Project that it is about; all of the workgroup without it.', EXAMPLE_PROJECT),
    channel: Channel,
  }),
);
export type SubscriptionBody = z.infer<typeof SubscriptionBody>;

export const SubscriptionEditBody = named(
  'EditSubscription',
  z
    .strictObject({
      name: field(EditSubscription.shape.name, 'Another name.', 'Operations'),
      kinds: field(kinds.optional(), what, ['pass.failed']),
      projectId: field(projectId.nullable().optional(), 'Project that it is about; null for all.', null),
      to: field(mailTo.optional(), 'Other mail addresses, of a subscription by mail.', ['ada@contoso.com']),
      url: field(Address.optional(), 'Another address, of a webhook or a Teams workflow.', 'https://hooks.contoso.com/pstream').meta(
        WRITE_ONLY,
      ),
      active: field(z.boolean().optional(), 'Whether it collects anything.', false),
    })
    .refine(hasChange, NO_CHANGE)
    .meta({ minProperties: 1 }),
);

export const SubscriptionAdded = named(
  'SubscriptionAdded',
  z.object({
    id: idField('pass', 'Id of the subscription.'),
    stream: textField('Stream that holds what the command did.', 'notice-rules:default'),
    version: countField('Version of the stream after this command; `atLeast` takes `<stream>:<version>`.', 1),
    signingKey: field(
      z.string().nullable(),
      'Key that signs what is posted to a webhook; null for other channels. It is in this answer and nowhere else.',
      'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    ),
  }),
);
export type SubscriptionAdded = z.infer<typeof SubscriptionAdded>;

const { subject, body } = EditNoticeTemplate.shape;
const SUBJECT = 'Passes of {project} failed: {count}';
const BODY = '{mailbox}: {cause}\n{advice}';
const ownWords = {
  subject: field(
    subject,
    'Subject of a notice about such things, and title of a card; null for the usual one. `{{` stands for a brace.',
    SUBJECT,
  ),
  body: field(body, 'What a notice says of each of them, at most 20 lines; null for the usual text.', BODY),
};

export const NoticeTemplateBody = named(
  'EditNoticeTemplate',
  z.strictObject(ownWords).refine(hasChange, NO_CHANGE).meta({ minProperties: 1 }),
);
export type NoticeTemplateBody = z.infer<typeof NoticeTemplateBody>;

/** Words to try: what is absent is as it is now. */
export const NoticePreviewBody = named('PreviewNotice', z.strictObject(ownWords));
export type NoticePreviewBody = z.infer<typeof NoticePreviewBody>;

export const NoticePreview = named(
  'NoticePreview',
  z.object({
    subject: textField('Subject of the mail.', 'Test: Passes of Leavers failed: 1'),
    text: textField('The mail as plain text.', 'This is a test. Everything below is made up.'),
    html: textField('The mail as HTML.', '<!doctype html><html lang="en"><body></body></html>'),
  }),
);
export type NoticePreview = z.infer<typeof NoticePreview>;

/** The words of a kind of notices, and what can stand in them. */
export const NoticeWords = named(
  'NoticeWords',
  z.object({
    kind: field(z.enum(subscribableKinds), 'What the notices are about.', 'pass.failed'),
    subject: field(z.string().nullable(), 'Their own subject; null for the usual one.', SUBJECT),
    body: field(z.string().nullable(), 'What they say of each thing in their own words; null for the usual text.', BODY),
    placeholders: field(z.array(z.string()), 'What can stand in both, in braces.', ['project', 'mailbox', 'cause']),
  }),
);
export const NoticeTemplates = named(
  'NoticeTemplates',
  z.object({ items: z.array(NoticeWords).meta({ description: 'Every kind of notices.' }) }),
);
export type NoticeTemplates = z.infer<typeof NoticeTemplates>;

export const SubscriptionTest = named(
  'SubscriptionTest',
  z.object({
    outcome: field(z.enum(['sent', 'failed']), 'Whether the notice went out.', 'sent'),
    code: field(z.string().nullable(), 'Why it failed; null if it did not.', 'notice.no-answer'),
    advice: field(z.string().nullable(), 'What to do about it; null if nothing.', 'Check the address and the network.'),
  }),
);
export type SubscriptionTest = z.infer<typeof SubscriptionTest>;
