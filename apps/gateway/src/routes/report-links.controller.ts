import { Readable } from 'node:stream';
import { Controller, Inject, StreamableFile } from '@nestjs/common';
import { Customer, Project } from '@pstream/api';
import { VIEWS } from '@pstream/contracts';
import { Trail } from '../audit/trail.js';
import { problem } from '../door/problem.js';
import { Handles, Request, type Answered, type Asked } from '../door/route.js';
import { Views } from '../read/views.js';
import { REPORT_POLICY, reportPage } from '../report/page.js';
import { ProjectReports } from '../report/project-report.js';
import { ReportLinks } from '../report/report-links.js';
import { TokenStore } from '../tokens/token-store.js';

/** Links that show one report to whoever has them. */
@Controller()
export class ReportLinksController {
  constructor(
    @Inject(ReportLinks) private readonly links: ReportLinks,
    @Inject(ProjectReports) private readonly reports: ProjectReports,
    @Inject(Views) private readonly views: Views,
    @Inject(TokenStore) private readonly tokens: TokenStore,
    @Inject(Trail) private readonly trail: Trail,
  ) {}

  @Handles('createReportLink')
  async create(
    @Request() { caller, params: { projectId }, body: { days } }: Asked<'createReportLink'>,
  ): Promise<Answered<'createReportLink'>> {
    await this.views.exporting(projectId);
    const { name, tokenId } = caller.principal;
    const made = await this.links.create(projectId, days, name, (wanted) => this.tokens.endOf(wanted, tokenId) ?? wanted);
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
  async open(@Request() { params: { secret }, from, setPolicy }: Asked<'openReportLink'>): Promise<StreamableFile> {
    const link = this.links.find(secret);
    const project = link === undefined ? undefined : await this.views.get(VIEWS.projects, Project, link.projectId);
    const customer = project === undefined ? undefined : await this.views.get(VIEWS.customers, Customer, project.customerId);
    // What became of the project is not for a stranger to hear.
    if (link === undefined || project === undefined || customer === undefined) throw problem('report-link.unknown', 404);
    const { linkId, projectId } = link;
    const object = { kind: 'project', id: projectId, name: project.name };
    const viewed = {
      is: 'viewed',
      actionId: this.trail.newId(),
      action: 'openReportLink',
      who: null,
      from,
      object,
      ids: { projectId, linkId },
    } as const;
    await this.trail.record(customer.workgroupId, viewed);
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
