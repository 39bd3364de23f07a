import { Readable } from 'node:stream';
import { Controller, Inject, StreamableFile } from '@nestjs/common';
import { Project } from '@pstream/api';
import { VIEWS } from '@pstream/contracts';
import { problem } from '../door/problem.js';
import { Handles, Request, type Answered, type Asked } from '../door/route.js';
import { Views } from '../read/views.js';
import { REPORT_POLICY, reportPage } from '../report/page.js';
import { ProjectReports } from '../report/project-report.js';
import { ReportLinks } from '../report/report-links.js';

/** Links that show one report to whoever has them. */
@Controller()
export class ReportLinksController {
  constructor(
    @Inject(ReportLinks) private readonly links: ReportLinks,
    @Inject(ProjectReports) private readonly reports: ProjectReports,
    @Inject(Views) private readonly views: Views,
  ) {}

  @Handles('createReportLink')
  async create(
    @Request() { caller, params: { projectId }, body: { days } }: Asked<'createReportLink'>,
  ): Promise<Answered<'createReportLink'>> {
    await this.#known(projectId);
    const made = await this.links.create(projectId, days, caller.principal.name);
    if (made === undefined) throw problem('report-link.too-many', 409);
    const { secret, ...link } = made;
    return { ...link, path: `/v1/shared-reports/${secret}` };
  }

  @Handles('listReportLinks')
  async list(@Request() { params: { projectId } }: Asked<'listReportLinks'>): Promise<Answered<'listReportLinks'>> {
    await this.#known(projectId);
    return { items: [...this.links.of(projectId)] };
  }

  @Handles('revokeReportLink')
  async revoke(@Request() { params: { projectId, linkId } }: Asked<'revokeReportLink'>): Promise<undefined> {
    await this.#known(projectId);
    if (!(await this.links.revoke(projectId, linkId))) throw problem('report-link.unknown', 404);
  }

  @Handles('openReportLink')
  async open(@Request() { params: { secret }, setPolicy }: Asked<'openReportLink'>): Promise<StreamableFile> {
    const projectId = this.links.projectOf(secret);
    // What became of the project is not for a stranger to hear.
    const isThere = projectId !== undefined && (await this.views.get(VIEWS.projects, Project, projectId)) !== undefined;
    if (!isThere) throw problem('report-link.unknown', 404);
    const report = await this.reports.of(projectId);
    setPolicy(REPORT_POLICY);
    return new StreamableFile(Readable.from(reportPage(report)), {
      type: 'text/html; charset=utf-8',
      disposition: 'inline; filename="report.html"',
    });
  }

  async #known(projectId: string): Promise<void> {
    await this.views.need(VIEWS.projects, Project, projectId, 'project.unknown');
  }
}
