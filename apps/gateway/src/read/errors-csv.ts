import { itemTypeOf, type ItemErrorView, type MailboxView } from '@pstream/contracts';

/** MigrationWiz's header of the errors report, byte for byte. Subjects are not kept, so the last column is empty. */
export const ERRORS_HEADER = 'Mailbox Id,Source Email Address,Destination Email Address,Type,Date,Size (bytes),Error,Subject';

/** A cell as RFC 4180 has it. A spreadsheet takes what begins like a formula for one: such a cell gets an apostrophe. */
export const cell = (value: string | number): string => {
  const text = typeof value === 'number' ? String(value) : value.replace(/^[=+\-@\t\r]/, "'$&");
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

/** A line of the report: one failed item. `Date` is when it failed, ISO 8601 in UTC. */
export const errorLine = (
  { mailboxJobId, itemType, at, sizeBytes, code, advice }: ItemErrorView,
  mailbox: Pick<MailboxView, 'source' | 'destination'> | undefined,
): string => {
  const type = itemTypeOf(itemType);
  const error = advice === null ? code : `${code}: ${advice}`;
  const cells = [mailboxJobId, mailbox?.source ?? '', mailbox?.destination ?? '', `${type.charAt(0).toUpperCase()}${type.slice(1)}`, at, sizeBytes, error, ''];
  return `${cells.map(cell).join(',')}\r\n`;
};
