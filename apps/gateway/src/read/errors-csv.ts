import { itemTypeOf, type ItemErrorView, type MailboxView } from '@pstream/contracts';
import { csvLine } from './csv.js';

/** MigrationWiz's header of the errors report, byte for byte. Subjects are not kept, so the last column is empty. */
export const ERRORS_HEADER = 'Mailbox Id,Source Email Address,Destination Email Address,Type,Date,Size (bytes),Error,Subject';

/** A line of the report: one failed item. `Date` is when it failed, ISO 8601 in UTC. */
export const errorLine = (
  { mailboxJobId, itemType, at, sizeBytes, code, advice }: ItemErrorView,
  mailbox: Pick<MailboxView, 'source' | 'destination'> | undefined,
): string => {
  const type = itemTypeOf(itemType);
  const error = advice === null ? code : `${code}: ${advice}`;
  return csvLine([
    mailboxJobId,
    mailbox?.source ?? '',
    mailbox?.destination ?? '',
    `${type.charAt(0).toUpperCase()}${type.slice(1)}`,
    at,
    sizeBytes,
    error,
    '',
  ]);
};
