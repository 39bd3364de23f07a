import {
  Added,
  Done,
  ErrorsAcknowledged,
  Folders,
  ItemErrors,
  Mailbox,
  Mailboxes,
  Parts,
  ProjectDetail,
  Projects,
} from '../schemas/answers.js';
import {
  AcknowledgeBody,
  CloseBody,
  MailboxEditBody,
  MailboxesBody,
  MoveBody,
  OptionsBody,
  ProjectBody,
  ProjectEditBody,
  RemoveBody,
} from '../schemas/bodies.js';
import { Operation } from '../schemas/operations.js';
import { Estimate, EstimateBody } from '../schemas/estimate.js';
import { OptionsPreview } from '../schemas/options-preview.js';
import { MailboxPasses } from '../schemas/passes.js';
import { ProjectReport } from '../schemas/report.js';
import { AddQuery, ErrorQuery, ErrorsFileQuery, MailboxQuery, NamedQuery, OneQuery, PartsQuery, RemoveQuery } from '../schemas/queries.js';
import { route } from '../route.js';

const known = { 404: ['project.unknown'] } as const;
const knownMailbox = { 404: ['mailbox-job.unknown'] } as const;

/** Projects and what is in them. */
export const projectRoutes = {
  listCustomerProjects: route({
    tag: 'Projects',
    right: 'exports.view',
    recorded: false,
    summary: 'List the projects of a customer by name',
    query: NamedQuery,
    answer: Projects,
    problems: { 404: ['customer.unknown'] },
  }),
  createProject: route({
    tag: 'Projects',
    right: 'exports.run',
    summary: 'Create a project between a source and a destination',
    body: ProjectBody,
    answer: Done,
    status: 201,
    problems: {
      404: ['customer.unknown', 'endpoint.unknown'],
      409: ['project.name-taken', 'endpoint.not-a-source', 'endpoint.not-a-destination'],
    },
  }),
  listProjects: route({
    tag: 'Projects',
    right: 'exports.view',
    recorded: false,
    summary: 'List all projects by name',
    query: NamedQuery,
    answer: Projects,
  }),
  getProject: route({
    tag: 'Projects',
    right: 'exports.view',
    recorded: false,
    versioned: true,
    summary: 'Show a project with the sums over its mailboxes',
    query: OneQuery,
    answer: ProjectDetail,
    problems: known,
  }),
  editProject: route({
    tag: 'Projects',
    right: 'exports.run',
    versioned: true,
    summary: 'Change the name, the endpoints, the container or the part size of a project',
    description: 'They hold for passes started from now on; PSTs that are complete stay where they are.',
    body: ProjectEditBody,
    answer: Done,
    problems: {
      404: ['project.unknown', 'endpoint.unknown'],
      409: ['project.is-discovery', 'project.name-taken', 'project.closed', 'endpoint.not-a-source', 'endpoint.not-a-destination'],
    },
  }),
  removeProject: route({
    tag: 'Projects',
    right: 'exports.run',
    versioned: true,
    summary: 'Remove a project that has no mailboxes',
    description: 'Its name is free again. PSTs stay where they are.',
    answer: Done,
    problems: { 404: ['project.unknown'], 409: ['project.has-runs', 'project.not-empty'] },
  }),
  estimateProject: route({
    tag: 'Projects',
    right: 'exports.run',
    summary: 'Estimate what the export of a project will write and cost',
    description:
      "Reads the tenant's usage report, and what passes have shown so far; records nothing. Every number says where it is from, and what is not known is null. " +
      'Asked again after the export, it has what was written beside it.',
    body: EstimateBody,
    answer: Estimate,
    problems: { ...known, 409: ['project.is-discovery', 'prices.unavailable'] },
  }),
  closeProject: route({
    tag: 'Projects',
    right: 'exports.run',
    summary: 'Close a project: no pass starts any more, and its PSTs are deleted if that is asked for',
    description:
      'Refused while a pass is under way. Licences stay with their users, history and reports stay. The rows of the operation are the end statement: ' +
      'what became of each PST, and why. A PST that somebody changed, that is under a policy or hold, or that this project did not write is kept. ' +
      'Closed again, it deletes what was kept for a reason that has passed.',
    body: CloseBody,
    answer: Operation,
    status: 202,
    waits: true,
    problems: { ...known, 409: ['project.keeps-uploads'] },
  }),
  replaceProjectOptions: route({
    tag: 'Projects',
    right: 'exports.run',
    versioned: true,
    summary: 'Replace the advanced options of a project',
    description: 'They hold for passes started from now on; what is absent is no longer limited.',
    body: OptionsBody,
    answer: Done,
    problems: { ...known, 409: ['project.is-discovery', 'project.closed'] },
  }),
  previewProjectOptions: route({
    tag: 'Projects',
    right: 'exports.view',
    summary: 'Show what folder filters and mappings would match, and change nothing',
    description: 'Looks at the folders that passes have listed so far; Verify Credentials lists none, a Trial lists all.',
    body: OptionsBody,
    answer: OptionsPreview,
    problems: { 400: ['filter.too-slow'], ...known, 409: ['project.is-discovery'] },
  }),
  listProjectParts: route({
    tag: 'Projects',
    right: 'exports.view',
    recorded: false,
    summary: 'List the PSTs of a project by name',
    query: PartsQuery,
    answer: Parts,
    problems: known,
  }),
  listProjectErrors: route({
    tag: 'Projects',
    right: 'exports.view',
    recorded: true,
    summary: 'List the items of a project that were not exported, or only as MIME or with doubts',
    query: ErrorQuery,
    answer: ItemErrors,
    problems: known,
  }),
  downloadProjectErrors: route({
    tag: 'Projects',
    right: 'exports.view',
    recorded: true,
    summary: 'Download the failed items of a project',
    description: "A CSV file with MigrationWiz's header; Date is when the item was created. By default it has the errors that are open.",
    query: ErrorsFileQuery,
    answer: {
      mediaType: 'text/csv',
      description: 'A line for each failed item; UTF-8 with a byte order mark.',
      example:
        'Mailbox Id,Source Email Address,Destination Email Address,Type,Date,Size (bytes),Error,Subject\r\n01J8ZQ4N5W9K7C1B2D3E4F5G6C,ann@contoso.com,ann.pst,Email,2019-04-01T08:15:00Z,48213,fasttransfer.truncated,\r\n',
    },
    problems: { ...known, 409: ['project.is-discovery'] },
  }),
  getProjectReport: route({
    tag: 'Projects',
    right: 'exports.view',
    recorded: true,
    summary: 'Show the report of a project',
    description:
      'Sums by mailbox and folder, PSTs, waits, what did not arrive and why, and what is not covered and why. It holds every mailbox: for a large project it is large.',
    answer: ProjectReport,
    problems: { ...known, 409: ['project.is-discovery'] },
  }),
  downloadProjectReport: route({
    tag: 'Projects',
    right: 'exports.view',
    recorded: true,
    summary: 'Download the report of a project as a page',
    description: 'One file that needs no other, to read on the screen, to print and to keep.',
    answer: {
      mediaType: 'text/html',
      description: 'The report as HTML, without scripts.',
      example: '<!doctype html><html lang="en"><title>Report: Leavers</title></html>',
    },
    problems: { ...known, 409: ['project.is-discovery'] },
  }),
  downloadProjectMailboxes: route({
    tag: 'Projects',
    right: 'exports.view',
    recorded: false,
    summary: 'Download the mailboxes of a project as a Bulk Add file',
    description: "A CSV file with MigrationWiz's header, which Bulk Add takes again.",
    answer: {
      mediaType: 'text/csv',
      description: 'A line for each mailbox; UTF-8 with a byte order mark.',
      example:
        'Source Email,Source Login Name,Source Password,Destination Email,Destination Login Name,Destination Password,Flags\r\nann@contoso.com,,,ann.pst,,,\r\n',
    },
    problems: { ...known, 409: ['project.is-discovery'] },
  }),
  downloadProjectVerification: route({
    tag: 'Projects',
    right: 'exports.view',
    recorded: false,
    summary: 'Download what Verify Credentials found, mailbox by mailbox',
    description: 'What each mailbox is, whether it can be read, and of those that cannot the first check that failed.',
    answer: {
      mediaType: 'text/csv',
      description: 'A line for each mailbox; UTF-8 with a byte order mark.',
      example:
        'Mailbox Id,Source Email Address,Destination Email Address,Status,Kind,Archive,Readable,Failed Check,Code,What to do\r\n01J8ZQ4N5W9K7C1B2D3E4F5G6C,room@contoso.com,room.pst,Verified,room,no,yes,,,\r\n',
    },
    problems: { ...known, 409: ['project.is-discovery'] },
  }),
  downloadProjectStatistics: route({
    tag: 'Projects',
    right: 'exports.view',
    recorded: false,
    summary: 'Download the statistics of a project',
    description: "A CSV file with MigrationWiz's header.",
    answer: {
      mediaType: 'text/csv',
      description: 'A line for each mailbox; UTF-8 with a byte order mark.',
      example: 'Mailbox Id,Source Email Address,Destination Email Address\r\n01J8ZQ4N5W9K7C1B2D3E4F5G6C,ann@contoso.com,ann.pst\r\n',
    },
    problems: { ...known, 409: ['project.is-discovery'] },
  }),
};

