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
  announce: ({ customerId }) => ({ customerId }),
  queryFields: ['workgroupId', 'name'],
  searchFields: ['~name'],
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
  announce: ({ customerId }) => ({ customerId }),
  queryFields: ['customerId', 'name'],
  searchFields: ['~name'],
  orders: [{ within: ['customerId'], sort: 'name' }],
});

/** A project may be on record by its line items before the event that created it arrives. `left` are mailboxes that it had; `shrunk`
 *  says that there are any. */
export type ProjectDocument = ProjectView & { readonly created: boolean; readonly left?: readonly string[]; readonly shrunk?: true };

const unknownProject: ProjectDocument = {
  projectId: '',
  customerId: '',
  name: '',
  type: 'mailbox',
  sourceEndpointId: '',
  destinationEndpointId: '',
  container: '',
  partBytes: 0,
  options: {},
  mailboxes: 0,
  createdAt: '',
  created: false,
};

/** Which projects does a customer have, and how many mailboxes are in them? */
export const projects = projectionOf<ProjectDocument>({
  name: VIEWS.projects,
  contexts: ['projects'],
  keys: (event) =>
    event.type === 'ProjectCreated' ||
    event.type === 'OptionsChanged' ||
    event.type === 'LineItemsAdded' ||
    event.type === 'LineItemsRemoved'
      ? [event.data.projectId]
      : [],
  evolve: (document, event) => {
    const view = document ?? unknownProject;
    switch (event.type) {
      case 'ProjectCreated': {
        const { workgroupId: _workgroupId, options = {}, at, ...settings } = event.data;
        return { ...view, ...settings, options, createdAt: at, created: true };
      }
      case 'OptionsChanged':
        return { ...view, options: event.data.options };
      case 'LineItemsAdded':
        return {
          ...view,
          mailboxes: view.mailboxes + event.data.items.length,
          ...(view.left === undefined ? {} : { left: without(view.left, event.data.items) }),
        };
      case 'LineItemsRemoved': {
        const { mailboxJobIds } = event.data;
        return { ...view, mailboxes: view.mailboxes - mailboxJobIds.length, left: [...(view.left ?? []), ...mailboxJobIds], shrunk: true };
      }
      default:
        return document;
    }
  },
  // Not on record until it was created, and until then nobody's.
  announce: ({ projectId, customerId, created }) => (created ? { projectId, customerId } : {}),
  queryFields: ['customerId', 'name', 'created', 'shrunk'],
  searchFields: ['~name'],
  orders: [
    { within: ['created'], sort: 'name', filter: ['customerId'] },
    { within: ['customerId'], sort: 'name' },
    { within: ['shrunk'], sort: 'name', filter: ['customerId'] },
  ],
});

/** Those that have not come back. */
const without = (left: readonly string[], items: readonly { readonly mailboxJobId: string }[]): string[] => {
  const back = new Set(items.map(({ mailboxJobId }) => mailboxJobId));
  return left.filter((id) => !back.has(id));
};
