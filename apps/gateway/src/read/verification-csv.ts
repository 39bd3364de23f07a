import type { MailboxView } from '@pstream/contracts';
import { csvLine } from '@pstream/kernel';

export const VERIFICATION_HEADER =
  'Mailbox Id,Source Email Address,Destination Email Address,Status,Kind,Archive,Readable,Failed Check,Code,What to do';

const yesOrNo = (is: boolean | undefined): string => (is === undefined ? '' : is ? 'yes' : 'no');

/** A line under `VERIFICATION_HEADER`. What no verification has found is empty. */
export const verificationLine = ({
  mailboxJobId,
  source,
  destination,
  status,
  found,
  checks,
}: Pick<MailboxView, 'mailboxJobId' | 'source' | 'destination' | 'status' | 'found' | 'checks'>): string => {
  const failed = checks.find(({ verdict }) => verdict === 'fail');
  return csvLine([
    mailboxJobId,
    source,
    destination,
    status,
    found?.kind ?? '',
    yesOrNo(found?.archive),
    yesOrNo(found?.readable),
    failed?.name ?? '',
    failed?.code ?? '',
    failed?.advice ?? '',
  ]);
};
