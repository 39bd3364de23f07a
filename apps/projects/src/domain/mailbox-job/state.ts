import { noItems, type Cause, type PassKind, type PassRefs, type PassSettings, type Totals } from '@pstream/contracts';

/** A pass that has been started and not ended. `attempt` counts from 1 and grows with each resume. */
export type OpenPass = {
  readonly refs: PassRefs;
  readonly number: number;
  readonly kind: PassKind;
  readonly settings: PassSettings;
  readonly attempt: number;
};

/** One mailbox's way through its passes. `mailbox` sums the finished ones; `exported` says whether one of them listed the mailbox. */
export type MailboxJob =
  | { readonly is: 'not-submitted'; readonly passes: number; readonly mailbox: Totals; readonly exported: boolean }
  | {
      readonly is: 'queued' | 'migrating' | 'stopping' | 'stopped';
      readonly pass: OpenPass;
      readonly passes: number;
      readonly mailbox: Totals;
      readonly exported: boolean;
    }
  /** A pass that exports and failed stays open: resume goes on with it. */
  | {
      readonly is: 'failed';
      readonly pass: OpenPass;
      readonly cause: Cause;
      readonly passes: number;
      readonly mailbox: Totals;
      readonly exported: boolean;
    }
  | { readonly is: 'idle'; readonly passes: number; readonly mailbox: Totals; readonly exported: boolean };

export const newMailboxJob: MailboxJob = { is: 'not-submitted', passes: 0, mailbox: noItems, exported: false };
