import type { Cause, LineItem, PassKind, PassRefs, PassSettings, Totals } from '@pstream/contracts';

export type MailboxJobCommand =
  | {
      readonly type: 'StartPass';
      readonly at: string;
      readonly kind: PassKind;
      readonly refs: PassRefs;
      /** The line item as the roster has it; what the mailbox's own stream says comes first. */
      readonly item: LineItem;
      /** The project's settings of now: all that a pass keeps but what the line item says. */
      readonly settings: Omit<PassSettings, 'source' | 'destinationName'>;
      /** Until when the user's bundle is valid; null if none was applied. */
      readonly coveredUntil: string | null;
    }
  | { readonly type: 'BeginPass'; readonly at: string; readonly passId: string }
  | { readonly type: 'StopPass'; readonly at: string }
  | { readonly type: 'ConfirmStopped'; readonly at: string; readonly passId: string; readonly attempt: number }
  | { readonly type: 'ResumePass'; readonly at: string }
  | {
      readonly type: 'CompletePass';
      readonly at: string;
      readonly passId: string;
      readonly totals: Totals;
      /** Folders that the pass could not list, and items that a retry was the first to list. */
      readonly foldersNotListed: number;
      readonly firstSeen: number;
    }
  | { readonly type: 'FailPass'; readonly at: string; readonly passId: string; readonly attempt: number | null; readonly cause: Cause };
