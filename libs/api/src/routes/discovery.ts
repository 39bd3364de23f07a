import { Done } from '../schemas/answers.js';
import {
  DiscoveredFilesBody,
  DiscoveryRun,
  DiscoveryRunBody,
  DiscoveryRunQuery,
  DiscoveryRuns,
  DiscoveryRunsQuery,
  EndDiscoveryRunBody,
  FoundFiles,
  FoundFilesQuery,
} from '../schemas/discovery.js';
import { route } from '../route.js';

const known = { 404: ['project.unknown'], 409: ['project.not-discovery'] } as const;
const knownRun = { 404: ['project.unknown', 'discovery-run.unknown'] } as const;

/** What machines report to a Discovery project, and what it shows of that. */
export const discoveryRoutes = {
  listDiscoveryRuns: route({
    tag: 'Discovery',
    right: 'exports.view',
    recorded: false,
    summary: 'List the runs of a Discovery project, newest first',
    description: 'Each with the sums of what it has reported: found = uploaded + skipped + failed, at any moment.',
    query: DiscoveryRunsQuery,
    answer: DiscoveryRuns,
    problems: known,
  }),
  beginDiscoveryRun: route({
    tag: 'Discovery',
    right: 'exports.run',
    summary: 'Report that a run of uploads begins',
    description: 'Give an Idempotency-Key and keep it: with it, a run that was cut off goes on under its id.',
    body: DiscoveryRunBody,
    answer: Done,
    status: 201,
    problems: { 404: ['project.unknown'], 409: ['project.not-discovery', 'project.closed'] },
  }),
  getDiscoveryRun: route({
    tag: 'Discovery',
    right: 'exports.view',
    recorded: false,
    summary: 'Show a run with its sums',
    query: DiscoveryRunQuery,
    answer: DiscoveryRun,
    problems: { ...knownRun, 409: ['project.not-discovery'] },
  }),
  reportDiscoveredFiles: route({
    tag: 'Discovery',
    right: 'exports.run',
    summary: 'Report what became of some files of a run',
    description:
      'A report that is made again under its number counts once, and so does a file that is reported again: what was reported of it last holds. ' +
      'A run that has begun is recorded to its end, also where its project is closed meanwhile.',
    body: DiscoveredFilesBody,
    answer: Done,
    problems: { ...knownRun, 409: ['discovery-run.ended', 'discovery-run.other-files'] },
  }),
  endDiscoveryRun: route({
    tag: 'Discovery',
    right: 'exports.run',
    summary: 'Report that a run has ended',
    description: 'Reported again, it changes nothing.',
    body: EndDiscoveryRunBody,
    answer: Done,
    problems: knownRun,
  }),
  listDiscoveredFiles: route({
    tag: 'Discovery',
    right: 'exports.view',
    recorded: false,
    summary: 'List the files of a Discovery project or of one of its runs by path',
    query: FoundFilesQuery,
    answer: FoundFiles,
    problems: known,
  }),
  downloadDiscoveryStatistics: route({
    tag: 'Discovery',
    right: 'exports.view',
    recorded: false,
    summary: 'Download the statistics of a Discovery project',
    answer: {
      mediaType: 'text/csv',
      description: 'A line for each run, oldest first; UTF-8 with a byte order mark.',
      example:
        'Run Id,Computer,Destination,State,Stopped By,Started,Ended,Planned Count,Planned Size (bytes),Found Count,Found Size (bytes),Uploaded Count,Uploaded Size (bytes),Skipped Count,Skipped Size (bytes),Failed Count,Failed Size (bytes)\r\n' +
        '01J8ZQ4N5W9K7C1B2D3E4F5G6J,pc7,/mnt/imports,finished,,2026-01-31T12:00:00.000Z,2026-01-31T12:20:00.000Z,10,1048576,12,1060000,9,1048000,2,11424,1,576\r\n',
    },
    problems: known,
  }),
};