/** Mailboxes of a project, and the passes over them. */
export const mailboxRoutes = {
  listMailboxes: route({
    tag: 'Mailboxes',
    right: 'exports.view',
    recorded: false,
    summary: 'List the mailboxes of a project',
    query: MailboxQuery,
    answer: Mailboxes,
    problems: known,
  }),
  addMailboxes: route({
    tag: 'Mailboxes',
    right: 'exports.run',
    versioned: true,
    summary: 'Add mailboxes to a project',
    description:
      'Takes JSON or a Bulk Add file. Every fault is reported by row and column, and nothing is added until there is none, or with partial=true the good rows.',
    query: AddQuery,
    body: MailboxesBody,
    csvBody: {
      description:
        "MigrationWiz's Bulk Add file with its columns in any case and order, or two columns with or without a header; separated by commas, semicolons or tabs; in UTF-8 or UTF-16.",
      example: 'Source Email,Destination Email\nann@contoso.com,ann.pst\nbob@contoso.com,bob.pst\n',
    },
    answer: Added,
    status: 201,
    problems: {
      400: [
        'bulk-add.rows-at-fault',
        'bulk-add.no-good-row',
        'csv.empty',
        'csv.not-utf8',
        'csv.unreadable',
        'csv.header-unknown',
        'csv.too-many-rows',
      ],
      404: ['project.unknown'],
      409: ['project.is-discovery', 'project.closed', 'project.line-items-conflict'],
    },
  }),
  getMailbox: route({
    tag: 'Mailboxes',
    right: 'exports.view',
    recorded: false,
    versioned: true,
    summary: 'Show a mailbox: status, sums, checks',
    query: OneQuery,
    answer: Mailbox,
    problems: knownMailbox,
  }),
  editMailbox: route({
    tag: 'Mailboxes',
    right: 'exports.run',
    versioned: true,
    summary: 'Change the address or the PST name of a mailbox',
    description:
      'As long as nothing has been read. A pass that failed or was stopped before it read anything is given up; the old name is free again.',
    body: MailboxEditBody,
    answer: Done,
    problems: {
      404: ['mailbox-job.unknown'],
      409: [
        'mailbox-job.pass-open',
        'mailbox-job.already-read',
        'project.closed',
        'line-item.source-exists',
        'line-item.destination-exists',
        'mailbox.name-taken',
      ],
    },
  }),
  removeMailbox: route({
    tag: 'Mailboxes',
    right: 'exports.run',
    versioned: true,
    summary: 'Remove a mailbox from its project',
    description:
      'It leaves every list and every sum; its address and its PST name are free again. PSTs that are complete stay where they are, and the licence stays with the user.',
    query: RemoveQuery,
    answer: Done,
    problems: { 404: ['mailbox-job.unknown'], 409: ['mailbox-job.pass-open'] },
  }),
  removeMailboxes: route({
    tag: 'Mailboxes',
    right: 'exports.run',
    summary: 'Remove each selected mailbox from its project',
    body: RemoveBody,
    answer: Operation,
    status: 202,
    waits: true,
    problems: { ...known, 409: ['project.is-discovery'] },
  }),
  moveMailboxes: route({
    tag: 'Mailboxes',
    right: 'exports.run',
    summary: 'Move each selected mailbox to another project of its customer',
    description: 'As long as nothing has been read from it. Licences stay with their users.',
    body: MoveBody,
    answer: Operation,
    status: 202,
    waits: true,
    problems: { ...known, 409: ['project.is-discovery', 'project.closed', 'project.other-customer'] },
  }),
  listMailboxErrors: route({
    tag: 'Mailboxes',
    right: 'exports.view',
    recorded: true,
    summary: 'List the items of a mailbox that were not exported, or only as MIME or with doubts',
    query: ErrorQuery,
    answer: ItemErrors,
    problems: knownMailbox,
  }),
  acknowledgeMailboxErrors: route({
    tag: 'Mailboxes',
    right: 'exports.run',
    summary: 'Acknowledge errors of a mailbox',
    description:
      'Records who accepts that these items were not exported as they were, and why. They leave the list of open errors; Retry Errors still asks for ' +
      'them. Acknowledged again for another reason, that reason counts.',
    body: AcknowledgeBody,
    answer: ErrorsAcknowledged,
    problems: { 404: ['mailbox-job.unknown', 'item-error.unknown'] },
  }),
  listMailboxParts: route({
    tag: 'Mailboxes',
    right: 'exports.view',
    recorded: false,
    summary: 'List the PSTs of a mailbox',
    query: PartsQuery,
    answer: Parts,
    problems: knownMailbox,
  }),
  listMailboxPasses: route({
    tag: 'Mailboxes',
    right: 'exports.view',
    recorded: false,
    summary: 'List the passes over a mailbox, earlier ones too',
    query: PartsQuery.pick({ atLeast: true }),
    answer: MailboxPasses,
    problems: knownMailbox,
  }),
  listMailboxFolders: route({
    tag: 'Mailboxes',
    right: 'exports.view',
    recorded: true,
    summary: 'List the folders of a mailbox with the sums of each',
    query: PartsQuery,
    answer: Folders,
    problems: knownMailbox,
  }),
};
