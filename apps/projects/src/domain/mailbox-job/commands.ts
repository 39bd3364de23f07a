import type { Cause, PassKind, PassRefs, PassSettings, Totals } from '@pstream/contracts';

export type MailboxJobCommand =
  | {
      readonly type: 'StartPass';
      readonly at: string;
      readonly kind: PassKind;
      readonly refs: PassRefs;
      readonly settings: PassSettings;
      /** Until when the user's bundle is valid; null if none was applied. */
      readonly coveredUntil: string | null;
    }
  | { readonly type: 'BeginPass'; readonly at: string; readonly passId: string }
  | { readonly type: 'StopPass'; readonly at: string }
  | { readonly type: 'ConfirmStopped'; readonly at: string; readonly passId: string; readonly attempt: number }
  | { readonly type: 'ResumePass'; readonly at: string }
  | { readonly type: 'CompletePass'; readonly at: string; readonly passId: string; readonly totals: Totals }
  | { readonly type: 'FailPass'; readonly at: string; readonly passId: string; readonly attempt: number | null; readonly cause: Cause };
