import { z } from 'zod';
import type { BuildEvent, PartEvent } from './build.js';
import type { CredentialsEvent } from './credentials.js';
import { EndpointConfig } from './endpoints.js';
import type { Context, DomainEvent } from './envelope.js';
import { DiscoveredFolder, Fidelity, LeftOut, ManifestRef, SourceMailbox, Waits, type ExtractionEvent } from './extraction.js';
import { ByType } from './item-types.js';
import { PaymentMethod, type LicensingEvent } from './licensing.js';
import { ProjectOptions } from './project-options.js';
import {
  LineItem,
  PassSettings,
  type CustomerEvent,
  type EndpointEvent,
  type MailboxJobEvent,
  type NameEvent,
  type ProjectEvent,
} from './projects.js';
import { Cause, PassKind, ProjectType, Totals } from './words.js';

// What each published event holds. Events are kept for ever: a later release may add a field with a default, and reads every
// event of the releases before it (golden files). Readers ignore fields that they do not know.

/** Every event that is published. */
export type PublishedEvent =
  | LicensingEvent
  | CustomerEvent
  | EndpointEvent
  | NameEvent
  | ProjectEvent
  | MailboxJobEvent
  | CredentialsEvent
  | ExtractionEvent
  | PartEvent
  | BuildEvent;

type DataOf<T extends PublishedEvent['type']> = Extract<PublishedEvent, { type: T }>['data'];
type Schemas = { readonly [T in PublishedEvent['type']]: { readonly context: Context; readonly data: z.ZodType<DataOf<T>> } };

const id = z.string();
const at = z.iso.datetime();
const count = z.int().nonnegative();
const workgroup = { workgroupId: id };
const refs = { ...workgroup, customerId: id, projectId: id, mailboxJobId: id, passId: id };
const part = { ...refs, partId: id };
const check = { ...refs, step: z.int().positive(), name: z.string(), at };
const advised = { code: z.string(), advice: z.string() };
const outcome = {
  ...refs,
  itemKey: id,
  itemId: id,
  folderKey: id,
  mailbox: SourceMailbox,
  itemType: z.string(),
  sizeBytes: count,
  code: z.string(),
  advice: z.string().optional(),
  fallback: z.string().optional(),
  fidelity: Fidelity.optional(),
  at,
};

const on = <C extends Context>(context: C, shape: z.ZodRawShape): { readonly context: C; readonly data: z.ZodType<never> } => ({
  context,
  data: z.object(shape) as unknown as z.ZodType<never>,
});

