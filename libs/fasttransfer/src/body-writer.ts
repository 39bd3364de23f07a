import { assert } from '@pstream/kernel';
import { OPCODE, RECORD_HEADER } from './wire.js';

/** Writes records, and cuts the inner stream into TransferBuffer bodies as a server does: between fields, or inside a value at a multiple of
 *  its step. A field that is longer than a body gets a body of its own. Holds the whole file in one buffer. */
export class BodyWriter {
  #out: Uint8Array;
  #view: DataView;
  #end = 0;
  /** Where the current body begins; undefined before the first. */
  #body: number | undefined;
  readonly #bodyBytes: number;

  /** `capacity` is a guess of the file's size in bytes; a good one saves copying. */
  constructor(bodyBytes: number, capacity: number) {
    assert(Number.isSafeInteger(bodyBytes) && bodyBytes > 0, 'a TransferBuffer body holds at least one byte');
    this.#bodyBytes = bodyBytes;
    this.#out = new Uint8Array(capacity);
    this.#view = new DataView(this.#out.buffer);
  }

  /** Writes a record other than TransferBuffer, before the first field. */
  record(opcode: number, body: Uint8Array): void {
    this.#reserve(RECORD_HEADER + body.length);
    this.#view.setUint32(this.#end, opcode, true);
    this.#view.setInt32(this.#end + 4, body.length, true);
    this.#out.set(body, this.#end + RECORD_HEADER);
    this.#end += RECORD_HEADER + body.length;
  }

  /** Writes a field that is not cut. */
  field(bytes: Uint8Array): void {
    this.#place(bytes.length);
    this.#out.set(bytes, this.#end);
    this.#end += bytes.length;
  }

  /** Writes an uint32, not cut. */
  u32(value: number): void {
    this.#place(4);
    this.#view.setUint32(this.#end, value, true);
    this.#end += 4;
  }

  /** Writes a value that may be cut at multiples of `step` bytes from its beginning, then `zeros` zero bytes that belong to it. */
  value(bytes: Uint8Array, step: 1 | 2, zeros: number): void {
    const total = bytes.length + zeros;
    for (let at = 0; at < total; ) {
      let room = this.#room(step);
      if (room === 0) {
        this.#open();
        room = Math.max(step, this.#bodyBytes - (this.#bodyBytes % step));
      }
      const count = Math.min(room, total - at);
      this.#reserve(count);
      const given = bytes.subarray(at, at + count);
      this.#out.set(given, this.#end);
      this.#out.fill(0, this.#end + given.length, this.#end + count);
      this.#end += count;
      at += count;
    }
  }

  /** The file. */
  finish(): Uint8Array {
    this.#close();
    return this.#out.subarray(0, this.#end);
  }

  #room(step: number): number {
    if (this.#body === undefined) return 0;
    const room = Math.max(0, this.#bodyBytes - (this.#end - this.#body));
    return room - (room % step);
  }

  #place(count: number): void {
    if (this.#body === undefined || (this.#end > this.#body && count > this.#room(1))) this.#open();
    this.#reserve(count);
  }

  #open(): void {
    this.#close();
    this.#reserve(RECORD_HEADER);
    this.#view.setUint32(this.#end, OPCODE.TransferBuffer, true);
    this.#end += RECORD_HEADER;
    this.#body = this.#end;
  }

  #close(): void {
    if (this.#body !== undefined) this.#view.setInt32(this.#body - 4, this.#end - this.#body, true);
  }

  #reserve(count: number): void {
    if (this.#end + count <= this.#out.length) return;
    const grown = new Uint8Array(Math.max(this.#out.length * 2, this.#end + count));
    grown.set(this.#out.subarray(0, this.#end));
    this.#out = grown;
    this.#view = new DataView(grown.buffer);
  }
}
