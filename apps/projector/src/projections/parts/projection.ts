import { VIEWS, type PartView, type PublishedEvent } from '@pstream/contracts';
import { projectionOf } from '../projection-of.js';

/** The view, and whose it is. */
type PartDocument = PartView & { readonly customerId: string };

/** Which PSTs are there, in which state, and with what in them? */
export const parts = projectionOf<PartDocument>({
  name: VIEWS.parts,
  contexts: ['build'],
  keys: (event) => ('partId' in event.data ? [event.data.partId] : []),
  evolve: (view, event) => {
    if (event.type === 'PartOpened') {
      const { partId, customerId, projectId, mailboxJobId, passId, ordinal, name, container } = event.data;
      return {
        partId,
        customerId,
        projectId,
        mailboxJobId,
        passId,
        ordinal,
        name,
        container,
        state: 'open',
        location: null,
        bytes: 0,
        items: 0,
        sha256: null,
        sealedAt: null,
        verifiedAt: null,
      };
    }
    return view === null ? null : { ...view, ...change(event) };
  },
  announce: ({ projectId, customerId }) => ({ projectId, customerId }),
  queryFields: ['projectId', 'mailboxJobId', 'name'],
  orders: [
    { within: ['projectId'], sort: 'name' },
    { within: ['mailboxJobId'], sort: 'name' },
  ],
});

const change = (event: PublishedEvent): Partial<PartView> => {
  switch (event.type) {
    case 'PartSealIntended':
      return { state: 'sealing', bytes: event.data.bytes, items: event.data.items };
    case 'PartSealed':
      return { state: 'sealed', location: event.data.location, bytes: event.data.bytes, items: event.data.items, sealedAt: event.data.at };
    case 'PartVerified':
      return { state: 'verified', sha256: event.data.sha256, bytes: event.data.bytes, items: event.data.items, verifiedAt: event.data.at };
    case 'PartRemoved':
      return { state: 'removed', location: null };
    case 'PartAbandoned':
      return { state: 'abandoned', bytes: 0, items: 0 };
    default:
      return {};
  }
};
