import { Bundles, Customers, Done, Endpoint, Endpoints, Licences } from '../schemas/answers.js';
import { BundlesBody, CustomerBody, CustomerEditBody, OrderBody, PaymentBody } from '../schemas/bodies.js';
import { EndpointBody, EndpointEditBody, SecretBody } from '../schemas/endpoint-bodies.js';
import { CustomerDetail } from '../schemas/overview.js';
import { Operation } from '../schemas/operations.js';
import { BundlesQuery, LicencesQuery, NamedQuery, OneQuery } from '../schemas/queries.js';
import { route } from '../route.js';

/** Customers, their endpoints, and licences. */
export const customerRoutes = {
  listCustomers: route({ tag: 'Customers', summary: 'List the customers by name', query: NamedQuery, answer: Customers }),
  createCustomer: route({
    tag: 'Customers',
    summary: 'Create a customer',
    body: CustomerBody,
    answer: Done,
    status: 201,
    problems: { 409: ['customer.name-taken'] },
  }),
  getCustomer: route({
    tag: 'Customers',
    versioned: true,
    summary: 'Show a customer with the sums over its mailboxes',
    query: OneQuery,
    answer: CustomerDetail,
    problems: { 404: ['customer.unknown'] },
  }),
  renameCustomer: route({
    tag: 'Customers',
    versioned: true,
    summary: 'Give a customer another name',
    description: 'The old name is free again.',
    body: CustomerEditBody,
    answer: Done,
    problems: { 404: ['customer.unknown'], 409: ['customer.name-taken'] },
  }),
  removeCustomer: route({
    tag: 'Customers',
    versioned: true,
    summary: 'Remove a customer that has neither projects nor endpoints',
    description: 'Its name is free again. Licences that were applied to its users stay used up.',
    answer: Done,
    problems: { 404: ['customer.unknown'], 409: ['customer.not-empty'] },
  }),

  listEndpoints: route({
    tag: 'Endpoints',
    summary: 'List the endpoints of a customer by name',
    query: NamedQuery,
    answer: Endpoints,
    problems: { 404: ['customer.unknown'] },
  }),
  addEndpoint: route({
    tag: 'Endpoints',
    summary: 'Add a source or a destination',
    description: 'A secret is sealed at once; no answer ever shows it.',
    body: EndpointBody,
    answer: Done,
    status: 201,
    problems: { 404: ['customer.unknown'], 409: ['endpoint.name-taken'] },
  }),
  getEndpoint: route({
    tag: 'Endpoints',
    versioned: true,
    summary: 'Show an endpoint',
    query: OneQuery,
    answer: Endpoint,
    problems: { 404: ['endpoint.unknown'] },
  }),
  editEndpoint: route({
    tag: 'Endpoints',
    versioned: true,
    summary: 'Change the name or settings of an endpoint',
    description: 'They hold for passes started from now on; a pass keeps the settings that it started with.',
    body: EndpointEditBody,
    answer: Done,
    problems: { 404: ['endpoint.unknown'], 409: ['endpoint.name-taken', 'endpoint.other-kind'] },
  }),
  removeEndpoint: route({
    tag: 'Endpoints',
    versioned: true,
    summary: 'Remove an endpoint that no project uses, and its secret',
    answer: Done,
    problems: { 404: ['endpoint.unknown'], 409: ['endpoint.in-use'] },
  }),
  rotateEndpointSecret: route({
    tag: 'Endpoints',
    versioned: true,
    summary: 'Replace the secret of an endpoint in place',
    body: SecretBody,
    answer: Done,
    problems: { 404: ['endpoint.unknown'], 409: ['endpoint.certificate-is-fixed', 'endpoint.has-no-secret'] },
  }),

  getLicences: route({ tag: 'Licences', versioned: true, summary: 'Show licences and orders', query: LicencesQuery, answer: Licences }),
  placeOrder: route({
    tag: 'Licences',
    versioned: true,
    summary: 'Order licences',
    body: OrderBody,
    answer: Done,
    status: 201,
    problems: { 409: ['order.purchase-orders-refused', 'order.wire-below-minimum', 'order.card-not-charged', 'payment.no-provider'] },
  }),
  recordPayment: route({
    tag: 'Licences',
    versioned: true,
    summary: 'Record the payment of an order',
    description: 'Releases the licences of the order.',
    body: PaymentBody,
    answer: Done,
    problems: { 404: ['order.unknown'] },
  }),
  listBundles: route({
    tag: 'Licences',
    summary: 'List the bundles of a customer by user',
    query: BundlesQuery,
    answer: Bundles,
    problems: { 404: ['customer.unknown'] },
  }),
  applyBundles: route({
    tag: 'Licences',
    versioned: true,
    summary: 'Apply a bundle to each user',
    description: 'All or none: where there are too few licences, the operation fails and nobody gets a bundle.',
    body: BundlesBody,
    answer: Operation,
    status: 202,
    waits: true,
    problems: { 404: ['customer.unknown'] },
  }),
};
