import { Controller, Inject, type StreamableFile } from '@nestjs/common';
import { Part, Project, type BodyOf, type ProjectDetail } from '@pstream/api';
import { isExport, MailboxView, projectStream, VIEWS } from '@pstream/contracts';
import { BulkAdd, type Given } from '../bulk-add/bulk-add.js';
import { readBulkAdd } from '../bulk-add/csv.js';
import { bulkAddLine } from '../bulk-add/export.js';
import { BULK_ADD_HEADER } from '../bulk-add/header.js';
import { Handles, Request, type Answered, type Asked } from '../door/route.js';
import { csvFile } from '../read/csv.js';
import { previewOptions } from '../read/options-preview.js';
import { statisticsLine, STATISTICS_HEADER } from '../read/statistics-csv.js';
import { StoredFolders, StoredStatistics } from '../read/stored.js';
import { verificationLine, VERIFICATION_HEADER } from '../read/verification-csv.js';
import { QueuePlaces } from '../read/places.js';
import { Sums } from '../read/sums.js';
import { Views } from '../read/views.js';
import { Scope } from '../scope/scope.js';
import { Sender } from '../send/sender.js';

/** Projects, and what is in them. */
@Controller()
export class ProjectsController {
  constructor(
    @Inject(Sender) private readonly sender: Sender,
    @Inject(Views) private readonly views: Views,
    @Inject(Scope) private readonly scope: Scope,
    @Inject(Sums) private readonly sums: Sums,
    @Inject(QueuePlaces) private readonly places: QueuePlaces,
    @Inject(BulkAdd) private readonly bulkAdd: BulkAdd,
  ) {}

  @Handles('listProjects')
  async list(@Request() { caller, query: { atLeast, ...page } }: Asked<'listProjects'>): Promise<Answered<'listProjects'>> {
    await this.views.atLeast(atLeast, [VIEWS.projects]);
    return this.views.page(
      VIEWS.projects,
      Project,
      { created: true, ...(await this.scope.within(caller.principal)), ...(await this.scope.own(caller.principal)) },
      page,
      'name',
    );
  }

  @Handles('getProject')
  async show(@Request() { params: { projectId }, query, setVersion }: Asked<'getProject'>): Promise<Answered<'getProject'>> {
    await this.views.atLeast(query.atLeast, [VIEWS.projects, VIEWS.mailboxes]);
    setVersion(await this.views.version(VIEWS.projects, projectStream(projectId)));
    const sums = await this.sums.of({ projectId }, query.atLeast);
    const project = await this.#project(projectId);
    return {
      ...project,
      discovery: isExport(project) ? null : await this.#discovery(projectId),
      sums: { ...sums, held: { ...sums.held, ...(await this.places.heldIn(projectId, sums)) } },
    };
  }

  @Handles('editProject')
  async edit(@Request() { caller, params: { projectId }, body }: Asked<'editProject'>): Promise<Answered<'editProject'>> {
    return { id: projectId, ...(await this.sender.send(this.sender.intent(caller), 'projects', 'EditProject', { projectId, ...body })) };
  }

  @Handles('removeProject')
  async remove(@Request() { caller, params: { projectId } }: Asked<'removeProject'>): Promise<Answered<'removeProject'>> {
    return { id: projectId, ...(await this.sender.send(this.sender.intent(caller), 'projects', 'RemoveProject', { projectId })) };
  }

  @Handles('replaceProjectOptions')
  async options(
    @Request() { caller, params: { projectId }, body: options }: Asked<'replaceProjectOptions'>,
  ): Promise<Answered<'replaceProjectOptions'>> {
    await this.views.exporting(projectId);
    return { id: projectId, ...(await this.sender.send(this.sender.intent(caller), 'projects', 'ChangeOptions', { projectId, options })) };
  }

