import { publicSettings, VIEWS, type CustomerView, type EndpointView, type ProjectView } from '@pstream/contracts';
import { projectionOf } from '../projection-of.js';

/** Which customers are there? */
export const customers = projectionOf<CustomerView>({
  name: VIEWS.customers,
  contexts: ['projects'],
  keys: (event) => (event.type === 'CustomerCreated' ? [event.data.customerId] : []),
  evolve: (view, event) => {
    if (event.type !== 'CustomerCreated') return view;
    const { customerId, workgroupId, name, at } = event.data;
    return { customerId, workgroupId, name, createdAt: at };
  },
  queryFields: ['workgroupId', 'name'],
  searchFields: ['name'],
  orders: [{ within: ['workgroupId'], sort: 'name' }],
});

/** Which sources and destinations does a customer have? Without anything secret. */
export const endpoints = projectionOf<EndpointView>({
  name: VIEWS.endpoints,
  contexts: ['projects'],
  keys: (event) => (event.type === 'EndpointAdded' || event.type === 'EndpointSecretRotated' ? [event.data.endpointId] : []),
  evolve: (view, event) => {
    if (event.type === 'EndpointAdded') {
      const { endpointId, customerId, name, config, at } = event.data;
      return { endpointId, customerId, name, kind: config.kind, settings: publicSettings(config), createdAt: at, secretRotatedAt: null };
    }
    return event.type === 'EndpointSecretRotated' && view !== null ? { ...view, secretRotatedAt: event.data.at } : view;
  },
  queryFields: ['customerId', 'name'],
  orders: [{ within: ['customerId'], sort: 'name' }],
});

/** Which projects does a customer have, and how many mailboxes are in them? */
export const projects = projectionOf<ProjectView>({
  name: VIEWS.projects,
  contexts: ['projects'],
  keys: (event) =>
    event.type === 'ProjectCreated' || event.type === 'OptionsChanged' || event.type === 'LineItemsAdded' ? [event.data.projectId] : [],
  evolve: (view, event) => {
    if (event.type === 'ProjectCreated') {
      const {
        projectId,
        customerId,
        name,
        type,
        sourceEndpointId,
        destinationEndpointId,
        container,
        partBytes,
        options = {},
        at,
      } = event.data;
      return {
        projectId,
        customerId,
        name,
        type,
        sourceEndpointId,
        destinationEndpointId,
        container,
        partBytes,
        options,
        mailboxes: 0,
        createdAt: at,
      };
    }
    if (event.type === 'OptionsChanged') return view === null ? null : { ...view, options: event.data.options };
    return event.type === 'LineItemsAdded' && view !== null ? { ...view, mailboxes: view.mailboxes + event.data.items.length } : view;
  },
  queryFields: ['customerId', 'name'],
  searchFields: ['name'],
  orders: [
    { sort: 'name', filter: ['customerId'] },
    { within: ['customerId'], sort: 'name' },
  ],
});
