import { digest } from '../ids.js';
import type { SimUser } from '../source.js';
import type { MailboxState } from '../mailbox-state.js';
import type { Reply } from './call.js';
import type { Context } from './context.js';
import { Refusal } from './refusal.js';

const COLUMNS = [
  'Report Refresh Date',
  'User Principal Name',
  'Display Name',
  'Is Deleted',
  'Deleted Date',
  'Created Date',
  'Last Activity Date',
  'Item Count',
  'Storage Used (Byte)',
  'Issue Warning Quota (Byte)',
  'Prohibit Send Quota (Byte)',
  'Prohibit Send/Receive Quota (Byte)',
  'Deleted Item Count',
  'Deleted Item Size (Byte)',
  'Deleted Item Quota (Byte)',
  'Has Archive',
  'Report Period',
];

/** `GET /reports/getMailboxUsageDetail`: a redirect to a CSV file on another host. */
export const getUsageReport = async (context: Context): Promise<Reply> => {
  const { reports, tenant, clock } = context;
  if (reports.options === 'absent') throw new Refusal(404, 'ResourceNotFound', 'The report is not available in this cloud.');
  const today = clock.now().slice(0, 10);
  const lines = [COLUMNS.map(cell).join(',')];
  for (const user of tenant.users) {
    const state = tenant.primary(user)?.state;
    if (state === undefined) continue;
    const { items, bytes, deletedItems, deletedBytes } = await sizeOf(state);
    const quota = ['106300440576', '106837311488', '107374182400', deletedItems, deletedBytes, '32212254720'];
    const archive = tenant.archive(user) === undefined ? 'False' : 'True';
    const row = [today, ...namesOf(user, reports.options), 'False', '', '2019-04-01', today, items, bytes, ...quota, archive, '7'];
    lines.push(row.map(cell).join(','));
  }
  // The service begins its files with a byte order mark.
  const location = await reports.keep(`\uFEFF${lines.join('\r\n')}\r\n`);
  return { status: 302, headers: { location } };
};

const cell = (value: string | number): string => (/[",]/.test(String(value)) ? `"${String(value).replaceAll('"', '""')}"` : String(value));

const namesOf = ({ userPrincipalName, displayName }: SimUser, options: 'shown' | 'concealed'): readonly string[] =>
  options === 'shown'
    ? [userPrincipalName, displayName]
    : [userPrincipalName, displayName].map((name) => digest('concealed', name).toString('hex').slice(0, 32).toUpperCase());

/** Recoverable items are counted apart. */
const sizeOf = async (state: MailboxState) => {
  const sum = { items: 0, bytes: 0, deletedItems: 0, deletedBytes: 0 };
  for (const folder of state.folders()) {
    if (folder.searchOf !== undefined) continue;
    for (const item of await state.page(folder, 0, state.count(folder))) {
      if (folder.recoverable === true) {
        sum.deletedItems++;
        sum.deletedBytes += item.size;
        continue;
      }
      sum.items++;
      sum.bytes += item.size;
    }
  }
  return sum;
};
