import {
  discoveryScope,
  discoveryShare,
  VIEWS,
  type DiscoveredFileView,
  type DiscoveryRunView,
  type PublishedEvent,
} from '@pstream/contracts';
import { projectionOf } from '../projection-of.js';

/** A run, and whose it is. */
type RunDocument = DiscoveryRunView & { readonly customerId: string };

/** Which runs of discovery are there, and how far are they? */
export const discoveryRuns = projectionOf<RunDocument>({
  name: VIEWS.discoveryRuns,
  contexts: ['projects'],
  keys: (event) => (event.type === 'DiscoveryRunBegun' || event.type === 'DiscoveryRunEnded' ? [event.data.runId] : []),
  evolve: (run, event) => {
    switch (event.type) {
      case 'DiscoveryRunBegun': {
        const { workgroupId: _workgroupId, at, ...data } = event.data;
        return { ...data, state: 'running', stoppedBy: null, startedAt: at, endedAt: null };
      }
      case 'DiscoveryRunEnded': {
        const { stoppedBy, at } = event.data;
        return run === null ? null : { ...run, state: stoppedBy === null ? 'finished' : 'stopped', stoppedBy, endedAt: at };
      }
      default:
        return run;
    }
  },
  announce: ({ projectId, customerId }) => ({ projectId, customerId }),
  queryFields: ['projectId', 'startedAt'],
  orders: [{ within: ['projectId'], sort: 'startedAt' }],
});

/** A file as a run or as a project has it: `of` is the id of one of them. `order` tells reports of the file apart that come in any order. */
type FileDocument = DiscoveredFileView & {
  readonly of: string;
  readonly projectId: string;
  readonly customerId: string;
  readonly order: string;
  /** The path as lists are sorted by it. */
  readonly place: string;
};

/** Characters of a path that a list is sorted by: they are in the cursor of a page, which has a limit. */
const SORTED_CHARACTERS = 200;

/** What became of each file, in a run and in its project? A file that several runs of a project report counts once there, as the last one has it. */
export const discoveryFiles = projectionOf<FileDocument>({
  name: VIEWS.discoveryFiles,
  contexts: ['projects'],
  keys: (event) => {
    if (event.type !== 'DiscoveredFilesReported') return [];
    const { runId, projectId, files } = event.data;
    return [...new Set(files.flatMap(({ fileId }) => [`${runId}/${fileId}`, `${projectId}/${fileId}`]))];
  },
  evolve: (known, event, id) => {
    if (event.type !== 'DiscoveredFilesReported') return known;
    const [of = '', fileId] = id.split('/');
    // The same path twice in a plan is one file, and what was reported of it last counts.
    const file = event.data.files.findLast((each) => each.fileId === fileId);
    const order = orderOf(event);
    if (file === undefined || (known !== null && known.order >= order)) return known;
    const { projectId, customerId, runId, computer, at } = event.data;
    const place = file.path.slice(0, SORTED_CHARACTERS);
    return { of, projectId, customerId, runId, computer, ...file, reportedAt: at, order, place };
  },
  announce: ({ of, projectId, customerId, state, bytes }) => ({
    projectId,
    customerId,
    share: discoveryShare(discoveryScope(of), { state, bytes }),
  }),
  queryFields: ['of', 'projectId', 'state', 'place'],
  searchFields: ['path', 'name', 'owner'],
  orders: [{ within: ['of'], sort: 'place', filter: ['state', 'projectId'] }],
});

/** Reports of a run come one after the other, and so do runs on one machine. */
const orderOf = ({ data: { at, runId, report } }: Extract<PublishedEvent, { readonly type: 'DiscoveredFilesReported' }>): string =>
  `${at} ${runId} ${String(report).padStart(9, '0')}`;
