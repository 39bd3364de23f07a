import {
  BeginDiscoveryRun,
  DiscoveredFile,
  discoveredStates,
  DiscoveredFileView,
  DiscoveryRunView,
  DiscoverySums,
  EndDiscoveryRun,
  field,
  FILES_PER_REPORT,
  PlanSums,
  ReportDiscoveredFiles,
} from '@pstream/contracts';
import { z } from 'zod';
import { named } from './named.js';
import { page } from './page.js';
import { PageQuery, shownFrom } from './queries.js';

// What machines report that find PSTs and upload them, and what is shown of it.

const begin = BeginDiscoveryRun.shape;
export const DiscoveryRunBody = named(
  'BeginDiscoveryRun',
  z.strictObject({
    computer: field(begin.computer, 'Machine that the run is on.', 'pc7'),
    destination: field(
      begin.destination,
      'Where it uploads to, as an address or a path without credentials.',
      'https://acme.blob.core.windows.net/imports',
    ),
    plan: PlanSums.meta({ description: 'Sums of its plan.' }),
  }),
);

const report = ReportDiscoveredFiles.shape;
export const DiscoveredFilesBody = named(
  'ReportDiscoveredFiles',
  z.strictObject({
    report: field(report.report, 'Number of the report within its run, from 1: made again under its number, it counts once.', 1),
    files: report.files.meta({ description: `What became of some files, at most ${FILES_PER_REPORT} of them.` }),
  }),
);

export const EndDiscoveryRunBody = named(
  'EndDiscoveryRun',
  z.strictObject({
    stoppedBy: field(EndDiscoveryRun.shape.stoppedBy, 'Code of what ended the run before its end; null where nothing did.', null),
  }),
);

named('DiscoveredFileReport', DiscoveredFile);
export const DiscoveryRun = named(
  'DiscoveryRun',
  DiscoveryRunView.extend({ sums: DiscoverySums.meta({ description: 'What its files have become, as far as it has reported.' }) }),
);
export type DiscoveryRun = z.infer<typeof DiscoveryRun>;
export const DiscoveryRuns = page('DiscoveryRuns', DiscoveryRun, 'Runs');

export const FoundFile = named('DiscoveredFile', DiscoveredFileView);
export type FoundFile = z.infer<typeof FoundFile>;
export const FoundFiles = page('DiscoveredFiles', FoundFile, 'Files');

const fromRuns = { atLeast: shownFrom('discovery-run:01J8ZQ4N5W9K7C1B2D3E4F5G6J:1') };
export const DiscoveryRunQuery = z.strictObject(fromRuns);
export const DiscoveryRunsQuery = PageQuery.extend(fromRuns);
export const FoundFilesQuery = PageQuery.extend({
  atLeast: shownFrom('discovery-report:01J8ZQ4N5W9K7C1B2D3E4F5G6K:1'),
  search: field(
    z.string().min(1).max(200).optional(),
    'Only those with this text in path, name or owner, whatever its case and accents.',
    'ann',
  ),
  run: field(z.string().max(26).optional(), 'Only files of this run, as it reported them.', '01J8ZQ4N5W9K7C1B2D3E4F5G6J'),
  state: field(z.enum(discoveredStates).optional(), 'Only files of which this became.', 'failed'),
});

/** Sums of a Discovery project, beside those over mailboxes. */
export const ProjectDiscovery = z.object({
  runs: field(z.int().nonnegative(), 'Runs on record.', 2),
  sums: DiscoverySums.meta({
    description: 'What its files have become. A file that several runs reported counts once, as the last had it.',
  }),
});
