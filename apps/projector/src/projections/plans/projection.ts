import { ALL_PLANS, VIEWS, type PublishedEvent } from '@pstream/contracts';
import { projectionOf } from '../projection-of.js';

/** What binds all projects, one, those of a workgroup, or those that read from an endpoint, and whom that concerns. The queue itself is asked what it
 *  holds: this document is there so that whoever listens hears of each change. */
type PlanDocument = {
  readonly projectId: string | null;
  readonly customerId: string | null;
  readonly workgroupId?: string | null;
  readonly paused: boolean;
  readonly changedAt: string;
};

type PlanChanged = Extract<PublishedEvent, { readonly type: 'PlanChanged' }>['data'];
const idOf = ({ projectId, endpointId, workgroupId }: PlanChanged): string => projectId ?? endpointId ?? workgroupId ?? ALL_PLANS;

/** Has a pause, a limit or a window been changed? */
export const plans = projectionOf<PlanDocument>({
  name: VIEWS.plans,
  contexts: ['projects'],
  keys: (event) => (event.type === 'PlanChanged' ? [idOf(event.data)] : []),
  evolve: (document, event) => {
    if (event.type !== 'PlanChanged') return document;
    const { projectId = null, customerId = null, workgroupId = null, paused, at } = event.data;
    return { projectId, customerId, workgroupId, paused: paused !== null, changedAt: at };
  },
  announce: ({ projectId, customerId, workgroupId = null }) => ({
    ...(projectId === null ? {} : { projectId }),
    ...(customerId === null ? {} : { customerId }),
    ...(workgroupId === null ? {} : { workgroupId }),
  }),
});
