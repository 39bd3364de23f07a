import { Controller, Get, Inject, Param, Post, type StreamableFile } from '@nestjs/common';
import { VIEWS, type ItemErrorView } from '@pstream/contracts';
import type { Filter } from '@pstream/projections';
import type { z } from 'zod';
import { Added, Done, ItemErrors, Mailboxes, Parts, Projects } from '../api/answers.js';
import { AddQuery, ErrorQuery, MailboxesBody, MailboxQuery, OneQuery, OptionsBody, PageQuery } from '../api/requests.js';
import { Route } from '../api/route.js';
import { ItemError, Mailbox, Part, Project, ProjectDetail } from '../api/views.js';
import { BulkAdd, type Given } from '../bulk-add/bulk-add.js';
import { readBulkAdd } from '../bulk-add/csv.js';
import type { Caller, HttpRequest } from '../door/http.js';
import { ByCaller, checked, ValidBody, ValidQuery, WholeRequest } from '../door/params.js';
import { csvFile } from '../read/csv.js';
import { errorLine, ERRORS_HEADER } from '../read/errors-csv.js';
import { statisticsLine, STATISTICS_HEADER } from '../read/statistics-csv.js';
import { StoredFolders, StoredStatistics } from '../read/stored.js';
import { projectSums } from '../read/sums.js';
import { Views, type PageOf } from '../read/views.js';
import { Sender } from '../send/sender.js';

/** Projects, and what is in them. */
@Controller('v1/projects')
export class ProjectsController {
  constructor(
    @Inject(Sender) private readonly sender: Sender,
    @Inject(Views) private readonly views: Views,
    @Inject(BulkAdd) private readonly bulkAdd: BulkAdd,
  ) {}

  @Get()
  @Route({ summary: 'Lists all projects by name', query: PageQuery, answer: Projects })
  async list(@ValidQuery(PageQuery) { atLeast, ...page }: PageQuery): Promise<PageOf<z.infer<typeof Project>>> {
    await this.views.atLeast(atLeast, [VIEWS.projects]);
    return this.views.page(VIEWS.projects, Project, {}, page, 'name');
  }