/** The context and the data of every event, by type. */
export const EVENT_SCHEMAS: Schemas = {
  OrderPlaced: on('licensing', { ...workgroup, orderId: id, quantity: count, payment: PaymentMethod, at }),
  PaymentReceived: on('licensing', { ...workgroup, orderId: id, reference: z.string(), at }),
  LicencesReleased: on('licensing', { ...workgroup, orderId: id, quantity: count, at, expiresAt: at }),
  BundleApplied: on('licensing', { ...workgroup, customerId: id, user: z.string(), orderId: id, at, expiresAt: at }),
  CustomerCreated: on('projects', { ...workgroup, customerId: id, name: z.string(), at }),
  EndpointAdded: on('projects', { ...workgroup, customerId: id, endpointId: id, name: z.string(), config: EndpointConfig, at }),
  EndpointSecretRotated: on('projects', { endpointId: id, at }),
  NameReserved: on('projects', { scope: z.string(), holder: id, at }),
  ProjectCreated: on('projects', {
    ...workgroup,
    customerId: id,
    projectId: id,
    name: z.string(),
    type: ProjectType,
    sourceEndpointId: id,
    destinationEndpointId: id,
    container: z.string(),
    partBytes: count,
    options: ProjectOptions.optional(),
    at,
  }),
  OptionsChanged: on('projects', { ...workgroup, customerId: id, projectId: id, options: ProjectOptions, at }),
  LineItemsAdded: on('projects', { ...workgroup, customerId: id, projectId: id, items: z.array(LineItem), at }),
  PassStarted: on('projects', { ...refs, number: z.int().positive(), kind: PassKind, settings: PassSettings, at }),
  PassBegun: on('projects', { ...refs, at }),
  PassStopRequested: on('projects', { ...refs, attempt: z.int().positive(), at }),
  PassStopped: on('projects', { ...refs, at }),
  PassResumed: on('projects', { ...refs, attempt: z.int().positive(), at }),
  PassCompleted: on('projects', { ...refs, kind: PassKind, pass: Totals, mailbox: Totals, at }),
  PassFailed: on('projects', { ...refs, kind: PassKind, cause: Cause, at }),
  CheckPassed: on('credentials', check),
  CheckWarned: on('credentials', { ...check, ...advised }),
  CheckFailed: on('credentials', { ...check, ...advised }),
  VerificationFinished: on('credentials', {
    ...refs,
    verdict: z.enum(['pass', 'fail']),
    code: z.string().optional(),
    advice: z.string().optional(),
    at,
  }),
  ExtractionStarted: on('extraction', { ...refs, mailbox: SourceMailbox, at }),
  FoldersDiscovered: on('extraction', { ...refs, folders: z.array(DiscoveredFolder), last: z.boolean(), at }),
  PageListed: on('extraction', {
    ...refs,
    folderKey: id,
    page: count,
    mailbox: SourceMailbox,
    items: count,
    bytes: count,
    again: z.boolean(),
    repeats: count,
    leftOut: LeftOut.optional(),
    refused: z.string().optional(),
    slices: z.array(count),
    manifest: ManifestRef.nullable(),
    next: z.string().nullable(),
    delta: z.string().nullable(),
    at,
  }),
  SliceExported: on('extraction', {
    ...refs,
    folderKey: id,
    page: count,
    from: count,
    items: count,
    bytes: count,
    skipped: count,
    failed: count,
    mime: count.optional(),
    at,
  }),
  ItemSkipped: on('extraction', outcome),
  ItemFailed: on('extraction', outcome),
  ItemReadAsMime: on('extraction', outcome),
  ExtractionWaited: on('extraction', {
    ...refs,
    waits: z.record(z.string(), Waits),
    held: z.object({ code: z.string(), advice: z.string().optional(), retryAt: at }).optional(),
    at,
  }),
  ExtractionPaused: on('extraction', { ...refs, attempt: z.int().positive(), at }),
  ExtractionFinished: on('extraction', { ...refs, discovered: count, published: count, skipped: count, failed: count, bytes: count, at }),
  ExtractionFailed: on('extraction', { ...refs, attempt: z.int().positive(), cause: Cause, at }),
  PartOpened: on('build', { ...part, name: z.string(), container: z.string(), ordinal: z.int().positive(), at }),
  BuilderTookOver: on('build', { ...part, epoch: z.int().positive(), at }),
  PartSealIntended: on('build', {
    ...part,
    epoch: z.int().positive(),
    extents: count,
    listKey: z.string(),
    listSha256: z.string(),
    bytes: count,
    items: count,
    folders: count,
    types: ByType.optional(),
    at,
  }),
  PartSealed: on('build', {
    ...part,
    name: z.string(),
    etag: z.string(),
    location: z.string(),
    bytes: count,
    items: count,
    types: ByType.optional(),
    at,
  }),
  PartVerified: on('build', { ...part, sha256: z.string(), bytes: count, items: count, at }),
  PartAbandoned: on('build', { ...part, reason: z.string(), at }),
  ItemUnbuilt: on('build', outcome),
  BuildPaused: on('build', { ...refs, attempt: z.int().positive(), at }),
  BuildFinished: on('build', { ...refs, totals: Totals, bytes: count, parts: count, folders: z.record(z.string(), count), at }),
  BuildFailed: on('build', { ...refs, attempt: z.int().positive(), cause: Cause, at }),
};

/** What is wrong with an event's data, as `field: message`; nothing if it is as its schema says. An unknown type is wrong too. */
export const eventFaults = (event: DomainEvent): readonly string[] => {
  const schema = (EVENT_SCHEMAS as Readonly<Record<string, { readonly data: z.ZodType }>>)[event.type];
  if (schema === undefined) return [`type: ${event.type} is not known`];
  const parsed = schema.data.safeParse(event.data);
  return parsed.success ? [] : parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
};
