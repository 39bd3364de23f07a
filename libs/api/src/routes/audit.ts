import { AuditActions, AuditCsvQuery, AuditFileQuery, AuditQuery } from '../schemas/audit.js';
import { route } from '../route.js';

const ofInstallation = 'The record of the installation is for owners and admins of the workgroup that it began with.';

/** What people did. */
export const auditRoutes = {
  listAudit: route({
    tag: 'Audit',
    right: 'audit.view',
    recorded: false,
    summary: 'List what was done in your workgroup, newest first',
    description:
      'Every change and every view of single items: who, when, from where, and the values before and after. What is begun is on record before it is done. ' +
      ofInstallation,
    query: AuditQuery,
    answer: AuditActions,
  }),
  downloadAuditCsv: route({
    tag: 'Audit',
    right: 'audit.view',
    recorded: true,
    summary: 'Download what was done in your workgroup as a file for spreadsheets',
    query: AuditCsvQuery,
    answer: {
      mediaType: 'text/csv',
      description: 'A line for each action, newest first.',
      example: 'At,Person,Name,Role,Address,Action,Object,Object name,Outcome,Code,Changes\r\n',
    },
  }),
  downloadAuditRecords: route({
    tag: 'Audit',
    right: 'audit.view',
    recorded: true,
    summary: 'Download the records of your workgroup as they are stored',
    description:
      'Each line is a JSON object that ends with the SHA-256 of the line without it, and names that of the line before as `previous`. `pstream audit verify` ' +
      `checks both. A change has two records: before it is done, and when it is answered. ${ofInstallation}`,
    query: AuditFileQuery,
    answer: {
      mediaType: 'application/x-ndjson',
      description: 'A record in each line, oldest first.',
      example:
        '{"chain":"default","seq":1,"at":"2026-01-31T12:00:00.000Z","previous":"0000","is":"ended","actionId":"01J8ZQ4N5W9K7C1B2D3E4F5G6A","status":200,"code":null,"madeId":null,"sha256":"9f86"}\n',
    },
  }),
};
