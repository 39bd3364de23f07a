import {
  AcknowledgeReason,
  ApplyBundles,
  CouponTerms,
  CreateCoupon,
  CreateCustomer,
  CreateProject,
  EditMailbox,
  EditProject,
  field,
  FITS_KIND,
  FITS_UPDATE,
  ITEM_KEYS_PER_COMMAND,
  itemOutcomes,
  LIST_CHARACTERS,
  MOST_LISTED,
  statuses,
  fitsKind,
  fitsUpdate,
  idField,
  PassKind,
  PaymentMethod,
  PlaceOrder,
  preStageFields,
  Priority,
  NewProjectOptions,
  ProjectOptions,
  RecordPayment,
  RefundOrder,
  textField,
  ROLES,
  Ulid,
} from '@pstream/contracts';
import { z } from 'zod';
import { named } from './named.js';

// What the operations take. Every object is strict: an unknown field is a fault.

/** What is absent from a change stays as it is. */
export const hasChange = (body: object): boolean => Object.values(body).some((value) => value !== undefined);
export const NO_CHANGE = { error: 'Name at least one field to change.' };

export const CustomerBody = named(
  'CreateCustomer',
  z.strictObject({ name: field(CreateCustomer.shape.name, 'Name of the customer, unique in the workgroup.', 'Contoso') }),
);
export type CustomerBody = z.infer<typeof CustomerBody>;

named('ProjectOptions', ProjectOptions);
export const OptionsBody = named('NewProjectOptions', NewProjectOptions);
export type OptionsBody = z.infer<typeof OptionsBody>;

const project = CreateProject.shape;
const ofAnyProject = {
  name: field(project.name, 'Name of the project, unique for the customer.', 'Leavers'),
  destinationEndpointId: field(project.destinationEndpointId, 'Endpoint that PSTs are written to.', '01J8ZQ4N5W9K7C1B2D3E4F5G6E'),
  container: field(project.container, 'Blob container, or subfolder, that the PSTs go to.', 'leavers'),
};
const ExportProjectBody = named(
  'CreateProject',
  z
    .strictObject({
      ...ofAnyProject,
      type: field(project.type, 'Whether primary mailboxes or in-place archives are exported.', 'mailbox'),
      sourceEndpointId: field(project.sourceEndpointId, 'Endpoint that mailboxes are read from.', '01J8ZQ4N5W9K7C1B2D3E4F5G6D'),
      partBytes: field(project.partBytes, 'A new PST is begun before a file would grow beyond this many bytes.', 10_737_418_240),
      options: field(project.options, 'Advanced options; without them everything is exported.', { itemTypes: ['email'] }),
    })
    .meta({ description: 'A project that exports mailboxes.' }),
);
const DiscoveryProjectBody = named(
  'CreateDiscoveryProject',
  z
    .strictObject({
      ...ofAnyProject,
      type: field(z.literal('discovery'), 'A project that exports nothing.', 'discovery'),
    })
    .meta({ description: 'A project that keeps what is reported of PSTs that were found on disks and uploaded.' }),
);
export const ProjectBody = named(
  'NewProject',
  z.discriminatedUnion('type', [ExportProjectBody, DiscoveryProjectBody]).meta({ description: 'A project of one of these types.' }),
);
export type ProjectBody = z.infer<typeof ProjectBody>;

/** Most rows of one bulk add. */
export const MOST_ROWS = 100_000;

/** Rows are judged one by one and all together, so their fields are plain text here. */
const AddRow = z.strictObject({
  source: field(z.string().max(1_000), 'Address of the mailbox.', 'ann@contoso.com'),
  destination: field(z.string().max(1_000), 'Name of its first PST.', 'ann.pst'),
});
export const MailboxesBody = named(
  'AddMailboxes',
  z.strictObject({ items: z.array(AddRow).min(1).max(MOST_ROWS).meta({ description: 'Mailboxes to add.' }) }),
);
export type MailboxesBody = z.infer<typeof MailboxesBody>;

