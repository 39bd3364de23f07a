import type { DiscoveryRun } from '@pstream/api';
import { allPages } from '@pstream/api/client';
import { discoveredStates } from '@pstream/contracts';
import { z } from 'zod';
import { Command, Verb, type Args, type CommandType } from '../cli/command.js';
import { option, type Given } from '../cli/option.js';
import { findProject } from '../http/resolve.js';
import { count, minute, size } from '../output/format.js';
import type { Column } from '../output/output.js';
import { CsvReport } from './csv-report.js';

// What a Discovery project has on record.

const runColumns: readonly Column<DiscoveryRun>[] = [
  { title: 'Run', exact: ({ runId }) => runId },
  { title: 'Computer', exact: ({ computer }) => computer },
  { title: 'State', exact: ({ state, stoppedBy }) => (stoppedBy === null ? state : `${state}: ${stoppedBy}`) },
  { title: 'Found', exact: ({ sums }) => sums.found, human: ({ sums }) => count(sums.found) },
  { title: 'Uploaded', exact: ({ sums }) => sums.uploaded, human: ({ sums }) => count(sums.uploaded) },
  { title: 'Skipped', exact: ({ sums }) => sums.skipped, human: ({ sums }) => count(sums.skipped) },
  { title: 'Failed', exact: ({ sums }) => sums.failed, human: ({ sums }) => count(sums.failed) },
  { title: 'Size', exact: ({ sums }) => sums.bytes.uploaded, human: ({ sums }) => size(sums.bytes.uploaded) },
  { title: 'Started', exact: ({ startedAt }) => startedAt, human: ({ startedAt }) => minute(startedAt) },
  { title: 'Ended', exact: ({ endedAt }) => endedAt, human: ({ endedAt }) => (endedAt === null ? '' : minute(endedAt)) },
];

@Verb({ name: 'runs', about: 'Lists the runs of a Discovery project, newest first', args: '<project>' })
class ListRuns extends Command {
  async execute([project = '']: Args): Promise<void> {
    const { projectId } = await findProject(this.client, project);
    const found = await allPages((query) => this.client.listDiscoveryRuns({ params: { projectId }, query }));
    await this.out.list(found, found.items, runColumns, 'No runs yet. Report one with: pstream discover upload plan.csv --project PROJECT');
  }
}

@Verb({ name: 'run', about: 'Shows a run of a Discovery project with its sums', args: '<project> <run>' })
class ShowRun extends Command {
  async execute([project = '', runId = '']: Args): Promise<void> {
    const { projectId } = await findProject(this.client, project);
    const run = await this.client.getDiscoveryRun({ params: { projectId, runId } });
    await this.out.record(run, run, [
      ...runColumns,
      { title: 'Destination', exact: ({ destination }) => destination },
      { title: 'Planned', exact: ({ plan }) => plan.toUpload, human: ({ plan }) => `${count(plan.toUpload)} (${size(plan.bytes)})` },
    ]);
  }
}

@Verb({ name: 'files', about: 'Lists the files of a Discovery project, or of one of its runs, by path', args: '<project>' })
class ListFiles extends Command {
  static readonly options = {
    run: option('--run <run>', 'Only files of this run, as it reported them', z.string().optional()),
    state: option('--state <state>', 'uploaded, skipped or failed', z.enum(discoveredStates).optional()),
    search: option('--search <text>', 'Only those with this text in path, name or owner', z.string().min(1).optional()),
  };

  async execute([project = '']: Args, given: Given<typeof ListFiles.options>): Promise<void> {
    const { projectId } = await findProject(this.client, project);
    const found = await allPages((page) => this.client.listDiscoveredFiles({ params: { projectId }, query: { ...page, ...given } }));
    await this.out.list(
      found,
      found.items,
      [
        { title: 'Path', exact: ({ path }) => path },
        { title: 'Computer', exact: ({ computer }) => computer },
        { title: 'Owner', exact: ({ owner }) => owner },
        { title: 'Size', exact: ({ bytes }) => bytes, human: ({ bytes }) => (bytes === null ? '' : size(bytes)) },
        { title: 'State', exact: ({ state }) => state },
        { title: 'Reason', exact: ({ reason }) => reason },
        { title: 'Name', exact: ({ name }) => name },
      ],
      'There are no such files.',
    );
  }
}

@Verb({ name: 'statistics-csv', about: 'Prints a row for each run of a Discovery project as a CSV file', args: '<project>' })
class PrintStatisticsCsv extends CsvReport {
  execute([project = '']: Args): Promise<void> {
    return this.print(project, (params) => this.client.downloadDiscoveryStatistics({ params }));
  }
}

/** What a Discovery project shows. */
export const recordVerbs: readonly CommandType[] = [ListRuns, ShowRun, ListFiles, PrintStatisticsCsv];
