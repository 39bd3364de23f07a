import { z } from 'zod';
import { ProjectOptions } from './project-options.js';
import { bytesField, countField, field, idField, textField, timeField, timeOrNullField } from './view-fields.js';
import { projectTypes } from './words.js';

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
  type: field(z.enum(projectTypes), 'Whether the project exports primary mailboxes or in-place archives.', 'mailbox'),
  sourceEndpointId: idField('source', 'Endpoint that mailboxes are read from.'),
  destinationEndpointId: idField('destination', 'Endpoint that PSTs are written to.'),
  container: textField('Blob container, or subfolder, that the PSTs go to.', 'leavers'),
  partBytes: bytesField('A new PST is begun before a file would grow beyond this many bytes.', 10_737_418_240),
  options: field(ProjectOptions.default({}), 'Advanced options for passes started from now on.', { itemTypes: ['email'] }),
  ownerId: field(
    z.string().nullable().default(null),
    'Agent who created the project, or token that belongs to none; null for projects of releases up to 0.3.0.',
    '01J8ZQ4N5W9K7C1B2D3E4F5G6F',
  ),
  mailboxes: countField('Mailboxes in the project.', 250),
  createdAt: timeField('When the project was created.'),
});
export type ProjectView = z.infer<typeof ProjectView>;

const Order = z.object({
  orderId: idField('order', 'Id of the order.'),
  quantity: countField('Licences ordered.', 100),
  payment: textField('How the order is paid: `card` or `wire`.', 'wire'),
  status: field(z.enum(['awaiting-payment', 'released']), 'Licences are usable once they are released.', 'released'),
  placedAt: timeField('When the order was placed.'),
  expiresAt: timeOrNullField('When its licences expire; null until they are released.'),
});

/** Licences of a workgroup. */
export const LicencesView = z.object({
  workgroupId: workgroup,
  released: countField('Licences bought and released.', 100),
  applied: countField('Licences applied to users.', 42),
  orders: z.array(Order).meta({ description: 'Every order, oldest first.' }),
});
export type LicencesView = z.infer<typeof LicencesView>;

export const BundleView = z.object({
  workgroupId: workgroup,
  customerId: customer,
  user: textField('Address of the user whom the bundle covers.', 'ann@contoso.com'),
  orderId: idField('order', 'Order that the bundle came from.'),
  appliedAt: timeField('When it was applied.'),
  expiresAt: timeField('When it ends.'),
});
export type BundleView = z.infer<typeof BundleView>;
