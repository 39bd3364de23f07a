import { field, itemErrorStates, itemOutcomes, noticeStates, statuses, subscribableKinds, Ulid } from '@pstream/contracts';
import { z } from 'zod';
import { letterStates } from './dead-letters.js';

// Query parameters. A list is written with commas between its members.

const whole = (min: number, max: number): z.ZodType<number, number | string> =>
  // What comes in is text, or a number where a program calls.
  z.coerce.number<number | string>().int().min(min).max(max);

/** The example is of a stream that the operation shows; others are refused. */
export const shownFrom = (example: string) =>
  field(
    z
      .string()
      .regex(/^[!-~]{1,200}:[0-9]{1,15}$/, 'Give <stream>:<version> from the answer of a command.')
      .optional(),
    '`<stream>:<version>` from the answer of a command: waits up to five seconds until the answer shows what it did.',
    example,
  );
const atLeast = shownFrom('customer:01J8ZQ4N5W9K7C1B2D3E4F5G6A:1');
const fromLicences = { atLeast: shownFrom('licence-pool:default:1') };
const fromWorkgroups = { atLeast: shownFrom('workgroup:default:1') };
const fromParts = { atLeast: shownFrom('part:01J8ZQ4N5W9K7C1B2D3E4F5G6G:1') };

/** Query of an operation that shows one thing. */
export const OneQuery = z.strictObject({ atLeast });
export type OneQuery = z.infer<typeof OneQuery>;

/** Query of the licences. */
export const LicencesQuery = OneQuery.extend(fromLicences);

const page = {
  limit: field(whole(1, 1_000).default(100), 'Most items of a page.', 100),
  cursor: field(
    z
      .string()
      .max(2_000)
      .regex(/^[A-Za-z0-9_-]+$/, 'must be the next of a page')
      .optional(),
    'The `next` of the page before, with the same filters and order.',
    'WyJzb3VyY2UiLCJhbm4iXQ',
  ),
};

/** Query of a list. */
export const PageQuery = z.strictObject({ ...page, atLeast });
export type PageQuery = z.infer<typeof PageQuery>;
/** Query of a list that nobody waits for. */
export const AuditPageQuery = z.strictObject(page);

const search = (fields: string): z.ZodOptional<z.ZodString> =>
  field(z.string().min(1).max(200).optional(), `Only those with this text in ${fields}, whatever its case and accents.`, 'ann');

/** Query of a list of things with names. */
export const NamedQuery = z.strictObject({
  ...page,
  atLeast,
  search: field(
    z.string().min(1).max(200).optional(),
    'Only those with this text anywhere in the name, whatever its case and accents, or one that looks like it: `customer` finds `Cust0mer`.',
    'customer',
  ),
});
export type NamedQuery = z.infer<typeof NamedQuery>;

/** Queries of people and their workgroup. */
export const PeopleQuery = NamedQuery.extend(fromWorkgroups);
export const WorkgroupQuery = OneQuery.extend(fromWorkgroups);

/** Queries of subscriptions, and of what became of notices. */
const fromSubscriptions = { atLeast: shownFrom('notice-rules:default:1') };
export const SubscriptionsQuery = NamedQuery.extend(fromSubscriptions);
export const SubscriptionQuery = OneQuery.extend(fromSubscriptions);
export const SubscriptionTestQuery = z.strictObject({
  about: field(
    z.enum(subscribableKinds).optional(),
    'Shows how notices about such things look, with made-up values; without it, the test says only that the subscription works.',
    'pass.failed',
  ),
});
export const NoticeTemplatesQuery = z.strictObject({ atLeast: shownFrom('notice-templates:default:1') });
export const NoticesQuery = z.strictObject({
  ...page,
  subscriptionId: field(Ulid.optional(), 'Only notices of this subscription.', '01J8ZQ4N5W9K7C1B2D3E4F5G6F'),
  state: field(z.enum(noticeStates).optional(), 'Only notices in this state.', 'given-up'),
});

