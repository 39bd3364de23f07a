import { damaged, type Condition } from './faults.js';
import type { Spans } from './spans.js';
import { CONFIG, COPY_TO, IID_IMESSAGE, IS_INTERFACE_OK, isMoveOpcode, OPCODE, RECORD_HEADER, TELL_PARTNER_VERSION } from './wire.js';

// file   = Config IsInterfaceOk [TellPartnerVersion] 1*TransferBuffer
// record = opcode:uint32 length:int32 body                ; no padding, no trailer
// All samples carry TellPartnerVersion. Its absence is accepted because nothing is decided by it.

const RANK = new Map<number, number>([
  [OPCODE.Config, 1],
  [OPCODE.IsInterfaceOk, 2],
  [OPCODE.TellPartnerVersion, 3],
  [OPCODE.TransferBuffer, 4],
]);
const FIXED_BYTES = new Map<number, number>([
  [OPCODE.Config, CONFIG.bytes],
  [OPCODE.IsInterfaceOk, IS_INTERFACE_OK.bytes],
  [OPCODE.TellPartnerVersion, TELL_PARTNER_VERSION.bytes],
]);

/** Reads the outer records from chunks cut anywhere and hands the TransferBuffer bodies on as views. Holds at most 24 bytes of its own.
 *  Throws the record faults with the file offset of the record's first byte. */
export class RecordReader {
  readonly #spans: Spans;
  readonly #held = new Uint8Array(IS_INTERFACE_OK.bytes);
  #heldCount = 0;
  #file = 0;
  #recordAt = 0;
  #opcode: number | undefined;
  #bodyLeft = 0;
  #rank = 0;
  #sawBody = false;

  constructor(spans: Spans) {
    this.#spans = spans;
  }

  /** Takes the next bytes of the file; they are kept by reference as far as they are item data. */
  push(chunk: Uint8Array): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#opcode === OPCODE.TransferBuffer) {
        const count = Math.min(this.#bodyLeft, chunk.length - at);
        this.#spans.append(chunk.subarray(at, at + count), this.#file);
        at += count;
        this.#file += count;
        this.#bodyLeft -= count;
        if (this.#bodyLeft === 0) this.#opcode = undefined;
        continue;
      }
      const wanted = this.#opcode === undefined ? RECORD_HEADER : this.#bodyLeft;
      const count = Math.min(wanted - this.#heldCount, chunk.length - at);
      this.#held.set(chunk.subarray(at, at + count), this.#heldCount);
      if (this.#opcode === undefined && this.#heldCount === 0) this.#recordAt = this.#file;
      this.#heldCount += count;
      at += count;
      this.#file += count;
      if (this.#heldCount < wanted) return;
      this.#heldCount = 0;
      if (this.#opcode === undefined) this.#header();
      else this.#body(this.#opcode);
    }
  }

  /** The file has ended. Throws 'truncated-record' if that is inside a record or before any item data. */
  finish(): void {
    if (this.#opcode !== undefined) throw this.#fault('truncated-record', { expected: this.#bodyLeft, found: this.#heldCount });
    if (this.#heldCount > 0) throw this.#fault('truncated-record', { expected: RECORD_HEADER, found: this.#heldCount });
    this.#recordAt = this.#file;
    if (!this.#sawBody) throw this.#fault('truncated-record', { expected: 'TransferBuffer', found: 'end of file' });
  }

  #header(): void {
    const view = new DataView(this.#held.buffer);
    const opcode = view.getUint32(0, true);
    const length = view.getInt32(4, true);
    const rank = RANK.get(opcode);
    if (rank === undefined) {
      throw this.#fault(isMoveOpcode(opcode) ? 'unsupported-opcode' : 'unknown-opcode', { expected: '1..4', found: opcode });
    }
    const fixed = FIXED_BYTES.get(opcode);
    if (length < 0 || (fixed !== undefined && length !== fixed)) {
      throw this.#fault('bad-record-length', { opcode, expected: fixed ?? '0 or more', found: length });
    }
    const inOrder = rank === 4 ? this.#rank >= 2 : rank === this.#rank + 1;
    if (!inOrder) throw this.#fault('record-order', { expected: 'records 1, 3, 4, 2', found: opcode });
    this.#rank = rank;
    this.#bodyLeft = length;
    if (length > 0) this.#opcode = opcode;
    if (opcode === OPCODE.TransferBuffer && length > 0) this.#sawBody = true;
  }

  #body(opcode: number): void {
    this.#opcode = undefined;
    const view = new DataView(this.#held.buffer);
    if (opcode === OPCODE.TellPartnerVersion) return;
    const method = view.getUint32(opcode === OPCODE.Config ? CONFIG.method : IS_INTERFACE_OK.method, true);
    if (method !== COPY_TO) throw this.#fault('unsupported-method', { expected: COPY_TO, found: method });
    if (opcode === OPCODE.IsInterfaceOk && !IID_IMESSAGE.every((byte, index) => byte === this.#held[IS_INTERFACE_OK.iid + index])) {
      throw this.#fault('unsupported-interface', { expected: 'IMessage', found: 'another interface' });
    }
  }

  #fault(condition: Condition, facts: Record<string, string | number>): Error {
    return damaged(condition, { streamOffset: null, fileOffset: this.#recordAt, lastTag: null }, facts);
  }
}
