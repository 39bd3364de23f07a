import { Bundles, Customers, Done, Endpoint, Endpoints, Licences } from '../schemas/answers.js';
import { BundlesBody, CustomerBody, OrderBody, PaymentBody } from '../schemas/bodies.js';
import { EndpointBody, SecretBody } from '../schemas/endpoint-bodies.js';
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