const Listed = z
  .array(z.string().min(1).max(320))
  .min(1)
  .max(MOST_LISTED)
  .refine((entries) => entries.reduce((sum, entry) => sum + entry.length, 0) <= LIST_CHARACTERS, {
    error: 'This list is too long for one request. Divide it, or select by status or all.',
  });
export const Selection = z
  .union([
    z.literal('all'),
    z.strictObject({
      status: field(z.array(z.enum(statuses)).min(1).max(statuses.length), 'Statuses, in the words of the Status column.', ['Failed']),
    }),
    Listed,
  ])
  .meta({
    description: '`all`, those with one of some statuses when the operation begins, or ids or addresses of mailboxes of the project.',
    examples: ['all', { status: ['Failed'] }, ['ann@contoso.com']],
  });
export type Selection = z.infer<typeof Selection>;

export const StartBody = named(
  'StartPasses',
  z
    .strictObject({
      kind: field(PassKind, 'Kind of pass, in the words of the Start menu.', 'full'),
      mailboxes: Selection,
      olderThanDays: field(preStageFields.olderThanDays, 'Of a Pre-Stage: takes mail older than so many days.', 90),
      before: field(preStageFields.before, 'Of a Pre-Stage: takes mail from before this day.', '2026-01-31'),
      rename: field(
        z.boolean().optional(),
        'Gives each mailbox a free PST name whose own another mailbox holds, or was found at the destination by a Verify; the rows of the operation say which.',
        false,
      ),
      update: field(
        z.boolean().optional(),
        'Of a Full pass: also exports items again that were changed since they were exported, into a new PST, and lists the older copies of these and of moved items as superseded. PSTs that are sealed stay as they are.',
        true,
      ),
      startAt: field(
        z.iso.datetime({ offset: true }).optional(),
        'When the passes begin, at most a year ahead; at once without it. Until then the mailboxes are Submitted, and stopping cancels the pass.',
        '2026-12-01T20:00:00+01:00',
      ),
      priority: field(
        Priority.optional(),
        'Of the mailboxes of a project that wait, those with a higher priority go first; it stays with the mailbox. 0 is usual.',
        10,
      ),
    })
    .refine(fitsKind, FITS_KIND)
    .refine(fitsUpdate, FITS_UPDATE),
);
export type StartBody = z.infer<typeof StartBody>;
export const ResumeBody = named(
  'ResumePasses',
  z.strictObject({
    mailboxes: Selection,
    rename: field(
      z.boolean().optional(),
      'A pass that failed because somebody else has a file under the name of its next PST goes on under a free name; PSTs that are written keep theirs. The rows of the operation say which.',
      true,
    ),
  }),
);
export type ResumeBody = z.infer<typeof ResumeBody>;
export const PrioritiseBody = named(
  'PrioritiseMailboxes',
  z.strictObject({
    mailboxes: Selection,
    priority: field(
      Priority,
      'From -100 to 100; 0 is usual. Of the mailboxes of a project that wait, those with a higher one go first.',
      10,
    ),
  }),
);
export const RemoveBody = named(
  'RemoveMailboxes',
  z.strictObject({
    mailboxes: Selection,
    stop: field(z.boolean().default(false), 'Stops passes under way first; without it, their mailboxes stay.', false),
  }),
);
export const StartOverBody = named(
  'StartOver',
  z.strictObject({
    mailboxes: Selection,
    parts: field(
      z.enum(['keep', 'delete']),
      '`keep`: PSTs stay as they are, and the next ones get another name, such as `ann-2.pst`. `delete`: they are deleted when the next Pre-Stage or Full begins to write.',
      'keep',
    ),
  }),
);
export const CloseBody = named(
  'CloseProject',
  z.strictObject({
    parts: field(
      z.enum(['keep', 'delete']),
      '`keep`: PSTs stay. `delete`: those that passes of this project wrote, and that nobody has changed since, are deleted.',
      'keep',
    ),
    dryRun: field(z.boolean().default(false), 'Close and delete nothing, and list what would become of each PST.', true),
  }),
);
export const MoveBody = named(
  'MoveMailboxes',
  z.strictObject({ mailboxes: Selection, toProjectId: field(Ulid, 'Project of the same customer.', '01J8ZQ4N5W9K7C1B2D3E4F5G6B') }),
);
export const CustomerEditBody = named(
  'RenameCustomer',
  z.strictObject({ name: field(CreateCustomer.shape.name, 'Another name of the customer, unique in the workgroup.', 'Contoso') }),
);
const edit = EditProject.shape;
export const ProjectEditBody = named(
  'EditProject',
  z
    .strictObject({
      name: field(edit.name, 'Another name of the project, unique for the customer.', 'Leavers 2026'),
      sourceEndpointId: field(edit.sourceEndpointId, 'Another endpoint to read mailboxes from.', '01J8ZQ4N5W9K7C1B2D3E4F5G6D'),
      destinationEndpointId: field(edit.destinationEndpointId, 'Another endpoint to write PSTs to.', '01J8ZQ4N5W9K7C1B2D3E4F5G6E'),
      container: field(edit.container, 'Another blob container, or subfolder.', 'leavers-2026'),
      partBytes: field(edit.partBytes, 'Another size beyond which a new PST is begun.', 10_737_418_240),
    })
    .refine(hasChange, NO_CHANGE)
    .meta({ minProperties: 1 }),
);
export const MailboxEditBody = named(
  'EditMailbox',
  z
    .strictObject({
      source: field(EditMailbox.shape.source, 'Another address of the mailbox.', 'ann@contoso.com'),
      destination: field(EditMailbox.shape.destination, 'Another name of its first PST.', 'ann.pst'),
    })
    .refine(hasChange, NO_CHANGE)
    .meta({ minProperties: 1 }),
);
export const SelectionBody = named('SelectMailboxes', z.strictObject({ mailboxes: Selection }));
export type SelectionBody = z.infer<typeof SelectionBody>;

