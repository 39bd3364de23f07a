import type { StateReader, StateWriter } from './checkpoint-codec.js';

/** A growing list of numbers in a typed array that knows how much of it the last checkpoint has. */
abstract class Growing<A extends Uint8Array | Uint16Array | Uint32Array> {
  data: A;
  length = 0;
  #saved = 0;

  protected constructor(data: A) {
    this.data = data;
  }

  protected abstract allocate(length: number): A;

  /** Makes room for `more` further elements. */
  room(more: number): void {
    const need = this.length + more;
    if (need <= this.data.length) return;
    const grown = this.allocate(Math.max(need, 2 * this.data.length));
    grown.set(this.data.subarray(0, this.length));
    this.data = grown;
  }

  /** Adds a number and returns its position. */
  push(value: number): number {
    if (this.length === this.data.length) this.room(1);
    this.data[this.length] = value;
    return this.length++;
  }

  /** The element at `index`, which must be below `length`. */
  at(index: number): number {
    return this.data[index] as number;
  }

  /** Empties the list; the memory stays. */
  clear(): void {
    this.length = 0;
    this.#saved = 0;
  }

  /** Writes what was added since the last call, or everything. */
  save(out: StateWriter): void {
    const from = out.full ? 0 : this.#saved;
    out.int(from);
    const added = this.data.subarray(from, this.length);
    out.bytes(new Uint8Array(added.buffer, added.byteOffset, added.byteLength));
    this.#saved = this.length;
  }

  /** Applies what `save` wrote. */
  load(from: StateReader): void {
    this.length = from.int();
    const added = from.bytes();
    const count = added.length / this.data.BYTES_PER_ELEMENT;
    this.room(count);
    const into = this.data.subarray(this.length, this.length + count);
    new Uint8Array(into.buffer, into.byteOffset, into.byteLength).set(added);
    this.length += count;
    this.#saved = this.length;
  }
}

/** Growing bytes. */
export class GrowingBytes extends Growing<Uint8Array> {
  constructor(initial = 0) {
    super(new Uint8Array(initial));
  }

  protected allocate(length: number): Uint8Array {
    return new Uint8Array(length);
  }
}

/** Growing list of 16-bit numbers. */
export class GrowingU16 extends Growing<Uint16Array> {
  constructor(initial = 0) {
    super(new Uint16Array(initial));
  }

  protected allocate(length: number): Uint16Array {
    return new Uint16Array(length);
  }
}

/** Growing list of 32-bit numbers. */
export class GrowingU32 extends Growing<Uint32Array> {
  constructor(initial = 0) {
    super(new Uint32Array(initial));
  }

  protected allocate(length: number): Uint32Array {
    return new Uint32Array(length);
  }
}