  @Get(':projectId')
  @Route({ summary: 'Shows a project with the sums over its mailboxes', query: OneQuery, answer: ProjectDetail })
  async show(@Param('projectId') projectId: string, @ValidQuery(OneQuery) { atLeast }: OneQuery): Promise<ProjectDetail> {
    await this.views.atLeast(atLeast, [VIEWS.projects, VIEWS.mailboxes]);
    return { ...(await this.#project(projectId)), sums: await projectSums(this.views.mailboxesOf(projectId)) };
  }

  @Post(':projectId/options')
  @Route({ summary: 'Replaces the advanced options, for passes started from now on', body: OptionsBody, answer: Done })
  async options(
    @ByCaller() caller: Caller,
    @Param('projectId') projectId: string,
    @ValidBody(OptionsBody) options: OptionsBody,
  ): Promise<Done> {
    await this.#project(projectId);
    return { id: projectId, ...(await this.sender.send(this.sender.intent(caller), 'projects', 'ChangeOptions', { projectId, options })) };
  }

  @Post(':projectId/mailboxes')
  @Route({
    summary: 'Adds mailboxes: as JSON, or as a Bulk Add file',
    body: MailboxesBody,
    csv: true,
    query: AddQuery,
    answer: Added,
    status: 201,
  })
  async add(
    @ByCaller() caller: Caller,
    @Param('projectId') projectId: string,
    @WholeRequest() request: HttpRequest,
    @ValidQuery(AddQuery) { partial }: AddQuery,
  ): Promise<Added> {
    await this.#project(projectId);
    return this.bulkAdd.add(this.sender.intent(caller), projectId, rowsOf(request.body), partial === 'true');
  }

  @Get(':projectId/mailboxes')
  @Route({ summary: 'Lists the mailboxes of a project', query: MailboxQuery, answer: Mailboxes })
  async mailboxes(
    @Param('projectId') projectId: string,
    @ValidQuery(MailboxQuery) { atLeast, status, sort, ...page }: MailboxQuery,
  ): Promise<PageOf<z.infer<typeof Mailbox>>> {
    await this.views.atLeast(atLeast, [VIEWS.projects, VIEWS.mailboxes]);
    await this.#project(projectId);
    return this.views.page(
      VIEWS.mailboxes,
      Mailbox,
      { projectId, ...(status === undefined ? {} : { status: { in: status } }) },
      page,
      sort,
    );
  }

  @Get(':projectId/parts')
  @Route({ summary: 'Lists the PSTs of a project by name', query: PageQuery, answer: Parts })
  async parts(
    @Param('projectId') projectId: string,
    @ValidQuery(PageQuery) { atLeast, ...page }: PageQuery,
  ): Promise<PageOf<z.infer<typeof Part>>> {
    await this.views.atLeast(atLeast, [VIEWS.parts]);
    await this.#project(projectId);
    return this.views.page(VIEWS.parts, Part, { projectId }, page, 'name');
  }

  @Get(':projectId/errors')
  @Route({ summary: 'Lists the items of a project that were not exported, or only as MIME', query: ErrorQuery, answer: ItemErrors })
  async errors(
    @Param('projectId') projectId: string,
    @ValidQuery(ErrorQuery) query: ErrorQuery,
  ): Promise<PageOf<z.infer<typeof ItemError>>> {
    await this.views.atLeast(query.atLeast, [VIEWS.errors]);
    await this.#project(projectId);
    return this.views.page(VIEWS.errors, ItemError, { projectId, ...errorFilter(query) }, query, 'code');
  }

  @Get(':projectId/errors.csv')
  @Route({ summary: "The failed items of a project as a CSV file with MigrationWiz's header", produces: 'text/csv' })
  async errorsCsv(@Param('projectId') projectId: string): Promise<StreamableFile> {
    await this.#project(projectId);
    return csvFile('errors.csv', ERRORS_HEADER, this.#errorLines(projectId));
  }

  @Get(':projectId/statistics.csv')
  @Route({ summary: "A row for each mailbox of a project as a CSV file with MigrationWiz's header", produces: 'text/csv' })
  async statisticsCsv(@Param('projectId') projectId: string): Promise<StreamableFile> {
    await this.#project(projectId);
    return csvFile('statistics.csv', STATISTICS_HEADER, this.#statisticsLines(projectId));
  }

  async *#errorLines(projectId: string): AsyncGenerator<string> {
    const mailboxes = new Map<string, { readonly source: string; readonly destination: string }>();
    for await (const { mailboxJobId, source, destination } of this.views.mailboxesOf(projectId))
      mailboxes.set(mailboxJobId, { source, destination });
    for (let offset = 0; ; offset += LINES_AT_ONCE) {
      const { items } = await this.views.page(
        VIEWS.errors,
        ItemError,
        { projectId, outcome: 'failed' },
        { limit: LINES_AT_ONCE, offset },
        'mailboxJobId',
      );
      for (const error of items) yield errorLine(error satisfies ItemErrorView, mailboxes.get(error.mailboxJobId));
      if (items.length < LINES_AT_ONCE) return;
    }
  }

  async *#statisticsLines(projectId: string): AsyncGenerator<string> {
    for await (const mailbox of this.views.mailboxesOf(projectId)) {
      const { mailboxJobId } = mailbox;
      const [statistics, folders] = await Promise.all([
        this.views.get(VIEWS.statistics, StoredStatistics, mailboxJobId),
        this.views.get(VIEWS.folders, StoredFolders, mailboxJobId),
      ]);
      yield statisticsLine({ mailbox, statistics, folders });
    }
  }

  #project(projectId: string): Promise<z.infer<typeof Project>> {
    return this.views.need(VIEWS.projects, Project, projectId, 'project.unknown');
  }
}

/** Failed items read from the read model in one go. */
const LINES_AT_ONCE = 1_000;

/** The part of a filter that a query for errors names. */
export const errorFilter = ({ outcome, code, passId }: ErrorQuery): Filter => ({
  ...(outcome === undefined ? {} : { outcome }),
  ...(code === undefined ? {} : { code }),
  ...(passId === undefined ? {} : { passId }),
});

/** Bodies in text/csv arrive as bytes, all others as JSON. */
const rowsOf = (body: unknown): Given => {
  if (body instanceof Uint8Array) return readBulkAdd(body);
  const { items } = checked(MailboxesBody, body);
  return {
    rows: items.map(({ source, destination }, at) => ({ row: at + 1, source, destination })),
    columns: { source: 'source', destination: 'destination' },
    faults: [],
  };
};
