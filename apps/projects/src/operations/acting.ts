import type { ClosedPart, CommandReply, OperationRow } from '@pstream/contracts';

/** A row that is a mailbox of the project. */
export type MailboxRow = OperationRow & { readonly mailboxJobId: string };

/** What an operation does to a batch of rows. */
export type Acting = {
  /** What is done to each row of a batch; `at` is its position in the batch. */
  readonly act: (row: MailboxRow, at: number) => Promise<CommandReply>;
  /** PST names that mailboxes were given instead of their own. */
  readonly renamed?: ReadonlyMap<string, string>;
  /** What became of the PSTs of mailboxes whose project is closed. */
  readonly parts?: ReadonlyMap<string, readonly ClosedPart[]>;
  /** What is done once for all of them, afterwards. */
  readonly settle?: () => Promise<void>;
};