  @Handles('previewProjectOptions')
  async preview(
    @Request() { params: { projectId }, body: options }: Asked<'previewProjectOptions'>,
  ): Promise<Answered<'previewProjectOptions'>> {
    await this.views.exporting(projectId);
    return previewOptions(this.views, projectId, options);
  }

  @Handles('addMailboxes')
  async add(@Request() { caller, params: { projectId }, query, body }: Asked<'addMailboxes'>): Promise<Answered<'addMailboxes'>> {
    await this.views.exporting(projectId);
    return this.bulkAdd.add(caller, projectId, rowsOf(body), {
      partial: query.partial === 'true',
      rename: query.rename === 'true',
    });
  }

  @Handles('listMailboxes')
  async mailboxes(
    @Request() { params: { projectId }, query: { atLeast, status, sort, ...page } }: Asked<'listMailboxes'>,
  ): Promise<Answered<'listMailboxes'>> {
    await this.views.atLeast(atLeast, [VIEWS.projects, VIEWS.mailboxes]);
    await this.#project(projectId);
    const filter = { projectId, ...(status === undefined ? {} : { status: { in: status } }) };
    const found = await this.views.page(VIEWS.mailboxes, MailboxView, filter, page, sort);
    const open = await this.sums.openErrors(found.items);
    const rows = found.items.map((mailbox) => ({ ...mailbox, openErrors: open.get(mailbox.mailboxJobId) ?? 0 }));
    return { ...found, items: await this.places.with(rows) };
  }

  @Handles('listProjectParts')
  async parts(
    @Request() { params: { projectId }, query: { atLeast, ...page } }: Asked<'listProjectParts'>,
  ): Promise<Answered<'listProjectParts'>> {
    await this.views.atLeast(atLeast, [VIEWS.parts]);
    await this.#project(projectId);
    return this.views.page(VIEWS.parts, Part, { projectId }, page, 'name');
  }

  @Handles('downloadProjectStatistics')
  async statisticsCsv(@Request() { params: { projectId } }: Asked<'downloadProjectStatistics'>): Promise<StreamableFile> {
    await this.views.exporting(projectId);
    return csvFile('statistics.csv', STATISTICS_HEADER, this.#statisticsLines(projectId));
  }

  @Handles('downloadProjectVerification')
  async verificationCsv(@Request() { params: { projectId } }: Asked<'downloadProjectVerification'>): Promise<StreamableFile> {
    await this.views.exporting(projectId);
    return csvFile('verification.csv', VERIFICATION_HEADER, this.#verificationLines(projectId));
  }

  @Handles('downloadProjectMailboxes')
  async mailboxesCsv(@Request() { params: { projectId } }: Asked<'downloadProjectMailboxes'>): Promise<StreamableFile> {
    await this.views.exporting(projectId);
    return csvFile('mailboxes.csv', BULK_ADD_HEADER, this.#bulkAddLines(projectId));
  }

  async *#verificationLines(projectId: string): AsyncGenerator<string> {
    for await (const mailbox of this.views.mailboxesOf(projectId)) yield verificationLine(mailbox);
  }

  async *#bulkAddLines(projectId: string): AsyncGenerator<string> {
    for await (const mailbox of this.views.mailboxesOf(projectId)) yield bulkAddLine(mailbox);
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

  async #discovery(projectId: string): Promise<ProjectDetail['discovery']> {
    const [sums] = await this.sums.discovery([projectId]);
    return { runs: await this.views.count(VIEWS.discoveryRuns, { projectId }), sums: sums! };
  }

  #project(projectId: string): Promise<Project> {
    return this.views.need(VIEWS.projects, Project, projectId, 'project.unknown');
  }
}

/** Bodies in text/csv are bytes, all others JSON. */
const rowsOf = (body: BodyOf<'addMailboxes'>): Given =>
  body instanceof Uint8Array
    ? readBulkAdd(body)
    : {
        rows: body.items.map(({ source, destination }, at) => ({ row: at + 1, source, destination })),
        columns: { source: 'source', destination: 'destination' },
        faults: [],
      };
