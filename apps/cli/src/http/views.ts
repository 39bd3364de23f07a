import type { Cause, ProjectView, Totals } from '@pstream/contracts';

/** A project with the sums over its mailboxes, as the gateway shows it. */
export type ProjectDetail = ProjectView & {
  readonly sums: {
    readonly statuses: Readonly<Record<string, number>>;
    readonly totals: Totals;
    readonly unaccounted: number;
    readonly listing: 'not-started' | 'going-on' | 'finished';
    readonly extracted: { readonly items: number; readonly bytes: number };
    readonly parts: number;
    /** Items among the exported ones that were made from MIME or JSON instead of their stream. */
    readonly mime: number;
  };
};

/** What became of a command for each of several mailboxes. */
export type PassResults = {
  readonly accepted: readonly {
    readonly mailboxJobId: string;
    readonly source: string;
    readonly stream: string;
    readonly version: number;
  }[];
  readonly rejected: readonly {
    readonly mailboxJobId: string | null;
    readonly source: string;
    readonly code: string;
    readonly title: string;
    readonly detail: string;
  }[];
  readonly shown: boolean;
};

/** A folder of a mailbox with its sum. */
export type FolderRow = {
  readonly folderKey: string;
  readonly path: string;
  readonly containerClass: string | null;
  readonly left: string | null;
  readonly target: string | null;
  readonly totals: Totals;
  readonly mime: number;
  readonly unaccounted: number;
};

/** A cause on one line: its code, and what to do. */
export const causeText = (cause: Cause | null): string =>
  cause === null ? '' : [cause.code, cause.advice].filter((part) => part !== undefined).join(': ');
