import { Fault, isFault } from '@pstream/kernel';
import { CsvError, parse } from 'csv-parse/sync';
import type { Session } from '../calls/session.js';
import type { MailboxUsage, UsageReport } from '../client.js';
import { graphPath, isReportHost } from '../http/origin.js';

/** Reads the usage report of all mailboxes of the last seven days. */
export const readUsage = async (session: Session): Promise<UsageReport> => {
  let file: Buffer | undefined;
  try {
    file = await session.fileBehind(
      { purpose: 'directory', path: graphPath`/v1.0/reports/getMailboxUsageDetail(period='D7')` },
      isReportHost,
    );
  } catch (error) {
    if (isFault(error) && error.code === 'graph.directory-forbidden') throw FORBIDDEN();
    if (isFault(error) && error.retry === 'never' && error.code !== 'graph.foreign-url') throw ABSENT(error);
    throw error;
  }
  if (file === undefined) throw ABSENT(new Fault('graph.reply-too-large', { retry: 'never' }));
  return reportOf(file.toString('utf8'));
};

const FORBIDDEN = (): Fault =>
  new Fault('usage-report.forbidden', {
    retry: 'never',
    facts: { permission: 'Reports.Read.All' },
    advice:
      'Grant the application permission Reports.Read.All with admin consent, or go without: sizes then follow from what passes have listed.',
  });

const ABSENT = (because: Fault): Fault =>
  new Fault('usage-report.absent', {
    retry: 'never',
    facts: { because: because.code },
    advice: 'The tenant does not give its usage report, as in national clouds. Sizes then follow from what passes have listed.',
  });

/** Reads the CSV file. Columns go by their names; a row without a number is left out. Fault 'graph.bad-reply' (retry: now). */
const reportOf = (text: string): UsageReport => {
  const rows = rowsOf(text);
  if (rows.length > 0 && rows[0]?.['Storage Used (Byte)'] === undefined)
    throw new Fault('graph.bad-reply', { retry: 'now', facts: { expected: 'the column Storage Used (Byte)' } });
  const mailboxes = new Map<string, MailboxUsage>();
  let names = 0;
  for (const row of rows) {
    const name = row['User Principal Name'] ?? '';
    if (!name.includes('@')) continue;
    names++;
    const [items, bytes] = [numberOf(row['Item Count']), numberOf(row['Storage Used (Byte)'])];
    if (items === undefined || bytes === undefined || row['Is Deleted'] === 'True') continue;
    const archive = row['Has Archive']?.toLowerCase();
    mailboxes.set(name.toLowerCase(), { items, bytes, hasArchive: archive === 'true' ? true : archive === 'false' ? false : null });
  }
  const asOf = /^\d{4}-\d{2}-\d{2}$/.exec(rows[0]?.['Report Refresh Date'] ?? '')?.[0] ?? null;
  return { asOf, concealed: rows.length > 0 && names === 0, mailboxes };
};

/** The rows by the names of their columns. What the parser says of a damaged file quotes it. */
const rowsOf = (text: string): Readonly<Partial<Record<string, string>>>[] => {
  try {
    return parse(text, { bom: true, columns: true, relax_column_count: true, skip_empty_lines: true });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new Fault('graph.bad-reply', { retry: 'now', facts: { expected: 'a usage report as CSV' } });
  }
};

const numberOf = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d{1,16}$/.test(text) ? Number(text) : undefined;
