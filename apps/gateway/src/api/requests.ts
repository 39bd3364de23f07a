import {
  AddEndpoint,
  AzureBlobDestination,
  CreateCustomer,
  CreateProject,
  FITS_KIND,
  fitsKind,
  FolderDestination,
  itemOutcomes,
  Microsoft365Source,
  PassKind,
  PaymentMethod,
  PlaceOrder,
  preStageFields,
  ProjectOptions,
  RecordPayment,
  ApplyBundles,
  statuses,
} from '@pstream/contracts';
import { z } from 'zod';
import { named } from './registry.js';

// What the routes take. Every object is strict: an unknown field is a fault.

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

/** Credentials are sent to these addresses, so only encrypted ones are taken; loopback is for simulators. */
const SafeUrl = z.url().refine(
  (text) => {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    if (url === undefined || url.username !== '' || url.password !== '') return false;
    return url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK.has(url.hostname));
  },
  { error: 'must begin with https:// (http:// for loopback only) and hold no user name or password' },
);

const SecretValue = z
  .string()
  .min(1, 'This field cannot be left blank.')
  .max(64 * 1024)
  .describe('Write-only: kept sealed, told to nobody.');

const { name: EndpointName } = AddEndpoint.shape;

const SourceBody = Microsoft365Source.omit({ credential: true, authorityUrl: true, graphUrl: true }).extend({
  name: EndpointName,
  credential: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('secret'), value: SecretValue }),
    z.strictObject({
      kind: z.literal('certificate'),
      thumbprintSha256: z.string().min(1),
      value: SecretValue.describe('Private key, PEM.'),
    }),
  ]),
  authorityUrl: SafeUrl.optional(),
  graphUrl: SafeUrl.optional(),
});

const AzureBody = AzureBlobDestination.omit({ credential: true, endpoint: true }).extend({
  name: EndpointName,
  // Word for word what administrators know from the form, also when the field is missing altogether.
  region: z.string({ error: 'This field cannot be left blank.' }).min(1, 'This field cannot be left blank.'),
  endpoint: SafeUrl.optional(),
  credential: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('key'), value: SecretValue }),
    z.strictObject({ kind: z.literal('sas'), value: SecretValue }),
    z.strictObject({ kind: z.literal('identity') }),
  ]),
});

const FolderBody = FolderDestination.extend({ name: EndpointName });

export const EndpointBody = named('AddEndpoint', z.discriminatedUnion('kind', [SourceBody, AzureBody, FolderBody]));
export type EndpointBody = z.infer<typeof EndpointBody>;

export const SecretBody = named('RotateSecret', z.strictObject({ value: SecretValue }));
export type SecretBody = z.infer<typeof SecretBody>;

export const CustomerBody = named('CreateCustomer', CreateCustomer.pick({ name: true }));
export type CustomerBody = z.infer<typeof CustomerBody>;

export const ProjectBody = named('CreateProject', CreateProject.omit({ workgroupId: true, customerId: true, projectId: true }));
export type ProjectBody = z.infer<typeof ProjectBody>;

export const OptionsBody = named('ProjectOptions', ProjectOptions);
export type OptionsBody = z.infer<typeof OptionsBody>;

/** Most rows of one bulk add. */
export const MOST_ROWS = 100_000;

/** Rows are judged one by one and all together, so their fields are plain text here. */
export const MailboxesBody = named(
  'AddMailboxes',
  z.strictObject({
    items: z
      .array(z.strictObject({ source: z.string().max(1_000), destination: z.string().max(1_000) }))
      .min(1)
      .max(MOST_ROWS),
  }),
);
export type MailboxesBody = z.infer<typeof MailboxesBody>;

const Selection = z
  .union([z.literal('all'), z.array(z.string().min(1).max(320)).min(1).max(MOST_ROWS)])
  .describe('"all", or ids or source addresses of mailboxes of the project.');
export type Selection = z.infer<typeof Selection>;

export const StartBody = named(
  'StartPasses',
  z.strictObject({ kind: PassKind, mailboxes: Selection, ...preStageFields }).refine(fitsKind, FITS_KIND),
);
export type StartBody = z.infer<typeof StartBody>;
export const SelectionBody = named('SelectMailboxes', z.strictObject({ mailboxes: Selection }));
export type SelectionBody = z.infer<typeof SelectionBody>;

export const BundlesBody = named('ApplyBundles', ApplyBundles.pick({ users: true }));
export type BundlesBody = z.infer<typeof BundlesBody>;
export const OrderBody = named('PlaceOrder', PlaceOrder.pick({ quantity: true }).extend({ payment: PaymentMethod }));
export type OrderBody = z.infer<typeof OrderBody>;
export const PaymentBody = named('RecordPayment', RecordPayment.pick({ reference: true }));
export type PaymentBody = z.infer<typeof PaymentBody>;

export const TokenBody = named(
  'CreateToken',
  z.strictObject({
    name: z.string().trim().min(1, 'This field cannot be left blank.').max(120),
    expiresInDays: z.int().min(1).max(3_660).optional(),
  }),
);
export type TokenBody = z.infer<typeof TokenBody>;

const whole = (min: number, max: number): z.ZodType<number> => z.coerce.number().int().min(min).max(max);
const atLeast = z
  .string()
  .regex(/^.{1,200}:\d{1,15}$/, 'must be <stream>:<version>')
  .optional()
  .describe('`<stream>:<version>` from the answer of a command: waits up to five seconds until the view shows it.');

/** Query of a route that shows one thing. */
export const OneQuery = z.strictObject({ atLeast });
export type OneQuery = z.infer<typeof OneQuery>;

const page = { limit: whole(1, 1_000).default(100), offset: whole(0, 10_000_000).default(0) };

/** Query of a list. */
export const PageQuery = z.strictObject({ ...page, atLeast });
export type PageQuery = z.infer<typeof PageQuery>;

export const MailboxQuery = z.strictObject({
  ...page,
  atLeast,
  status: z
    .string()
    .transform((text) => text.split(','))
    .pipe(z.array(z.enum(statuses)))
    .optional()
    .describe('One or more, separated by commas.'),
  sort: z.enum(['source', '-source', 'destination', '-destination', 'status', '-status']).default('source'),
});
export type MailboxQuery = z.infer<typeof MailboxQuery>;

export const ErrorQuery = z.strictObject({
  ...page,
  atLeast,
  outcome: z.enum(itemOutcomes).optional(),
  code: z.string().max(100).optional(),
  passId: z.string().max(26).optional(),
});
export type ErrorQuery = z.infer<typeof ErrorQuery>;

export const AddQuery = z.strictObject({
  partial: z.enum(['true', 'false']).default('false').describe('Add the good rows even if others have faults.'),
});
export type AddQuery = z.infer<typeof AddQuery>;
