import type { DamagedRecord, LogRecord, OutgoingRecord } from '../transport.js';

/** Records read in one go and the offset to go on from; or the one damaged record that lies there. Without either, what was asked for has been
 *  trimmed, or nothing was there yet. */
export type ReadBatch = { readonly records: readonly LogRecord[]; readonly next: bigint; readonly damaged?: DamagedRecord };

/** A record on its way into a log, its headers also as the text that is stored. The value is the sender's own. */
export type Prepared = {
  readonly key: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly headersText: string;
  readonly value: Uint8Array;
};

/** The records of one partition, in the database or in memory. */
export interface Log {
  /** First offset that is still there. */
  readonly start: bigint;
  /** Offset of the next record. */
  readonly end: bigint;
  /** Resolves when the records can be read and, in the database, are on the disk. Values are not used after that. */
  append(records: readonly Prepared[]): Promise<void>;
  /** Records from an offset on: as many as fit into `maxBytes` of values, at least one; none at the end. */
  read(from: bigint, maxBytes: number): Promise<ReadBatch>;
  /** Forgets records below an offset. */
  trim(before: bigint): Promise<void>;
  /** Bytes of values from an offset to the end. */
  bytesFrom(offset: bigint): Promise<number>;
  /** Calls back after every append. Returns how to stop that. */
  onAppend(listener: () => void): () => void;
  /** Waits for appends under way. */
  close(): Promise<void>;
}

/** Bytes that key and headers of one record may take together. */
export const MAX_META_BYTES = 64 * 1024;

/** A record as logs take it. */
export const prepare = ({ key, headers = {}, value }: OutgoingRecord): Prepared => ({
  key,
  headers: { ...headers },
  headersText: Object.keys(headers).length === 0 ? '' : JSON.stringify(headers),
  value,
});

/** Bytes of key and headers. */
export const metaBytes = ({ key, headersText }: Prepared): number => Buffer.byteLength(key) + Buffer.byteLength(headersText);

/** Headers as `prepare` wrote them. */
export const readHeaders = (text: string): Readonly<Record<string, string>> =>
  text === '' ? {} : (JSON.parse(text) as Record<string, string>);
