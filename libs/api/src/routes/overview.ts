import { Overview, RebuildState, Throughput, Views } from '../schemas/overview.js';
import { EventsQuery } from '../schemas/queries.js';
import { route } from '../route.js';

/** Sums over everything, throughput by minute, what changes, and the read models behind it. */
export const overviewRoutes = {
  getOverview: route({
    tag: 'Overview',
    right: 'exports.view',
    recorded: false,
    summary: 'Show the sums over all mailboxes',
    answer: Overview,
  }),
  getThroughput: route({
    tag: 'Overview',
    right: 'exports.view',
    recorded: false,
    summary: 'Show what came in during each minute of the last 24 hours',
    description: 'Minutes in which nothing came in and nothing waited are left out.',
    answer: Throughput,
  }),
  getCustomerThroughput: route({
    tag: 'Customers',
    right: 'exports.view',
    recorded: false,
    summary: 'Show what came in for a customer during each minute of the last 24 hours',
    answer: Throughput,
    problems: { 404: ['customer.unknown'] },
  }),
  getProjectThroughput: route({
    tag: 'Projects',
    right: 'exports.view',
    recorded: false,
    summary: 'Show what came in for a project during each minute of the last 24 hours',
    answer: Throughput,
    problems: { 404: ['project.unknown'] },
  }),
  listenToEvents: route({
    tag: 'Overview',
    right: 'self',
    recorded: false,
    summary: 'Listen to changes of what the API shows',
    description:
      'Server-sent events. The first is `ready`: read what you show after it, and you miss nothing. `changed` names a document that is different from ' +
      'now on: read it again. You hear of what you may read, and of nothing else. `plans` is a pause, a limit or a window (`all`, or the id of a project, an endpoint or a workgroup): what waits shows it. `reset` means that changes were missed, since you were away too long or read too slowly: read everything again. The id of ' +
      'an event is a position that every gateway understands: send it as `Last-Event-ID` to go on behind it. A comment comes every 15 seconds. The stream ' +
      'ends when its token is revoked.',
    query: EventsQuery,
    answer: {
      mediaType: 'text/event-stream',
      description: 'Events as they happen.',
      example:
        'id: 0.17-1.4\nevent: changed\ndata: {"view":"mailboxes","id":"01J8ZQ4N5W9K7C1B2D3E4F5G6C","projectId":"01J8ZQ4N5W9K7C1B2D3E4F5G6B","customerId":"01J8ZQ4N5W9K7C1B2D3E4F5G6A","gone":false}\n\n',
    },
  }),
  listViews: route({
    tag: 'Administration',
    right: 'system',
    recorded: false,
    summary: 'List the read models',
    description: 'What the API shows is kept in read models, which follow from the events on record.',
    answer: Views,
  }),
  rebuildView: route({
    tag: 'Administration',
    right: 'system',
    summary: 'Rebuild a read model from the events',
    description:
      'It is filled beside the one in use, and takes its place when it is complete. Asked for again meanwhile, it is the same rebuild.',
    answer: RebuildState,
    status: 202,
    problems: { 404: ['view.unknown'] },
  }),
};
