import { flowId, flowScopes, hourOf, VIEWS, type Amounts, type FlowView, type PublishedEvent } from '@pstream/contracts';
import { projectionOf } from '../projection-of.js';

/** How much did a mailbox bring in each minute of an hour, and what held it up? Added up by project, customer and workgroup, these are
 *  the throughput and the throttling by minute. */
export const flow = projectionOf<FlowView>({
  name: VIEWS.flow,
  contexts: ['extraction'],
  keys: (event) => (isFlow(event) ? [flowId(hourOf(event.data.at), event.data.mailboxJobId)] : []),
  evolve: (document, event) => {
    if (!isFlow(event)) return document;
    const { projectId, customerId, mailboxJobId, at } = event.data;
    const now: FlowView = document ?? { projectId, customerId, mailboxJobId, hour: hourOf(at), amounts: {} };
    const minute = at.slice(14, 16);
    const amounts: Record<string, number> = { ...now.amounts };
    for (const [name, amount] of Object.entries(brought(event))) {
      const key = `${minute}.${name}`;
      amounts[key] = (amounts[key] ?? 0) + amount;
    }
    return { ...now, amounts };
  },
  announce: (view) => ({
    projectId: view.projectId,
    customerId: view.customerId,
    share: { scopes: flowScopes(view.hour, view), amounts: view.amounts },
  }),
});

type Flowing = Extract<PublishedEvent, { readonly type: 'SliceExported' | 'ExtractionWaited' }>;

const isFlow = (event: PublishedEvent): event is Flowing => event.type === 'SliceExported' || event.type === 'ExtractionWaited';

const brought = (event: Flowing): Amounts =>
  event.type === 'SliceExported'
    ? { items: event.data.items, bytes: event.data.bytes }
    : Object.fromEntries(
        Object.entries(event.data.waits).flatMap(([limit, { times, ms }]) => [
          [`waits.${limit}.times`, times],
          [`waits.${limit}.ms`, ms],
        ]),
      );
