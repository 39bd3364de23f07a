import { inflateSync } from 'node:zlib';
import { BLOCKTRAILER, BLOCKTRAILER_4K, BLOCKTRAILER_ANSI, PstCorrupt, blockBytes, type FileForm } from '../format/index.js';
import { CRYPT, CYCLIC_MIDDLE, PERMUTE_DECODE, PERMUTE_ENCODE, pstCrc, signature, substitute } from '../shared/index.js';
import { readId, type BlockRef } from './entries.js';
import type { Strictness } from './strictness.js';

/** Bit 1 of a block id: the block holds ids, not data, and is never encoded. [MS-PST] 2.2.2.2. */
export const isInternal = (bid: number): boolean => Math.floor(bid / 2) % 2 === 1;

/** The cyclic encoding, in place. [MS-PST] 5.2. `key` is the low half of the block id; encoding and decoding are the same. */
export const cyclic = (bytes: Uint8Array, key: number): void => {
  let w = ((key >>> 16) ^ key) & 0xffff;
  for (let i = 0; i < bytes.length; i++) {
    const low = w & 0xff;
    const high = w >>> 8;
    let b = PERMUTE_ENCODE[((bytes[i] as number) + low) & 0xff] as number;
    b = ((CYCLIC_MIDDLE[(b + high) & 0xff] as number) - high) & 0xff;
    bytes[i] = ((PERMUTE_DECODE[b] as number) - low) & 0xff;
    w = (w + 1) & 0xffff;
  }
};

/** Compares a block's trailer with its BBT entry and its bytes. [MS-PST] 2.2.2.8.1. `raw` is the block as on disk. Returns the CRC of the
 *  stored data. */
export const checkBlock = (raw: Uint8Array, ref: BlockRef, form: FileForm, strictness: Strictness): number => {
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  const at = raw.length - form.blockTrailerBytes;
  const offset = form.wide ? BLOCKTRAILER.offset : BLOCKTRAILER_ANSI.offset;
  const { bid, ib } = ref;
  const compare = (condition: string, field: string, expected: number, actual: number): void => {
    if (expected !== actual) strictness.flaw(new PstCorrupt(condition, field, { ib, bid, expected, actual }));
  };
  const storedBid = readId(view, at + offset.bid, form.wide);
  compare('size-mismatch', 'BLOCKTRAILER/cb', ref.cb, view.getUint16(at + offset.cb, true));
  compare('id-mismatch', 'BLOCKTRAILER/bid', bid - (bid % 2), storedBid - (storedBid % 2));
  compare('signature-mismatch', 'BLOCKTRAILER/wSig', signature(ib, storedBid), view.getUint16(at + offset.wSig, true));
  const crc = pstCrc(raw.subarray(0, ref.cb));
  compare('crc-mismatch', 'BLOCKTRAILER/dwCRC', view.getUint32(at + offset.dwCRC, true), crc);
  if (form.pageBytes > 512)
    compare('size-mismatch', 'BLOCKTRAILER/cbInflated', ref.size, view.getUint16(at + BLOCKTRAILER_4K.offset.cbInflated, true));
  return crc;
};

/** PERMUTE_DECODE for two bytes at once; four are read at a time, which halves the cost of the plain loop. */
const PAIRS = Uint16Array.from(
  { length: 0x1_0000 },
  (_, pair) => ((PERMUTE_DECODE[pair >>> 8] as number) << 8) | (PERMUTE_DECODE[pair & 0xff] as number),
);

const permute = (bytes: Uint8Array): void => {
  const words = bytes.byteOffset % 4 === 0 ? new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length >>> 2) : new Uint32Array(0);
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as number;
    words[i] = (PAIRS[word & 0xffff] as number) | ((PAIRS[word >>> 16] as number) << 16);
  }
  substitute(bytes.subarray(4 * words.length), PERMUTE_DECODE);
};

const decodeInPlace = (bytes: Uint8Array, bid: number, method: number): void => {
  if (isInternal(bid)) return;
  if (method === CRYPT.permute) permute(bytes);
  else if (method === CRYPT.cyclic) cyclic(bytes, bid % 0x1_0000_0000);
};

const inflated = (bytes: Uint8Array, ref: BlockRef): Uint8Array => {
  let out: Uint8Array;
  try {
    out = inflateSync(bytes, { maxOutputLength: Math.max(1, ref.size) });
  } catch (cause) {
    throw new PstCorrupt('block-not-inflatable', 'BBTENTRY/cbInflated', { ib: ref.ib, bid: ref.bid, expected: ref.size }, cause);
  }
  if (out.length !== ref.size) {
    throw new PstCorrupt('size-mismatch', 'BBTENTRY/cbInflated', { ib: ref.ib, bid: ref.bid, expected: ref.size, actual: out.length });
  }
  return out;
};

/** The data of a block, decoded by the method of HEADER/bCryptMethod, inflated where that applies: `ref.size` fresh bytes, or written to `into`
 *  at `at`. `raw` is not changed. */
export const decodeBlock = (raw: Uint8Array, ref: BlockRef, method: number, into?: Uint8Array, at = 0): Uint8Array => {
  const direct = into !== undefined && ref.size === ref.cb;
  // a copy in any case: `slice` of a Buffer would be a view
  const bytes = direct ? into.subarray(at, at + ref.cb) : new Uint8Array(ref.cb);
  bytes.set(raw.subarray(0, ref.cb));
  decodeInPlace(bytes, ref.bid, method);
  if (ref.size === ref.cb) return bytes;
  const out = inflated(bytes, ref);
  into?.set(out, at);
  return out;
};

/** Bytes a block takes on disk. */
export const storedBytes = (ref: BlockRef, form: FileForm): number => blockBytes(form, ref.cb);
