import { noItems, type MailboxView } from '@pstream/contracts';

/** A mailbox as it is before its first pass. */
export const newMailbox = (mailboxJobId: string, projectId: string, source: string, destination: string): MailboxView => ({
  mailboxJobId,
  projectId,
  customerId: '',
  source,
  destination,
  status: 'Not Submitted',
  pass: null,
  totals: noItems,
  mime: 0,
  doubts: 0,
  superseded: 0,
  leftOut: 0,
  waits: {},
  priority: 0,
  held: null,
  progressAt: null,
  listing: 'not-started',
  extracted: { items: 0, bytes: 0 },
  folders: 0,
  foldersNotListed: 0,
  parts: 0,
  cause: null,
  checks: [],
  found: null,
});
