/** How the records of a pass are dealt with. Only in the first case they go to the builder as they come; otherwise they are set aside, so
 *  that they leave the log and hold nobody up. */
export type FeedState =
  | { readonly is: 'direct' }
  /** Those set aside are built first. */
  | { readonly is: 'catching-up' }
  /** A fault may pass: then the builder catches up. */
  | { readonly is: 'waiting'; readonly untilMs: number }
  /** The attempt failed or was stopped: a later one catches up. */
  | { readonly is: 'resting'; readonly attempt: number };

/** What a feed needs of its partition. */
export type FeedOwner = {
  readonly partition: number;
  /** Aborted when the partition is lost. */
  readonly signal: AbortSignal;
  /** Every record below this offset has come; undefined before the first one. */
  readonly position: bigint | undefined;
  /** Records from this offset on are to be taken again. */
  rewind(from: bigint): void;
  /** The feed has done something. */
  moved(): void;
  /** Our own bug: the process should end. */
  failed(error: unknown): void;
};
