import { Readable } from 'node:stream';
import { Controller, Inject, StreamableFile } from '@nestjs/common';
import type { MailboxInReport } from '@pstream/api';
import { Handles, Request, type Answered, type Asked } from '../door/route.js';
import { Estimates } from '../estimate/estimates.js';
import { REPORT_POLICY, reportPage } from '../report/page.js';
import { ProjectReports, type Report } from '../report/project-report.js';

/** What a project will cost, and its report for programs and for people. Both are written while mailboxes are read: no report is held whole. */
@Controller()
export class ReportsController {
  constructor(
    @Inject(ProjectReports) private readonly reports: ProjectReports,
    @Inject(Estimates) private readonly estimates: Estimates,
  ) {}

  @Handles('estimateProject')
  estimate(@Request() { params: { projectId }, body }: Asked<'estimateProject'>): Promise<Answered<'estimateProject'>> {
    return this.estimates.make(projectId, body);
  }

  @Handles('getProjectReport')
  async report(@Request() { params: { projectId } }: Asked<'getProjectReport'>): Promise<Answered<'getProjectReport'>> {
    const json = new StreamableFile(Readable.from(jsonOf(await this.reports.of(projectId))), { type: 'application/json; charset=utf-8' });
    // What is streamed is the answer as its schema has it; a test reads it with the schema.
    return json as unknown as Answered<'getProjectReport'>;
  }

  @Handles('downloadProjectReport')
  async page(@Request() { params: { projectId }, setPolicy }: Asked<'downloadProjectReport'>): Promise<StreamableFile> {
    const report = await this.reports.of(projectId);
    setPolicy(REPORT_POLICY);
    return new StreamableFile(Readable.from(reportPage(report)), {
      type: 'text/html; charset=utf-8',
      // Shown where it is opened; whoever saves it is offered this name.
      disposition: 'inline; filename="report.html"',
    });
  }
}

async function* jsonOf({ head, mailboxes }: Report): AsyncGenerator<string> {
  yield `${JSON.stringify(head).slice(0, -1)},"mailboxes":[`;
  let comma = '';
  for await (const mailbox of mailboxes) {
    yield comma + JSON.stringify(mailbox satisfies MailboxInReport);
    comma = ',';
  }
  yield ']}';
}
