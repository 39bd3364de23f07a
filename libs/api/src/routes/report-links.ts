import { ReportLink, ReportLinkBody, ReportLinks } from '../schemas/report-links.js';
import { route } from '../route.js';

const known = { 404: ['project.unknown'] } as const;
const report = {
  mediaType: 'text/html',
  description: 'The report as HTML, without scripts.',
  example: '<!doctype html><html lang="en"><title>Report: Leavers</title></html>',
} as const;

/** Links that show a report to somebody who has no account. */
export const reportLinkRoutes = {
  createReportLink: route({
    tag: 'Projects',
    right: 'reports.share',
    summary: 'Make a link that shows the report of a project to whoever has it',
    description: 'It opens that report as it is then, without signing in, and nothing else; it expires, and can be revoked at any time.',
    body: ReportLinkBody,
    answer: ReportLink,
    status: 201,
    problems: { ...known, 409: ['project.is-discovery', 'report-link.too-many'] },
  }),
  listReportLinks: route({
    tag: 'Projects',
    right: 'reports.share',
    recorded: false,
    summary: 'List the open links to the report of a project',
    answer: ReportLinks,
    problems: known,
  }),
  revokeReportLink: route({
    tag: 'Projects',
    right: 'reports.share',
    summary: 'Revoke a link to a report',
    description: 'It shows nothing from this moment on.',
    status: 204,
    problems: { 404: ['project.unknown', 'report-link.unknown'] },
  }),
  openReportLink: route({
    tag: 'Projects',
    open: true,
    recorded: true,
    summary: 'Show the report that a link leads to',
    answer: report,
    problems: { 404: ['report-link.unknown'] },
  }),
};
