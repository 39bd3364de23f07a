import type { Cause, LineItem, PassKind, PassRefs, PassSettings, Totals } from '@pstream/contracts';

/** A command for a mailbox of a project: where the sender found it, and its line item as the roster has it there. */
type Placed = {
  readonly at: string;
  readonly refs: Pick<PassRefs, 'workgroupId' | 'customerId' | 'projectId' | 'mailboxJobId'>;
  readonly item: LineItem;
};

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
      /** It begins then, and not at once. */
      readonly startAt?: string | undefined;
      /** Another priority for this pass and those that follow. */
      readonly priority?: number | undefined;
      /** Nobody is asked for licences here. */
      readonly needsNoLicence?: boolean;
    }
  /** Lets a pass that was submitted for a time queue, when that has come. */
  | { readonly type: 'QueuePass'; readonly at: string; readonly passId: string }
  | ({ readonly type: 'PrioritiseMailbox'; readonly priority: number } & Placed)
  /** Another address or another PST name; what is absent stays. `item` is the line item as the roster has it, as for StartPass. */
  | ({ readonly type: 'EditMailbox'; readonly source?: string | undefined; readonly destination?: string | undefined } & Placed)
  /** The mailbox is in project `to` from now on. */
  | ({ readonly type: 'MoveMailbox'; readonly to: string } & Placed)
  /** The mailbox begins again from nothing. Where its PSTs are kept, the next ones begin with the name `next`. */
  | ({ readonly type: 'StartOver'; readonly parts: 'keep' | 'delete'; readonly next: string } & Placed)
  /** With `stop`, a pass under way is stopped first, and the mailbox is removed when it has ended. Without an item it is not on the roster. */
  | ({ readonly type: 'RemoveMailbox'; readonly stop: boolean; readonly item: LineItem | undefined } & Pick<Placed, 'at' | 'refs'>)
  /** Its project is closed. One that has left the project is left alone. */
  | ({ readonly type: 'CloseMailbox'; readonly item: LineItem | undefined } & Pick<Placed, 'at' | 'refs'>)
  | { readonly type: 'AdmitPass'; readonly at: string; readonly passId: string; readonly attempt: number }
  | { readonly type: 'BeginPass'; readonly at: string; readonly passId: string }
  | { readonly type: 'StopPass'; readonly at: string }
  | { readonly type: 'ConfirmStopped'; readonly at: string; readonly passId: string; readonly attempt: number }
  /** Where something that is not ours has the name of the part to come, the pass goes on under the name `next`, if that is given. */
  | { readonly type: 'ResumePass'; readonly next?: string; readonly at: string }
  | {
      readonly type: 'CompletePass';
      readonly at: string;
      readonly passId: string;
      readonly totals: Totals;
      /** Folders that the pass could not list, and items that a retry was the first to list. */
      readonly foldersNotListed: number;
      readonly firstSeen: number;
      /** Items that an update lists although passes before it counted them. */
      readonly superseded: number;
    }
  | { readonly type: 'FailPass'; readonly at: string; readonly passId: string; readonly attempt: number | null; readonly cause: Cause };
