import type { MailboxRef } from '../client.js';
import { graphPath, mailboxOfPath, type GraphPath } from '../http/origin.js';

/** Where a mailbox's calls begin. */
export const mailboxBase = (mailbox: MailboxRef): GraphPath => graphPath`/${mailbox.version}/admin/exchange/mailboxes/${mailbox.id}`;

/** The mailbox that a path leads to: `mailbox` itself, or the part of it that a redirect or parentMailboxUrl named. */
export const mailboxAt = (path: GraphPath, mailbox: MailboxRef): MailboxRef => {
  const found = mailboxOfPath(path);
  return found === null || found.mailboxId.toLowerCase() === mailbox.id.toLowerCase()
    ? mailbox
    : { id: found.mailboxId, version: found.version };
};
