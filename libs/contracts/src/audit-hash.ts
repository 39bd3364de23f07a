import { createHash } from 'node:crypto';

/** The hash of a record's text. */
export const auditHash = (record: string): string => createHash('sha256').update(record).digest('hex');
