import { publicSettings, VIEWS, type CustomerView, type EndpointView, type ProjectView, type PublishedEvent } from '@pstream/contracts';
import { projectionOf } from '../projection-of.js';

/** Whom a removed document concerned: it stays on record, in no list, so that whoever listens hears of its end. */
type Gone = { readonly removedFrom?: { readonly customerId: string; readonly projectId?: string } };

/** Which customers are there? */
export const customers = projectionOf<CustomerView & Gone>({
  name: VIEWS.customers,
  contexts: ['projects'],
  keys: (event) => (isOf(event, 'CustomerCreated', 'CustomerRenamed', 'CustomerRemoved') ? [event.data.customerId] : []),
  evolve: (view, event) => {
    switch (event.type) {
      case 'CustomerCreated': {
        const { customerId, workgroupId, name, at } = event.data;
        return { customerId, workgroupId, name, createdAt: at };
      }
      case 'CustomerRenamed':
        return view === null ? null : { ...view, name: event.data.name };
      case 'CustomerRemoved':
        return view === null ? null : { ...view, workgroupId: '', removedFrom: { customerId: event.data.customerId } };
      default:
        return view;
    }
  },
  announce: ({ customerId, removedFrom }) => ({ customerId, ...gone(removedFrom) }),
  queryFields: ['workgroupId', 'customerId', 'name'],
  searchFields: ['~name'],
  orders: [{ within: ['workgroupId'], sort: 'name' }],
});

/** Which sources and destinations does a customer have? Without anything secret. */
export const endpoints = projectionOf<EndpointView & Gone>({
  name: VIEWS.endpoints,
  contexts: ['projects'],
  keys: (event) =>
    isOf(event, 'EndpointAdded', 'EndpointEdited', 'EndpointRemoved', 'EndpointSecretRotated') ? [event.data.endpointId] : [],
  evolve: (view, event) => {
    switch (event.type) {
      case 'EndpointAdded': {
        const { endpointId, customerId, name, config, at } = event.data;
        return { endpointId, customerId, name, kind: config.kind, settings: publicSettings(config), createdAt: at, secretRotatedAt: null };
      }
      case 'EndpointEdited':
        return view === null ? null : { ...view, name: event.data.name, settings: publicSettings(event.data.config) };
      case 'EndpointRemoved':
        return view === null ? null : { ...view, customerId: '', settings: {}, removedFrom: { customerId: event.data.customerId } };
      case 'EndpointSecretRotated':
        return view === null ? null : { ...view, secretRotatedAt: event.data.at };
      default:
        return view;
    }
  },
  announce: ({ customerId, removedFrom }) => ({ customerId, ...gone(removedFrom) }),
  queryFields: ['customerId', 'name'],
  searchFields: ['~name'],
  orders: [{ within: ['customerId'], sort: 'name' }],
});

const gone = (removedFrom: Gone['removedFrom']) => (removedFrom === undefined ? {} : { ...removedFrom, gone: true as const });

const isOf = <T extends PublishedEvent['type']>(
  event: PublishedEvent,
  ...types: readonly T[]
): event is Extract<PublishedEvent, { readonly type: T }> => types.some((type) => type === event.type);

/** A project may be on record by its line items before the event that created it arrives. `left` are mailboxes that it had; `shrunk`
 *  says that there are any. */
export type ProjectDocument = ProjectView & Gone & { readonly created: boolean; readonly left?: readonly string[]; readonly shrunk?: true };

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
  ownerId: null,
  viewing: false,
  mailboxes: 0,
  createdAt: '',
  closedAt: null,
  created: false,
};

/** What a Discovery project has not. */
const NO_EXPORT = { type: 'discovery', sourceEndpointId: null, partBytes: null } as const;

/** Which projects does a customer have, and how many mailboxes are in them? */
export const projects = projectionOf<ProjectDocument>({
  name: VIEWS.projects,
  contexts: ['projects'],
  keys: (event) =>
    isOf(
      event,
      'ProjectCreated',
      'ProjectEdited',
      'DiscoveryProjectCreated',
      'DiscoveryProjectEdited',
      'ProjectRemoved',
      'ProjectClosed',
      'OptionsChanged',
      'ViewingSwitched',
      'LineItemsAdded',
      'LineItemsRemoved',
    )
      ? [event.data.projectId]
      : [],
  evolve: (document, event) => {
    const view = document ?? unknownProject;
    switch (event.type) {
      case 'ProjectCreated': {
        const { workgroupId: _workgroupId, options = {}, ownerId = null, at, ...settings } = event.data;
        return { ...view, ...settings, options, ownerId, createdAt: at, created: true };
      }
      case 'ProjectEdited': {
        const { name, sourceEndpointId, destinationEndpointId, container, partBytes } = event.data;
        return { ...view, name, sourceEndpointId, destinationEndpointId, container, partBytes };
      }
      case 'DiscoveryProjectCreated': {
        const { workgroupId: _workgroupId, ownerId = null, at, ...settings } = event.data;
        return { ...view, ...settings, ...NO_EXPORT, ownerId, createdAt: at, created: true };
      }
      case 'DiscoveryProjectEdited': {
        const { name, destinationEndpointId, container } = event.data;
        return { ...view, name, destinationEndpointId, container };
      }
      case 'ProjectRemoved': {
        const { customerId, projectId } = event.data;
        return { ...view, created: false, removedFrom: { customerId, projectId } };
      }
      case 'ProjectClosed':
        return { ...view, closedAt: event.data.at };
      case 'OptionsChanged':
        return { ...view, options: event.data.options };
      case 'ViewingSwitched':
        return { ...view, viewing: event.data.allowed };
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
  announce: ({ projectId, customerId, created, removedFrom }) => (created ? { projectId, customerId } : gone(removedFrom)),
  queryFields: ['customerId', 'ownerId', 'name', 'created', 'shrunk', 'type', 'sourceEndpointId', 'destinationEndpointId'],
  searchFields: ['~name'],
  orders: [
    { within: ['created'], sort: 'name', filter: ['customerId', 'ownerId'] },
    { within: ['customerId'], sort: 'name' },
    { within: ['shrunk'], sort: 'name', filter: ['customerId'] },
  ],
});

/** Those that have not come back. */
const without = (left: readonly string[], items: readonly { readonly mailboxJobId: string }[]): string[] => {
  const back = new Set(items.map(({ mailboxJobId }) => mailboxJobId));
  return left.filter((id) => !back.has(id));
};