/** Query of a list of what licensing keeps. */
export const BundlesQuery = PageQuery.extend(fromLicences);
/** Query of the coupons. */
export const CouponsQuery = PageQuery.extend({ atLeast: shownFrom('coupon:SPRING-2026:1') });
/** Query of a list of PSTs, or of what went into them. */
export const PartsQuery = PageQuery.extend(fromParts);

export const MailboxQuery = z.strictObject({
  ...page,
  atLeast,
  search: search('source or destination'),
  status: field(z.array(z.enum(statuses)).min(1).optional(), 'Only mailboxes with one of these statuses.', ['Completed', 'Failed']),
  sort: field(
    z.enum(['source', '-source', 'destination', '-destination', 'status', '-status']).default('source'),
    'Order of the list; `-` for descending.',
    'source',
  ),
});
export type MailboxQuery = z.infer<typeof MailboxQuery>;

const state = field(
  z.enum([...itemErrorStates, 'all']).default('open'),
  'Only items whose error is in this state; `all` for every state.',
  'open',
);

export const ErrorQuery = z.strictObject({
  ...page,
  atLeast: shownFrom('item-errors:01J8ZQ4N5W9K7C1B2D3E4F5G6C:1'),
  state,
  outcome: field(z.enum(itemOutcomes).optional(), 'Only items with this outcome.', 'failed'),
  code: field(z.string().max(100).optional(), 'Only items with this code.', 'fasttransfer.truncated'),
  passId: field(z.string().max(26).optional(), 'Only items that this pass was the last to report.', '01J8ZQ4N5W9K7C1B2D3E4F5G6F'),
});
export type ErrorQuery = z.infer<typeof ErrorQuery>;

/** Query of the errors report. */
export const ErrorsFileQuery = z.strictObject({ state });

export const OperationQuery = z.strictObject({
  ...page,
  atLeast,
  project: field(z.string().max(26).optional(), 'Only operations over mailboxes of this project.', '01J8ZQ4N5W9K7C1B2D3E4F5G6B'),
});
export type OperationQuery = z.infer<typeof OperationQuery>;

export const RowQuery = z.strictObject({
  ...page,
  atLeast,
  outcome: field(z.enum(['accepted', 'rejected']).optional(), 'Only rows with this outcome.', 'rejected'),
});
export type RowQuery = z.infer<typeof RowQuery>;

export const DeadLetterQuery = z.strictObject({
  ...page,
  topic: field(z.string().max(200).optional(), 'Only letters of this topic.', 'extraction.items.v1'),
  state: field(z.enum([...letterStates, 'all']).default('open'), 'Only letters in this state; `all` for every state.', 'open'),
});
export type DeadLetterQuery = z.infer<typeof DeadLetterQuery>;

/** What a client listens to; without either, to everything. */
export const EventsQuery = z.strictObject({
  project: field(z.string().max(26).optional(), 'Only changes that concern this project.', '01J8ZQ4N5W9K7C1B2D3E4F5G6B'),
  customer: field(z.string().max(26).optional(), 'Only changes that concern this customer.', '01J8ZQ4N5W9K7C1B2D3E4F5G6A'),
});
export type EventsQuery = z.infer<typeof EventsQuery>;

export const RemoveQuery = z.strictObject({
  stop: field(
    z.enum(['true', 'false']).default('false'),
    'Stops a pass under way first, and removes the mailbox when it has ended.',
    'false',
  ),
});

export const AddQuery = z.strictObject({
  partial: field(z.enum(['true', 'false']).default('false'), 'Adds the good rows even if others have faults.', 'false'),
  rename: field(
    z.enum(['true', 'false']).default('false'),
    'Takes the name that is offered for a PST whose name is in use at the destination; the answer lists these rows.',
    'false',
  ),
});
export type AddQuery = z.infer<typeof AddQuery>;

/** Query parameters as they came, with lists taken apart at their commas where the schema has a list. */
export const splitLists = (schema: z.ZodObject, query: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(query).map(([name, value]) => [
      name,
      typeof value === 'string' && takesList(schema.shape[name]) ? value.split(',') : value,
    ]),
  );

const takesList = (schema: unknown): boolean =>
  schema instanceof z.ZodArray || (schema instanceof z.ZodOptional && takesList(schema.unwrap()));
