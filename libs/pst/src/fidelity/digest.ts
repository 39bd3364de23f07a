import type { PropertyName } from '@pstream/mapi';

import { MAX_BLOCK_BYTES, MAX_HEAP_ITEM_BYTES, copyBytes, hash16, pstCrc } from '../shared/index.js';
import type { KeptBag } from './bag.js';
import type { KeptItem } from './kept-item.js';
import { leafCount } from './values.js';

/** CRCs of the leaf-sized pieces of the long values of an item, so that the writer need not compute them again. */
export type LeafCrcs = Map<Uint8Array, Uint32Array>;

/** The canonical bytes of an item, built in a buffer that is reused. */
export class Canon {
  #buffer = Buffer.alloc(0x4000);
  #length = 0;

  reset(): void {
    this.#length = 0;
    if (this.#buffer.length > 0x10_0000) this.#buffer = Buffer.alloc(0x4000);
  }

  digest(): Uint8Array {
    return hash16('sha256', this.#buffer.subarray(0, this.#length));
  }

  u32(value: number): void {
    const at = this.#length;
    if (at + 4 > this.#buffer.length) this.#grow(4);
    const buffer = this.#buffer;
    buffer[at] = value & 0xff;
    buffer[at + 1] = (value >>> 8) & 0xff;
    buffer[at + 2] = (value >>> 16) & 0xff;
    buffer[at + 3] = (value >>> 24) & 0xff;
    this.#length = at + 4;
  }

  bytes(value: Uint8Array): void {
    this.part(value, 0, value.length);
  }

  /** `length` bytes of a buffer. */
  part(buffer: Uint8Array, from: number, length: number): void {
    const at = this.#length;
    if (at + length > this.#buffer.length) this.#grow(length);
    copyBytes(buffer, from, length, this.#buffer, at);
    this.#length = at + length;
  }

  /** A string: its bytes in UTF-16LE, and their number before them. */
  text(value: string): void {
    const bytes = 2 * value.length;
    this.u32(bytes);
    let at = this.#length;
    if (at + bytes > this.#buffer.length) this.#grow(bytes);
    const buffer = this.#buffer;
    for (let i = 0; i < value.length; i++, at += 2) {
      const unit = value.charCodeAt(i);
      buffer[at] = unit & 0xff;
      buffer[at + 1] = unit >>> 8;
    }
    this.#length = at;
  }

  #grow(bytes: number): void {
    const grown = Buffer.alloc(Math.max(2 * this.#buffer.length, this.#length + bytes));
    grown.set(this.#buffer.subarray(0, this.#length));
    this.#buffer = grown;
  }
}

const canon = new Canon();

const putValue = (value: Uint8Array, leafCrcs: LeafCrcs | undefined): void => {
  canon.u32(value.length);
  if (value.length <= MAX_HEAP_ITEM_BYTES) {
    canon.bytes(value);
    return;
  }
  let crcs = leafCrcs?.get(value);
  if (crcs === undefined) {
    crcs = new Uint32Array(leafCount(value.length));
    for (let i = 0; i < crcs.length; i++) crcs[i] = pstCrc(value.subarray(i * MAX_BLOCK_BYTES, (i + 1) * MAX_BLOCK_BYTES));
    leafCrcs?.set(value, crcs);
  }
  for (const crc of crcs) canon.u32(crc);
};

/** A name, canonically. */
export const putName = (canon: Canon, name: PropertyName): void => {
  canon.bytes(name.set);
  if (name.lid !== undefined) {
    canon.u32(0);
    canon.u32(name.lid);
  } else {
    canon.u32(1);
    canon.text(name.name);
  }
};

const putBag = (bag: KeptBag, leafCrcs: LeafCrcs | undefined): void => {
  canon.u32(bag.tags.length);
  for (let i = 0; i < bag.tags.length; i++) {
    canon.u32(bag.tags[i] as number);
    putValue(bag.values[i] as Uint8Array, leafCrcs);
  }
  canon.u32(bag.names.length);
  for (let i = 0; i < bag.names.length; i++) {
    putName(canon, bag.names[i] as PropertyName);
    canon.u32(bag.namedTypes[i] as number);
    putValue(bag.namedValues[i] as Uint8Array, leafCrcs);
  }
};

const putItem = (item: KeptItem, leafCrcs: LeafCrcs | undefined): void => {
  putBag(item.bag, leafCrcs);
  canon.u32(item.recipients.length);
  for (const recipient of item.recipients) putBag(recipient, leafCrcs);
  canon.u32(item.attachments.length);
  for (const { bag, embedded } of item.attachments) {
    putBag(bag, leafCrcs);
    canon.u32(embedded === undefined ? 0 : 1);
    if (embedded !== undefined) putItem(embedded, leafCrcs);
  }
};

/** 16 bytes over a kept item: SHA-256, cut, of its canonical form. A value that goes to a subnode (over 3,580 bytes) enters it as its
 *  length and the CRC-32 of each 8,176-byte piece, the same that stand in the block trailers: that finds damage and confusion at no
 *  extra cost, and is no proof against somebody who forges content. Fills `leafCrcs` when given. */
export const digestOf = (item: KeptItem, leafCrcs?: LeafCrcs): Uint8Array => {
  canon.reset();
  putItem(item, leafCrcs);
  return canon.digest();
};
