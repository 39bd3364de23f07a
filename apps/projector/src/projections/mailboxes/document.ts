import { noItems, type LastExport, type MailboxView, type Totals } from '@pstream/contracts';

/** What extraction and building of one pass have reported so far. */
export type Live = {
  readonly discovered: number;
  readonly extracted: number;
  readonly bytes: number;
  readonly skipped: number;
  readonly failed: number;
  /** Older copies of items that it lists again as an update; they count no more. Absent in documents of earlier releases. */
  readonly superseded?: number;
  readonly mime: number;
  readonly doubts: number;
  readonly leftOut: number;
  /** Folders that it named; a retry names those that it has to do with. */
  readonly folders: number;
  readonly notListed: number;
  readonly sealed: number;
  readonly parts: number;
  readonly listing: MailboxView['listing'];
  readonly waits: MailboxView['waits'];
  readonly held: MailboxView['held'];
  readonly progressAt: string | null;
};

/** The view, and what it is worked out from: passes may report before it is known what kind of pass they are. What stays of a removed mailbox
 *  is in no project, so that whatever is heard of it later changes nothing. */
export type MailboxDocument = MailboxView & {
  readonly settled: Totals;
  readonly settledNotListed: number;
  readonly live: Readonly<Record<string, Live>>;
  /** Whether a pass has listed the mailbox to its end, and whether the open one has begun to. */
  readonly exported: boolean;
  readonly begun: boolean;
  /** Which attempt the open pass is at, from 1. */
  readonly attempt?: number;
  /** The last pass that listed the mailbox and ended; what it left out is left to a later one. */
  readonly lastExport: LastExport | null;
  /** Passes that had left nothing anywhere when another one, or an edit, took their place: they count nowhere. */
  readonly givenUp?: readonly string[];
  readonly removedFrom?: { readonly projectId: string; readonly customerId: string };
};

/** Nothing was heard of the pass. */
export const quiet: Live = {
  discovered: 0,
  extracted: 0,
  bytes: 0,
  skipped: 0,
  failed: 0,
  mime: 0,
  doubts: 0,
  leftOut: 0,
  folders: 0,
  notListed: 0,
  sealed: 0,
  parts: 0,
  listing: 'not-started',
  waits: {},
  held: null,
  progressAt: null,
};

/** A mailbox of which nothing was heard. */
export const unknown = (mailboxJobId: string): MailboxDocument => ({
  mailboxJobId,
  projectId: '',
  customerId: '',
  source: '',
  destination: '',
  status: 'Not Submitted',
  pass: null,
  totals: noItems,
  mime: 0,
  doubts: 0,
  leftOut: 0,
  superseded: 0,
  listing: 'not-started',
  extracted: { items: 0, bytes: 0 },
  waits: {},
  priority: 0,
  held: null,
  progressAt: null,
  folders: 0,
  foldersNotListed: 0,
  parts: 0,
  cause: null,
  checks: [],
  found: null,
  settled: noItems,
  settledNotListed: 0,
  live: {},
  exported: false,
  begun: false,
  lastExport: null,
});
