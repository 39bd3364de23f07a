import { z } from 'zod';
import { ProjectOptions } from './project-options.js';
import { CouponTerms, orderStatuses } from './licensing.js';
import { countField, field, idField, textField, timeField, timeOrNullField } from './view-fields.js';
import { anyProjectTypes, type ProjectType } from './words.js';

// Documents about customers, their endpoints and projects, and their licences. Gateway and clients show them as they stand here.

const workgroup = textField('Workgroup that the customer belongs to; there is one in this release.', 'default');
const customer = idField('customer', 'Id of the customer.');

export const CustomerView = z.object({
  customerId: customer,
  workgroupId: workgroup,
  name: textField('Name of the customer, unique in the workgroup.', 'Contoso'),
  createdAt: timeField('When the customer was created.'),
});
export type CustomerView = z.infer<typeof CustomerView>;

export const EndpointView = z.object({
  endpointId: idField('source', 'Id of the endpoint.'),
  customerId: customer,
  name: textField('Name of the endpoint, unique for the customer.', 'Microsoft 365'),
  kind: field(z.enum(['microsoft-365', 'azure-blob', 'folder']), 'A source (`microsoft-365`) or a kind of destination.', 'microsoft-365'),
  settings: field(z.record(z.string(), z.string()), 'Settings without any secret; `credential` names only its kind.', {
    tenantId: 'contoso.onmicrosoft.com',
    clientId: '6f0d5c1e-6a4e-4f8c-9a53-0d8f6f0f3a11',
    credential: 'secret',
  }),
  createdAt: timeField('When the endpoint was added.'),
  secretRotatedAt: timeOrNullField('When its secret was last replaced; null if it never was.'),
});
export type EndpointView = z.infer<typeof EndpointView>;

export const ProjectView = z.object({
  projectId: idField('project', 'Id of the project.'),
  customerId: customer,
  name: textField('Name of the project, unique for the customer.', 'Leavers'),
  type: field(
    z.enum(anyProjectTypes),
    'Whether the project exports primary mailboxes or in-place archives, or keeps the record of PSTs that were found on disks and uploaded.',
    'mailbox',
  ),
  sourceEndpointId: field(
    z.string().nullable(),
    'Endpoint that mailboxes are read from; null in a Discovery project.',
    '01J8ZQ4N5W9K7C1B2D3E4F5G6D',
  ),
  destinationEndpointId: idField('destination', 'Endpoint that PSTs are written to.'),
  container: textField('Blob container, or subfolder, that the PSTs go to.', 'leavers'),
  partBytes: field(
    z.number().nullable(),
    'A new PST is begun before a file would grow beyond this many bytes; null in a Discovery project.',
    10_737_418_240,
  ),
  options: field(ProjectOptions.default({}), 'Advanced options for passes started from now on.', { itemTypes: ['email'] }),
  ownerId: field(
    z.string().nullable().default(null),
    'Agent who created the project, or token that belongs to none; null for projects of releases up to 0.3.0.',
    '01J8ZQ4N5W9K7C1B2D3E4F5G6F',
  ),
  viewing: field(z.boolean().default(false), 'Whether the content of its finished PSTs may be looked at.', false),
  mailboxes: countField('Mailboxes in the project.', 250),
  createdAt: timeField('When the project was created.'),
  closedAt: field(z.string().nullable().default(null), 'When it was closed; null while it is open.', null),
});
export type ProjectView = z.infer<typeof ProjectView>;

/** A project that exports mailboxes. */
export type ExportProjectView = ProjectView & { readonly type: ProjectType; readonly sourceEndpointId: string; readonly partBytes: number };
/** Whether a project exports mailboxes, rather than keep the record of a discovery. */
export const isExport = (project: ProjectView): project is ExportProjectView => project.type !== 'discovery';

export const OrderView = z.object({
  orderId: idField('order', 'Id of the order.'),
  quantity: countField('Licences ordered.', 100),
  payment: textField('How the order is paid: `card` or `wire`.', 'wire'),
  status: field(
    z.enum(orderStatuses),
    'Licences are usable while it is `released`. `cancelled`, `failed` and `refunded` orders have none and never will.',
    'released',
  ),
  price: z
    .object({
      version: textField('Version of the price list that was in force.', '2026-11'),
      currency: textField('Currency, ISO 4217.', 'EUR'),
      unitMinor: countField('Price of one licence in minor units, such as cents.', 1500),
    })
    .nullable()
    .meta({ description: 'The price that the order was made with; null where none was configured.' }),
  dueMinor: field(z.int().nullable(), 'What is to be paid, in minor units of the currency; null without a price.', 150_000),
  coupon: field(z.string().nullable(), 'Code of the coupon that reduced the amount; null without one.', null),
  renews: field(z.string().nullable(), 'Order whose licences it prolongs; null if it buys new ones.', null),
  reference: field(z.string().nullable(), 'Reference of the payment; null until it is received.', 'INV-2026-0042'),
  cause: field(z.string().nullable(), 'Code of why the payment or the refund failed; null if neither did.', null),
  placedAt: timeField('When the order was placed.'),
  expiresAt: timeOrNullField('When its licences expire; null while it has none.'),
});
export type OrderView = z.infer<typeof OrderView>;

/** Licences of a workgroup. */
export const LicencesView = z.object({
  workgroupId: workgroup,
  released: countField('Licences bought and released, without those that were refunded.', 100),
  applied: countField('Licences applied to users.', 42),
  orders: z.array(OrderView).meta({ description: 'Every order, oldest first.' }),
});
export type LicencesView = z.infer<typeof LicencesView>;

/** A coupon as whoever made it sees it. */
export const CouponView = z.object({
  code: textField('What a buyer types.', 'SPRING-2026'),
  terms: field(CouponTerms, 'What it takes off: a percentage, an amount, or the price of so many licences.', {
    kind: 'percent',
    percent: 20,
  }),
  createdAt: timeField('When it was made.'),
  expiresAt: timeField('From when on it cannot be used any more.'),
  withdrawnAt: timeOrNullField('When it was withdrawn; null if it was not.'),
});
export type CouponView = z.infer<typeof CouponView>;

export const BundleView = z.object({
  workgroupId: workgroup,
  customerId: customer,
  user: textField('Address of the user whom the bundle covers.', 'ann@contoso.com'),
  orderId: idField('order', 'Order that the bundle came from.'),
  appliedAt: timeField('When it was applied.'),
  expiresAt: timeField('When it ends.'),
});
export type BundleView = z.infer<typeof BundleView>;
