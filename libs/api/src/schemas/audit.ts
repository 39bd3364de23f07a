import { auditOutcomes, AuditRecordView, field } from '@pstream/contracts';
import { z } from 'zod';
import { named } from './named.js';
import { page } from './page.js';
import { AuditPageQuery } from './queries.js';

export const AuditAction = named('AuditAction', AuditRecordView);
export type AuditAction = z.infer<typeof AuditAction>;
export const AuditActions = page('AuditActions', AuditAction, 'Actions');

const of = field(
  z.enum(['workgroup', 'installation']).default('workgroup'),
  'Whether the record of your workgroup is read, or that of the installation: failed sign-ins, and what concerns the system as a whole.',
  'workgroup',
);
const time = (what: string) => field(z.iso.datetime().optional(), `${what} ISO 8601 in UTC.`, '2026-01-31T12:00:00.000Z');
const person = field(z.string().max(64).optional(), 'Only what this agent or token did, by id.', '01J8ZQ4N5W9K7C1B2D3E4F5G6F');

/** Query of what is on record. */
export const AuditQuery = AuditPageQuery.extend({
  of,
  from: time('Only what began at this time or later.'),
  before: time('Only what began before this time.'),
  person,
  action: field(z.string().max(64).optional(), 'Only this operation of the API, or way of signing in.', 'renameCustomer'),
  object: field(z.string().max(64).optional(), 'Only what was about this thing, by id.', '01J8ZQ4N5W9K7C1B2D3E4F5G6A'),
  outcome: field(z.enum(auditOutcomes).optional(), 'Only actions with this outcome.', 'refused'),
});

/** Query of the records as they are stored. */
export const AuditFileQuery = z.strictObject({ of });

/** Query of the file for people. */
export const AuditCsvQuery = AuditQuery.omit({ limit: true, cursor: true });
