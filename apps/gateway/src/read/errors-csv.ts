import { itemTypeOf, type ItemErrorView, type MailboxView } from '@pstream/contracts';
import { csvLine } from '@pstream/kernel';

/** MigrationWiz's header of the errors report, byte for byte. Subjects are not kept, so the last column is empty. */
export const ERRORS_HEADER = 'Mailbox Id,Source Email Address,Destination Email Address,Type,Date,Size (bytes),Error,Subject';

/** Outcomes that the report may have a line for: failed items, and exported ones with doubts, however they were exported. */
export const REPORTED: readonly ItemErrorView['outcome'][] = ['failed', 'doubts', 'mime'];

/** Whether an item with one of these outcomes has a line: one that came as MIME only where that is doubted. */
export const isReported = ({ outcome, doubts }: ItemErrorView): boolean => outcome !== 'mime' || doubts.length > 0;

/** A line of the report: one failed item, or one that was exported with doubts. `Date` is when the item was created, as its
 *  mailbox states it; empty where that is not known. */
export const errorLine = (
  { mailboxJobId, itemType, itemDate, sizeBytes, outcome, code, advice, doubts }: ItemErrorView,
  mailbox: Pick<MailboxView, 'source' | 'destination'> | undefined,
): string => {
  const type = itemTypeOf(itemType);
  // What came as MIME has the reason for that as its code; what is doubted about it is what this report is for.
  const error = outcome === 'mime' ? doubts.join(' ') : advice === null ? code : `${code}: ${advice}`;
  return csvLine([
    mailboxJobId,
    mailbox?.source ?? '',
    mailbox?.destination ?? '',
    `${type.charAt(0).toUpperCase()}${type.slice(1)}`,
    itemDate ?? '',
    sizeBytes,
    error,
    '',
  ]);
};
