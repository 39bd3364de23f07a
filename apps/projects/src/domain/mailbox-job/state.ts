import {
  noItems,
  partName,
  type Cause,
  type LineItem,
  type PassKind,
  type PassRefs,
  type PassSettings,
  type Status,
  type Totals,
} from '@pstream/contracts';

/** A pass that has been started and not ended. `attempt` counts from 1 and grows with each resume. One that has not `begun` has read nothing. */
export type OpenPass = {
  readonly refs: PassRefs;
  readonly number: number;
  readonly kind: PassKind;
  readonly settings: PassSettings;
  readonly attempt: number;
  readonly begun: boolean;
  /** The attempt has a place. */
  readonly admitted: boolean;
  /** When it is to begin, until that time has come. */
  readonly startAt?: string;
};

/** What stays from pass to pass. `mailbox` sums the finished passes; `exported` says whether one of them listed the mailbox;
 *  `foldersNotListed` counts the folders that the last pass that tried could not list. */
export type Kept = {
  /** The line item, once the mailbox has been acted on; null for mailboxes that releases up to 0.2.0 acted on. */
  readonly item: (LineItem & { readonly projectId: string }) | null;
  readonly passes: number;
  readonly mailbox: Totals;
  readonly exported: boolean;
  readonly foldersNotListed: number;
  /** Passes that export since the mailbox began, or started over, and whether each puts its PSTs into the folder for Trials. */
  readonly round: readonly { readonly passId: string; readonly inTrial: boolean }[];
  /** Names that earlier PSTs of the mailbox begin with and that are kept, of earlier rounds and of passes that went on under another: nobody else may
   *  have them. */
  readonly keptNames: readonly string[];
  /** The name of its first PST, if a pass found something at the destination under it or the names after it that is not ours. */
  readonly foreignName: string | null;
  readonly priority: number;
  /** Whether it is to be removed when the pass under way has ended. */
  readonly leaving: boolean;
  /** Whether its project is closed: a pass that is open is not resumed, and none follows. */
  readonly closed: boolean;
};

/** One mailbox's way through its passes. */
export type MailboxJob =
  | (Kept & { readonly is: 'not-submitted' })
  | (Kept & { readonly is: 'queued' | 'migrating' | 'stopping' | 'stopped'; readonly pass: OpenPass })
  /** A pass that exports and failed stays open: resume goes on with it. */
  | (Kept & { readonly is: 'failed'; readonly pass: OpenPass; readonly cause: Cause })
  | (Kept & { readonly is: 'removed' })
  /** The last pass has ended so. */
  | (Kept & {
      readonly is: 'idle';
      readonly ended: Extract<Status, 'Completed' | 'Completed with errors' | 'Verified' | 'Verification failed'>;
    });

export const newMailboxJob: MailboxJob = {
  is: 'not-submitted',
  item: null,
  passes: 0,
  mailbox: noItems,
  exported: false,
  foldersNotListed: 0,
  round: [],
  keptNames: [],
  foreignName: null,
  priority: 0,
  leaving: false,
  closed: false,
};

/** Whether a pass waits for the time for which it was submitted: nothing of it is at work. */
export const isSubmitted = (
  state: MailboxJob,
): state is MailboxJob & { readonly is: 'queued'; readonly pass: { readonly startAt: string } } =>
  state.is === 'queued' && state.pass.startAt !== undefined;

/** What the Status column says of a mailbox job; undefined once it is removed. */
export const statusOf = (state: MailboxJob): Status | undefined => {
  switch (state.is) {
    case 'idle':
      return state.ended;
    case 'not-submitted':
      return 'Not Submitted';
    case 'queued':
      if (isSubmitted(state)) return 'Submitted';
      return state.pass.kind === 'verify' ? 'Verifying' : 'Queued';
    case 'migrating':
      return 'Migrating';
    case 'stopping':
      return 'Stopping';
    case 'stopped':
      return 'Stopped';
    case 'failed':
      return 'Failed';
    case 'removed':
      return undefined;
  }
};

/** A mailbox with a pass that waits, runs, or is being stopped. */
export type UnderWay = MailboxJob & { readonly is: 'queued' | 'migrating' | 'stopping'; readonly pass: OpenPass };
export const isUnderWay = (state: MailboxJob): state is UnderWay =>
  state.is === 'queued' || state.is === 'migrating' || state.is === 'stopping';

/** Something that is not ours has the name of a part. */
export const FOREIGN = 'part.foreign-blob';

/** Whether the open pass has left nothing anywhere, so that another one may take its place: it has read nothing, or something that is not ours has
 *  the name of the mailbox's very first PST. */
export const isWithoutTrace = (state: MailboxJob & { readonly pass: OpenPass }): boolean => {
  if (!state.pass.begun) return true;
  if (state.is !== 'failed' || state.exported) return false;
  const { code, facts } = state.cause;
  const { destinationName, folder } = state.pass.settings;
  return code === FOREIGN && facts?.['name'] === partName(destinationName, 1, folder);
};
