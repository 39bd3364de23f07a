import { crc32 } from 'node:zlib';
import type { OutgoingRecord } from '../transport.js';

// One record in a segment file, little-endian:
//   0 u32 length    bytes after the first eight
//   4 u32 crc       CRC-32 of those bytes
//   8 u64 offset    of the record in its partition
//  16 u64 synced    everything below this offset was on the disk before this record was written
//  24 u32 headers   bytes of the headers, JSON, none if there are none
//  28 u32 key       bytes of the key, UTF-8
//  32 headers, key, value
// `synced` is what tells a torn tail from damage: whatever lies below the `synced` of an intact record was once
// confirmed, so it must never be cut away as if it had been a write that a crash interrupted.

/** Bytes of a record before its headers. */
export const HEAD_BYTES = 32;

/** Most bytes that key and headers of one record may take together. */
export const MAX_META_BYTES = 64 * 1024;

// Up to here a value is copied next to its head, above it is handed to the file as it is.
const COPY_BELOW = 4096;

const NO_BYTES = Buffer.alloc(0);

/** A record ready to be written: everything but its offset. */
export type Prepared = { readonly headers: Buffer; readonly key: Buffer; readonly value: Uint8Array };

/** Turns key and headers into bytes. The value is not copied: it must stay as it is until the send has resolved. */
export const prepare = (record: OutgoingRecord): Prepared => ({
  headers:
    record.headers === undefined || Object.keys(record.headers).length === 0 ? NO_BYTES : Buffer.from(JSON.stringify(record.headers)),
  key: Buffer.from(record.key),
  value: record.value,
});

/** Bytes that a prepared record takes in its file. */
export const storedBytes = (record: Prepared): number => HEAD_BYTES + record.headers.length + record.key.length + record.value.length;

/** Frames records that follow each other from `offset` on, as buffers for one gathered write. Large values are not copied. */
export const frame = (records: readonly Prepared[], offset: bigint, synced: bigint): Uint8Array[] => {
  let copied = 0;
  for (const { headers, key, value } of records)
    copied += HEAD_BYTES + headers.length + key.length + (value.length < COPY_BELOW ? value.length : 0);
  const arena = Buffer.allocUnsafe(copied);
  const parts: Uint8Array[] = [];
  let at = 0;
  let from = 0;
  let next = offset;
  for (const { headers, key, value } of records) {
    const start = at;
    arena.writeUInt32LE(HEAD_BYTES - 8 + headers.length + key.length + value.length, start);
    arena.writeBigUInt64LE(next++, start + 8);
    arena.writeBigUInt64LE(synced, start + 16);
    arena.writeUInt32LE(headers.length, start + 24);
    arena.writeUInt32LE(key.length, start + 28);
    at += HEAD_BYTES;
    at += headers.copy(arena, at);
    at += key.copy(arena, at);
    if (value.length < COPY_BELOW) {
      arena.set(value, at);
      at += value.length;
      arena.writeUInt32LE(crc32(arena.subarray(start + 8, at)), start + 4);
    } else {
      arena.writeUInt32LE(crc32(value, crc32(arena.subarray(start + 8, at))), start + 4);
      parts.push(arena.subarray(from, at), value);
      from = at;
    }
  }
  if (from < at) parts.push(arena.subarray(from, at));
  return parts;
};

/** A record found in a buffer. `bytes` is its whole length; `at` where it starts. */
export type Framed = { readonly offset: bigint; readonly synced: bigint; readonly at: number; readonly bytes: number };

/** Reads the head at `at`, without the checksum; undefined if fewer than `HEAD_BYTES` are left or the head cannot be one. */
export const readHead = (buffer: Buffer, at: number): Framed | undefined => {
  if (at + HEAD_BYTES > buffer.length) return undefined;
  const length = buffer.readUInt32LE(at);
  if (length < HEAD_BYTES - 8 || buffer.readUInt32LE(at + 24) + buffer.readUInt32LE(at + 28) > length - (HEAD_BYTES - 8)) return undefined;
  return { offset: buffer.readBigUInt64LE(at + 8), synced: buffer.readBigUInt64LE(at + 16), at, bytes: length + 8 };
};

/** True if the whole record is in the buffer and its checksum is right. */
export const isIntact = (buffer: Buffer, head: Framed): boolean =>
  head.at + head.bytes <= buffer.length && crc32(buffer.subarray(head.at + 8, head.at + head.bytes)) === buffer.readUInt32LE(head.at + 4);

/** Key, headers and value of an intact record. The value is a view into the buffer. */
export const readBody = (buffer: Buffer, head: Framed): { key: string; headers: Readonly<Record<string, string>>; value: Uint8Array } => {
  const headerBytes = buffer.readUInt32LE(head.at + 24);
  const keyAt = head.at + HEAD_BYTES + headerBytes;
  const valueAt = keyAt + buffer.readUInt32LE(head.at + 28);
  return {
    headers: headerBytes === 0 ? {} : (JSON.parse(buffer.toString('utf8', head.at + HEAD_BYTES, keyAt)) as Record<string, string>),
    key: buffer.toString('utf8', keyAt, valueAt),
    value: new Uint8Array(buffer.buffer, buffer.byteOffset + valueAt, head.at + head.bytes - valueAt),
  };
};
