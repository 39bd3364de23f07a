import { Fault } from '@pstream/kernel';

import { pstCrc } from '../shared/index.js';

/** Writes the parts of a checkpoint: variable-length integers and runs of bytes. */
export class StateWriter {
  /** Whether the whole state is asked for, and not only what is new. */
  readonly full: boolean;
  #bytes = new Uint8Array(4096);
  #length = 0;

  constructor(full: boolean) {
    this.full = full;
  }

  /** A non-negative integer below 2^53, seven bits a byte. */
  int(value: number): void {
    this.#room(8);
    let rest = value;
    while (rest >= 0x80) {
      this.#bytes[this.#length++] = rest % 0x80 | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.#bytes[this.#length++] = rest;
  }

  bytes(value: Uint8Array): void {
    this.int(value.length);
    this.#room(value.length);
    this.#bytes.set(value, this.#length);
    this.#length += value.length;
  }

  text(value: string): void {
    this.bytes(Buffer.from(value, 'utf16le'));
  }

  /** Everything written, with a CRC behind it. */
  finish(): Uint8Array {
    const out = new Uint8Array(this.#length + 4);
    out.set(this.#bytes.subarray(0, this.#length));
    new DataView(out.buffer).setUint32(this.#length, pstCrc(out.subarray(0, this.#length)), true);
    return out;
  }

  #room(bytes: number): void {
    if (this.#length + bytes <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(2 * this.#bytes.length, this.#length + bytes));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }
}

/** Reads what `StateWriter` wrote. Throws Fault 'checkpoint.damaged' (retry: never) when the CRC is wrong or bytes are missing. */
export class StateReader {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#end = bytes.length - 4;
    if (this.#end < 0) throw damaged(bytes.length);
    const stored = new DataView(bytes.buffer, bytes.byteOffset).getUint32(this.#end, true);
    if (stored !== pstCrc(bytes.subarray(0, this.#end))) throw damaged(bytes.length);
  }

  int(): number {
    let value = 0;
    let unit = 1;
    for (;;) {
      if (this.#at >= this.#end) throw damaged(this.#bytes.length);
      const byte = this.#bytes[this.#at++] as number;
      value += (byte & 0x7f) * unit;
      if (byte < 0x80) return value;
      unit *= 0x80;
    }
  }

  bytes(): Uint8Array {
    const length = this.int();
    if (length > this.#end - this.#at) throw damaged(this.#bytes.length);
    const value = this.#bytes.subarray(this.#at, this.#at + length);
    this.#at += length;
    return value;
  }

  text(): string {
    const value = this.bytes();
    return Buffer.from(value.buffer, value.byteOffset, value.length).toString('utf16le');
  }
}

const damaged = (bytes: number): Fault =>
  new Fault('checkpoint.damaged', { retry: 'never', facts: { bytes }, advice: 'resume from the checkpoints before this one' });
