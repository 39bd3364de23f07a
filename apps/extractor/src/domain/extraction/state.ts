import type { Cause, DiscoveredFolder, ManifestRef, PassRefs, SourceMailbox } from '@pstream/contracts';

/** A listed page of which slices are still to be exported. */
export type OpenPage = {
  readonly page: number;
  readonly mailbox: SourceMailbox;
  readonly manifest: ManifestRef;
  readonly items: number;
  /** As the mailbox counts them. */
  readonly bytes: number;
  /** First item of each slice that the page was cut into. */
  readonly starts: readonly number[];
  /** Those of them that are still to be exported. */
  readonly slices: Set<number>;
};

/** What is known of one folder: pages listed so far, where the next one begins, what is still to be exported. */
export type FolderProgress = {
  readonly folder: DiscoveredFolder;
  listedPages: number;
  next: string | null;
  /** Every page has been listed, or the rest was given up. */
  listed: boolean;
  /** Why something of the folder could not be listed; the last cause, where there are two. */
  notListed: Cause | null;
  readonly open: Map<number, OpenPage>;
};

/** The extraction of one pass, folded from its stream. It belongs to the fold that made it and is changed in place. */
export type Extraction = {
  version: number;
  refs: PassRefs | null;
  mailbox: SourceMailbox | null;
  treeComplete: boolean;
  readonly folders: Map<string, FolderProgress>;
  /** Folders with something that could not be listed. */
  foldersNotListed: number;
  discovered: number;
  /** Those of them that no pass before had discovered: a retry asks for items again, and lists folders that could not be listed. */
  firstSeen: number;
  /** Sizes of the discovered items, as the mailbox counts them. */
  listedBytes: number;
  published: number;
  skipped: number;
  failed: number;
  bytes: number;
  /** Items that the finished pass has listed again because they were changed or moved. */
  superseded: number;
  pausedAttempt: number;
  finished: boolean;
};

export const newExtraction = (): Extraction => ({
  version: 0,
  refs: null,
  mailbox: null,
  treeComplete: false,
  folders: new Map(),
  foldersNotListed: 0,
  discovered: 0,
  firstSeen: 0,
  listedBytes: 0,
  published: 0,
  skipped: 0,
  failed: 0,
  bytes: 0,
  superseded: 0,
  pausedAttempt: 0,
  finished: false,
});
