import type { ByType, PassKind } from '@pstream/contracts';

/** Time between two facts, ISO 8601; `to` is null while it lasts. */
export type Span = { readonly from: string; readonly to: string | null };

/** What the streams of one pass have reported so far. */
export type PassFacts = {
  /** Null until it is known that the pass was started; what else is heard of it before waits for that. */
  readonly kind: PassKind | null;
  readonly number: number;
  readonly completed: boolean;
  /** The mailbox has started over since: what the pass exported counts no more. */
  readonly replaced?: true;
  /** When it was under way: from start or resume to stop, failure or end. */
  readonly runs: readonly Span[];
  /** Items that the pass took, with the bytes that the mailbox says they have. */
  readonly listed: { readonly items: number; readonly bytes: number };
  readonly read: { readonly items: number; readonly bytes: number };
  readonly waitedMs: number;
  /** From the first to the last fact of each side. */
  readonly source: Span | null;
  readonly destination: Span | null;
  /** Items in sealed parts, and by kind as far as the parts say. */
  readonly sealed: number;
  readonly types: ByType;
  /** What the build counted in the end. */
  readonly built: { readonly items: number; readonly bytes: number } | null;
  readonly failed: ByType;
  readonly skipped: ByType;
  /** Items that it lists again as an update: what passes before it exported of them counts no more. */
  readonly superseded?: ByType;
};

/** Nothing was heard of the pass. */
export const nothing: PassFacts = {
  kind: null,
  number: 0,
  completed: false,
  runs: [],
  listed: { items: 0, bytes: 0 },
  read: { items: 0, bytes: 0 },
  waitedMs: 0,
  source: null,
  destination: null,
  sealed: 0,
  types: {},
  built: null,
  failed: {},
  skipped: {},
};
