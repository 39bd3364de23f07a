import { Controller, Inject, type StreamableFile } from '@nestjs/common';
import { FoundFile, type DiscoveryRun } from '@pstream/api';
import { DiscoveryRunView, VIEWS } from '@pstream/contracts';
import { problem } from '../door/problem.js';
import { Handles, Request, type Answered, type Asked } from '../door/route.js';
import { csvFile } from '../read/csv.js';
import { DISCOVERY_HEADER, discoveryLine } from '../read/discovery-csv.js';
import { Sums } from '../read/sums.js';
import { Views } from '../read/views.js';
import { idFor, Sender } from '../send/sender.js';

const RUNS_AT_ONCE = 100;

/** What machines report that find PSTs and upload them. */
@Controller()
export class DiscoveryController {
  constructor(
    @Inject(Sender) private readonly sender: Sender,
    @Inject(Views) private readonly views: Views,
    @Inject(Sums) private readonly sums: Sums,
  ) {}

  @Handles('beginDiscoveryRun')
  async begin(@Request() { caller, params: { projectId }, body }: Asked<'beginDiscoveryRun'>): Promise<Answered<'beginDiscoveryRun'>> {
    const intent = this.sender.intent(caller);
    const runId = idFor(intent, 'discovery-run');
    return { id: runId, ...(await this.sender.send(intent, 'projects', 'BeginDiscoveryRun', { projectId, runId, ...body })) };
  }

  @Handles('reportDiscoveredFiles')
  async report(@Request() { caller, params, body }: Asked<'reportDiscoveredFiles'>): Promise<Answered<'reportDiscoveredFiles'>> {
    const sent = await this.sender.send(this.sender.intent(caller), 'projects', 'ReportDiscoveredFiles', { ...params, ...body });
    return { id: params.runId, ...sent };
  }

  @Handles('endDiscoveryRun')
  async end(@Request() { caller, params, body }: Asked<'endDiscoveryRun'>): Promise<Answered<'endDiscoveryRun'>> {
    const sent = await this.sender.send(this.sender.intent(caller), 'projects', 'EndDiscoveryRun', { ...params, ...body });
    return { id: params.runId, ...sent };
  }

  @Handles('listDiscoveryRuns')
  async runs(
    @Request() { params: { projectId }, query: { atLeast, ...page } }: Asked<'listDiscoveryRuns'>,
  ): Promise<Answered<'listDiscoveryRuns'>> {
    await this.views.atLeast(atLeast, [VIEWS.discoveryRuns, VIEWS.discoveryFiles]);
    await this.views.discovery(projectId);
    const found = await this.views.page(VIEWS.discoveryRuns, DiscoveryRunView, { projectId }, page, '-startedAt');
    return { ...found, items: await this.#withSums(found.items) };
  }

  @Handles('getDiscoveryRun')
  async run(@Request() { params: { projectId, runId }, query }: Asked<'getDiscoveryRun'>): Promise<Answered<'getDiscoveryRun'>> {
    await this.views.atLeast(query.atLeast, [VIEWS.discoveryRuns, VIEWS.discoveryFiles]);
    await this.views.discovery(projectId);
    const run = await this.views.need(VIEWS.discoveryRuns, DiscoveryRunView, runId, 'discovery-run.unknown');
    if (run.projectId !== projectId) throw problem('discovery-run.unknown', 404);
    const [shown] = await this.#withSums([run]);
    return shown!;
  }

  @Handles('listDiscoveredFiles')
  async files(
    @Request() { params: { projectId }, query: { atLeast, run, state, ...page } }: Asked<'listDiscoveredFiles'>,
  ): Promise<Answered<'listDiscoveredFiles'>> {
    await this.views.atLeast(atLeast, [VIEWS.discoveryFiles]);
    await this.views.discovery(projectId);
    // A run of another project has no files here.
    const filter = { of: run ?? projectId, projectId, ...(state === undefined ? {} : { state }) };
    return this.views.page(VIEWS.discoveryFiles, FoundFile, filter, page, 'place');
  }

  @Handles('downloadDiscoveryStatistics')
  async statistics(@Request() { params: { projectId } }: Asked<'downloadDiscoveryStatistics'>): Promise<StreamableFile> {
    await this.views.discovery(projectId);
    return csvFile('discovery-statistics.csv', DISCOVERY_HEADER, this.#lines(projectId));
  }

  async *#lines(projectId: string): AsyncGenerator<string> {
    for (let cursor: string | undefined; ; ) {
      const page = { limit: RUNS_AT_ONCE, ...(cursor === undefined ? {} : { cursor }) };
      const { items, next } = await this.views.page(VIEWS.discoveryRuns, DiscoveryRunView, { projectId }, page, 'startedAt');
      for (const run of await this.#withSums(items)) yield discoveryLine(run);
      if (next === null) return;
      cursor = next;
    }
  }

  async #withSums(runs: readonly DiscoveryRunView[]): Promise<DiscoveryRun[]> {
    const sums = await this.sums.discovery(runs.map(({ runId }) => runId));
    return runs.map((run, at) => ({ ...run, sums: sums[at]! }));
  }
}
