import {
  Cause,
  itemOutcomes,
  passKinds,
  ProjectOptions,
  projectTypes,
  statuses,
  type BundleView,
  type CheckView,
  type CustomerView,
  type EndpointView,
  type ItemErrorView,
  type LicencesView,
  type MailboxView,
  type PartView,
  type ProjectView,
} from '@pstream/contracts';
import { z } from 'zod';
import { named } from './registry.js';

// The documents of the read models as the gateway hands them out. What a schema does not name is not handed out.

const Time = z.string().describe('ISO 8601 in UTC.');
const Count = z.int();
const Bytes = z.number().describe('Bytes.');

/** Counts of items. While a pass is going on the sums of its facts may be ahead of one another. */
const Totals = z.object({ discovered: Count, exported: Count, skipped: Count, failed: Count });

export const Customer = named(
  'Customer',
  z.object({ customerId: z.string(), workgroupId: z.string(), name: z.string(), createdAt: Time }),
) satisfies z.ZodType<CustomerView>;

export const Endpoint = named(
  'Endpoint',
  z.object({
    endpointId: z.string(),
    customerId: z.string(),
    name: z.string(),
    kind: z.enum(['microsoft-365', 'azure-blob', 'folder']),
    settings: z.record(z.string(), z.string()).describe('Without anything secret; `credential` says its kind only.'),
    createdAt: Time,
    secretRotatedAt: Time.nullable(),
  }),
) satisfies z.ZodType<EndpointView>;

const projectFields = {
  projectId: z.string(),
  customerId: z.string(),
  name: z.string(),
  type: z.enum(projectTypes),
  sourceEndpointId: z.string(),
  destinationEndpointId: z.string(),
  container: z.string(),
  partBytes: Bytes,
  options: ProjectOptions.default({}),
  mailboxes: Count,
  createdAt: Time,
};

export const Project = named('Project', z.object(projectFields)) satisfies z.ZodType<ProjectView>;

/** Sums over the mailboxes of a project. */
export const ProjectSums = z.object({
  statuses: z.record(z.string(), Count).describe('Mailboxes by status.'),
  totals: Totals,
  unaccounted: Count.describe('discovered - exported - skipped - failed. Zero on anything complete.'),
  listing: z.enum(['not-started', 'going-on', 'finished']).describe('While folders are being listed, `discovered` still grows.'),
  extracted: z.object({ items: Count, bytes: Bytes }),
  parts: Count,
  mime: Count.describe('Items among the exported ones that were made from MIME or JSON instead of their stream.'),
});
export type ProjectSums = z.infer<typeof ProjectSums>;

export const ProjectDetail = named('ProjectDetail', z.object({ ...projectFields, sums: ProjectSums }));
export type ProjectDetail = z.infer<typeof ProjectDetail>;

export const Licences = named(
  'Licences',
  z.object({
    workgroupId: z.string(),
    released: Count,
    applied: Count,
    orders: z.array(
      z.object({
        orderId: z.string(),
        quantity: Count,
        payment: z.string(),
        status: z.enum(['awaiting-payment', 'released']),
        placedAt: Time,
        expiresAt: Time.nullable(),
      }),
    ),
  }),
) satisfies z.ZodType<LicencesView>;

export const Bundle = named(
  'Bundle',
  z.object({ workgroupId: z.string(), customerId: z.string(), user: z.string(), orderId: z.string(), appliedAt: Time, expiresAt: Time }),
) satisfies z.ZodType<BundleView>;

const Check = z.object({
  step: Count,
  name: z.string(),
  verdict: z.enum(['pass', 'warn', 'fail', 'skipped']),
  code: z.string().nullable(),
  advice: z.string().nullable(),
}) satisfies z.ZodType<CheckView>;

export const Mailbox = named(
  'Mailbox',
  z.object({
    mailboxJobId: z.string(),
    projectId: z.string(),
    customerId: z.string(),
    source: z.string(),
    destination: z.string(),
    status: z.enum(statuses),
    pass: z.object({ passId: z.string(), number: Count, kind: z.enum(passKinds), startedAt: Time, endedAt: Time.nullable() }).nullable(),
    totals: Totals,
    mime: Count.describe('Items among the exported ones that were made from MIME or JSON instead of their stream.'),
    leftOut: Count.describe('Items that the last pass listed and did not take: a Trial, a Pre-Stage, or a filter leaves some.'),
    listing: z.enum(['not-started', 'going-on', 'finished']),
    extracted: z.object({ items: Count, bytes: Bytes }),
    waits: z
      .record(z.string(), z.object({ times: Count, ms: Count }))
      .describe("Time lost to limits of the tenant in the last pass, by the limit's name."),
    held: z
      .object({ code: z.string(), advice: z.string().nullable(), since: Time, retryAt: Time })
      .nullable()
      .describe('What the open pass waits for before it can go on, since when, and when it is tried again.'),
    progressAt: Time.nullable().describe('When the last pass last listed, read or wrote something.'),
    folders: Count,
    parts: Count,
    cause: Cause.nullable(),
    checks: z.array(Check),
  }),
) satisfies z.ZodType<MailboxView>;

export const Part = named(
  'Part',
  z.object({
    partId: z.string(),
    projectId: z.string(),
    mailboxJobId: z.string(),
    passId: z.string(),
    ordinal: Count,
    name: z.string(),
    container: z.string(),
    state: z.enum(['open', 'sealing', 'sealed', 'verified', 'abandoned']),
    location: z.string().nullable(),
    bytes: Bytes,
    items: Count,
    sha256: z.string().nullable(),
    sealedAt: Time.nullable(),
    verifiedAt: Time.nullable(),
  }),
) satisfies z.ZodType<PartView>;

export const ItemError = named(
  'ItemError',
  z.object({
    projectId: z.string(),
    mailboxJobId: z.string(),
    passId: z.string(),
    itemKey: z.string(),
    folderKey: z.string(),
    outcome: z.enum(itemOutcomes).describe('`mime`: exported, but made from MIME or JSON, because of `code`.'),
    itemType: z.string(),
    sizeBytes: Bytes,
    code: z.string(),
    advice: z.string().nullable(),
    fallback: z.string().nullable().describe('Why the item could not be exported as MIME either, where that was tried.'),
    at: Time,
  }),
) satisfies z.ZodType<ItemErrorView>;

export const FolderSums = named(
  'FolderSums',
  z.object({
    folderKey: z.string(),
    path: z.string().describe('Names joined by `/`; a `/` within a name is written `\\/`.'),
    containerClass: z.string().nullable(),
    left: z
      .string()
      .nullable()
      .describe('Why the folder was not read: search folders hold no items of their own, and a filter skips some.'),
    target: z.string().nullable().describe('Where a mapping puts its items in the PST; null for their own place.'),
    totals: Totals,
    mime: Count,
    unaccounted: Count,
  }),
);
export type FolderSums = z.infer<typeof FolderSums>;
