import { Customers, Done, Endpoint, Endpoints } from '../schemas/answers.js';
import { CustomerBody, CustomerEditBody } from '../schemas/bodies.js';
import { EndpointBody, EndpointEditBody, SecretBody } from '../schemas/endpoint-bodies.js';
import { EndpointTest, EndpointTestBody, NewEndpointTestBody } from '../schemas/endpoint-test.js';
import { CustomerDetail } from '../schemas/overview.js';
import { NamedQuery, OneQuery } from '../schemas/queries.js';
import { route } from '../route.js';

/** Customers and their endpoints. */
export const customerRoutes = {
  listCustomers: route({
    tag: 'Customers',
    right: 'customers.view',
    recorded: false,
    summary: 'List the customers by name',
    query: NamedQuery,
    answer: Customers,
  }),
  createCustomer: route({
    tag: 'Customers',
    right: 'exports.run',
    summary: 'Create a customer',
    body: CustomerBody,
    answer: Done,
    status: 201,
    problems: { 403: ['token.confined'], 409: ['customer.name-taken'] },
  }),
  getCustomer: route({
    tag: 'Customers',
    right: 'customers.view',
    recorded: false,
    versioned: true,
    summary: 'Show a customer with the sums over its mailboxes',
    query: OneQuery,
    answer: CustomerDetail,
    problems: { 404: ['customer.unknown'] },
  }),
  renameCustomer: route({
    tag: 'Customers',
    right: 'exports.run',
    versioned: true,
    summary: 'Give a customer another name',
    description: 'The old name is free again.',
    body: CustomerEditBody,
    answer: Done,
    problems: { 404: ['customer.unknown'], 409: ['customer.name-taken'] },
  }),
  removeCustomer: route({
    tag: 'Customers',
    right: 'exports.run',
    versioned: true,
    summary: 'Remove a customer that has neither projects nor endpoints',
    description: 'Its name is free again. Licences that were applied to its users stay used up.',
    answer: Done,
    problems: { 404: ['customer.unknown'], 409: ['customer.not-empty'] },
  }),

  listEndpoints: route({
    tag: 'Endpoints',
    right: 'exports.view',
    recorded: false,
    summary: 'List the endpoints of a customer by name',
    query: NamedQuery,
    answer: Endpoints,
    problems: { 404: ['customer.unknown'] },
  }),
  addEndpoint: route({
    tag: 'Endpoints',
    right: 'exports.run',
    summary: 'Add a source or a destination',
    description: 'A secret is sealed at once; no answer ever shows it.',
    body: EndpointBody,
    answer: Done,
    status: 201,
    problems: { 404: ['customer.unknown'], 409: ['endpoint.name-taken'] },
  }),
  getEndpoint: route({
    tag: 'Endpoints',
    right: 'exports.view',
    recorded: false,
    versioned: true,
    summary: 'Show an endpoint',
    query: OneQuery,
    answer: Endpoint,
    problems: { 404: ['endpoint.unknown'] },
  }),
  editEndpoint: route({
    tag: 'Endpoints',
    right: 'exports.run',
    versioned: true,
    summary: 'Change the name or settings of an endpoint',
    description: 'They hold for passes started from now on; a pass keeps the settings that it started with.',
    body: EndpointEditBody,
    answer: Done,
    problems: { 404: ['endpoint.unknown'], 409: ['endpoint.name-taken', 'endpoint.other-kind'] },
  }),
  removeEndpoint: route({
    tag: 'Endpoints',
    right: 'exports.run',
    versioned: true,
    summary: 'Remove an endpoint that no project uses, and its secret',
    answer: Done,
    problems: { 404: ['endpoint.unknown'], 409: ['endpoint.in-use'] },
  }),
  testEndpoint: route({
    tag: 'Endpoints',
    right: 'exports.run',
    summary: 'Try an endpoint: the smallest thing of each right that an export needs',
    description:
      'Nothing is recorded. A source is signed in to and its mailbox is read; a destination gets a probe that is deleted again. Answers within half a minute.',
    body: EndpointTestBody,
    answer: EndpointTest,
    problems: { 404: ['endpoint.unknown'] },
  }),
  testNewEndpoint: route({
    tag: 'Endpoints',
    right: 'exports.run',
    summary: 'Try an endpoint before it is added',
    description: 'The same test with settings that are not saved. Its secret is sealed for the test and deleted with its end.',
    body: NewEndpointTestBody,
    answer: EndpointTest,
    problems: { 404: ['customer.unknown'] },
  }),
  rotateEndpointSecret: route({
    tag: 'Endpoints',
    right: 'exports.run',
    versioned: true,
    summary: 'Replace the secret of an endpoint in place',
    body: SecretBody,
    answer: Done,
    problems: { 404: ['endpoint.unknown'], 409: ['endpoint.certificate-is-fixed', 'endpoint.has-no-secret'] },
  }),
};