export const AcknowledgeBody = named(
  'AcknowledgeErrors',
  z.strictObject({
    errors: z
      .union([
        z.literal('all'),
        z
          .strictObject({
            outcome: field(z.enum(itemOutcomes).optional(), 'Only items with this outcome.', 'skipped'),
            code: field(z.string().max(100).optional(), 'Only items with this code.', 'item.gone'),
            passId: field(z.string().max(26).optional(), 'Only items that this pass was the last to report.', '01J8ZQ4N5W9K7C1B2D3E4F5G6F'),
          })
          .refine(
            (filter) => Object.values(filter).some((value) => value !== undefined),
            'must name an outcome, a code or a pass; or give all',
          )
          .meta({ minProperties: 1 }),
        z.array(z.string().min(1).max(64)).min(1).max(ITEM_KEYS_PER_COMMAND),
      ])
      .meta({
        description: 'Which: `all` that are open, those that are open and match, or the keys of items.',
        examples: [{ code: 'item.gone' }, 'all', ['9f2c5e0b7a1d4c3e8f6a9b0c1d2e3f40']],
      }),
    reason: field(
      AcknowledgeReason,
      'Why; it is shown with each item. Leave out what is in the items themselves.',
      'Agreed with the customer.',
    ),
  }),
);
export type AcknowledgeBody = z.infer<typeof AcknowledgeBody>;

export const BundlesBody = named(
  'ApplyBundles',
  z.strictObject({ users: field(ApplyBundles.shape.users, 'Addresses of the users; each gets one bundle.', ['ann@contoso.com']) }),
);
export type BundlesBody = z.infer<typeof BundlesBody>;

const paying = {
  payment: field(PaymentMethod, 'How they are paid. Wire transfers are taken from 100 licences on; purchase orders are refused.', 'wire'),
  priceVersion: field(
    PlaceOrder.shape.priceVersion,
    'Version of the price list that the buyer has seen. The order is refused if another one is in force by now.',
    '2026-11',
  ),
  coupon: field(PlaceOrder.shape.coupon, 'Code of a coupon; each counts once for a workgroup.', 'SPRING-2026'),
};

