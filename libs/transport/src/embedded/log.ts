import type { LogRecord } from '../transport.js';
import type { Prepared } from './record.js';

/** Records read in one go, and the offset to go on from. */
export type ReadBatch = { readonly records: readonly LogRecord[]; readonly next: bigint };

/** The records of one partition, in files or in memory. */
export interface Log {
  /** First offset that is still there. */
  readonly start: bigint;
  /** Offset of the next record. */
  readonly end: bigint;
  /** Resolves when the records can be read and, in files, are on the disk. */
  append(records: readonly Prepared[]): Promise<void>;
  /** Records from an offset on: as many as fit into `maxBytes` of values, at least one; none at the end. */
  read(from: bigint, maxBytes: number): Promise<ReadBatch>;
  /** Whether `trim` would take something off the disk. */
  frees(before: bigint): boolean;
  /** Forgets records below an offset, as far as whole pieces can be dropped. */
  trim(before: bigint): Promise<void>;
  /** Bytes from an offset to the end. May be an estimate. */
  bytesFrom(offset: bigint): number;
  /** Calls back after every append. Returns how to stop that. */
  onAppend(listener: () => void): () => void;
  /** Waits for appends under way. */
  close(): Promise<void>;
}
