import type { ByType, FolderSumsView, LastExport, MailboxView, PassKind, StatisticsView } from '@pstream/contracts';
import { z } from 'zod';

// Documents that are not handed out as they are.

/** The sums of a mailbox by folder. */
export const StoredFolders = z.custom<FolderSumsView>((value) => typeof value === 'object' && value !== null && 'folders' in value);

/** What is on record of a pass. */
type StoredPass = {
  readonly kind: PassKind | null;
  readonly number: number;
  readonly completed?: boolean;
  readonly replaced?: true;
  readonly runs: readonly { readonly from: string; readonly to: string | null }[];
  readonly sealed: number;
  readonly failed: ByType;
  readonly skipped: ByType;
  /** What the pass took, as the mailbox counts it. */
  readonly listed?: { readonly items: number; readonly bytes: number };
};

/** The figures of a mailbox by kind of item, and what kind of pass each of its passes is. */
export const StoredStatistics = z.custom<StatisticsView & { readonly passes?: Readonly<Record<string, StoredPass>> }>(
  (value) => typeof value === 'object' && value !== null && 'types' in value,
);

/** A mailbox as it is stored: besides, which pass listed it to its end last. */
export type StoredMailbox = MailboxView & {
  readonly exported?: boolean;
  readonly lastExport?: LastExport | null;
  readonly givenUp?: readonly string[];
};