export const OrderBody = named(
  'PlaceOrder',
  z.strictObject({ quantity: field(PlaceOrder.shape.quantity, 'Licences to buy.', 100), ...paying }),
);
export type OrderBody = z.infer<typeof OrderBody>;

export const RenewalBody = named('RenewOrder', z.strictObject(paying));
export type RenewalBody = z.infer<typeof RenewalBody>;

export const CouponBody = named(
  'CreateCoupon',
  z.strictObject({
    code: field(CreateCoupon.shape.code, 'What a buyer types; the case does not matter.', 'SPRING-2026'),
    terms: field(CouponTerms, 'What it takes off: a percentage, an amount, or the price of so many licences.', {
      kind: 'percent',
      percent: 20,
    }),
    expiresAt: field(CreateCoupon.shape.expiresAt, 'From when on it cannot be used any more. ISO 8601 in UTC.', '2027-01-31T00:00:00.000Z'),
  }),
);
export type CouponBody = z.infer<typeof CouponBody>;

export const PaymentBody = named(
  'RecordPayment',
  z.strictObject({ reference: field(RecordPayment.shape.reference, 'Reference of the transfer, for the books.', 'INV-2026-0042') }),
);
export type PaymentBody = z.infer<typeof PaymentBody>;

export const RefundBody = named(
  'RefundOrder',
  z.strictObject({
    reference: field(
      RefundOrder.shape.reference,
      'Reference of the transfer back. Needed for orders paid by wire; also for a card refund that failed and was made by hand.',
      'REF-2026-0007',
    ),
  }),
);
export type RefundBody = z.infer<typeof RefundBody>;

export const TokenBody = named(
  'CreateToken',
  z.strictObject({
    name: field(z.string().trim().min(1).max(120), 'Name of the token, to tell it from others.', 'nightly export'),
    expiresInDays: field(
      z.int().min(1).max(3_660).optional(),
      'Days until it expires; without it, it never does. One made with a token expires with that token at the latest.',
      365,
    ),
    service: field(
      z.boolean().optional(),
      'Whether it is a service account, which goes on when its maker leaves; for owners and admins.',
      false,
    ),
    role: field(z.enum(ROLES).optional(), 'What the token may do, never more than its maker; by default, what its maker may do.', 'viewer'),
    customerIds: field(
      z.array(Ulid).min(1).max(100).optional(),
      'Customers that the token is confined to: it sees and changes nothing else. Without it, all that its maker sees.',
      ['01J8ZQ4N5W9K7C1B2D3E4F5G6A'],
    ),
  }),
);
export type TokenBody = z.infer<typeof TokenBody>;

/** Parameters in paths, by name. */
export const PATH_PARAMS = {
  customerId: idField('customer', 'Id of the customer.'),
  endpointId: idField('source', 'Id of the endpoint.'),
  projectId: idField('project', 'Id of the project.'),
  mailboxJobId: idField('mailbox', 'Id of the mailbox.'),
  operationId: idField('pass', 'Id of the operation.'),
  linkId: idField('pass', 'Id of the link.'),
  runId: idField('run', 'Id of the run.'),
  secret: textField('The secret of a link.', 'psr_0m4vQe0r2m5YkqX3v5hJ1tV7bN9cZ2aLdKfGhSjPwRt'),
  partId: idField('part', 'Id of the PST.'),
  messageId: textField('Id of the message within the PST.', '200024'),
  attachmentId: textField('Id of the attachment within the message.', '8025'),
  orderId: field(RecordPayment.shape.orderId, 'Id of the order.', '01J8ZQ4N5W9K7C1B2D3E4F5G6H'),
  agentId: idField('pass', 'Id of the agent.'),
  tokenId: idField('pass', 'Id of the token.'),
  subscriptionId: idField('pass', 'Id of the subscription.'),
  kind: textField('What a notice is about.', 'pass.failed'),
  code: textField('Code of the coupon.', 'SPRING-2026'),
  letterId: textField('Id of the dead letter.', 'extraction.items.v1:17'),
  name: textField('Name of the read model.', 'mailboxes_v4'),
} as const;
