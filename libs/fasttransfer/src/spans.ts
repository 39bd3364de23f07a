/** Joins the slices of the inner stream logically: reads run across slices, and a value inside one slice is a view of it.
 *  Callers check `left` before they read; nothing here grows beyond the slices that were appended. */
export class Spans {
  /** Bytes appended and not yet read. */
  left = 0;
  /** Offset of the next byte in the joined stream. */
  offset = 0;
  #slice: Uint8Array = EMPTY;
  #at = 0;
  #file = 0;
  #queue: { readonly bytes: Uint8Array; readonly file: number }[] = [];
  #next = 0;

  /** Adds a slice that begins at byte `file` of the file. It is kept by reference. */
  append(bytes: Uint8Array, file: number): void {
    if (bytes.length === 0) return;
    this.#queue.push({ bytes, file });
    this.left += bytes.length;
  }

  /** File offset of the next byte, or of the end of what has been read if nothing is left. */
  get fileOffset(): number {
    if (this.#at === this.#slice.length && this.left > 0) this.#advance();
    return this.#file + this.#at;
  }

  /** Takes `count` bytes: a view if they lie in one slice, otherwise a joined copy. */
  take(count: number): Uint8Array {
    if (this.#at === this.#slice.length && count > 0) this.#advance();
    if (this.#slice.length - this.#at >= count) {
      const view = this.#slice.subarray(this.#at, this.#at + count);
      this.#at += count;
      this.offset += count;
      this.left -= count;
      return view;
    }
    const joined = new Uint8Array(count);
    for (let filled = 0; filled < count; ) filled += this.copyInto(joined, filled);
    return joined;
  }

  /** Takes what is left of the current slice, at most `limit` bytes, as a view. */
  takeSlice(limit: number): Uint8Array {
    if (this.#at === this.#slice.length) this.#advance();
    return this.take(Math.min(limit, this.#slice.length - this.#at));
  }

  /** Fills `target` from `from` on with bytes of the current slice and returns how many; needs at least one byte left. */
  copyInto(target: Uint8Array, from: number): number {
    const piece = this.takeSlice(target.length - from);
    target.set(piece, from);
    return piece.length;
  }

  u8(): number {
    if (this.#at === this.#slice.length) this.#advance();
    this.offset++;
    this.left--;
    return this.#slice[this.#at++]!;
  }

  u16(): number {
    return this.u8() | (this.u8() << 8);
  }

  u32(): number {
    const at = this.#at;
    const slice = this.#slice;
    if (slice.length - at >= 4) {
      this.#at += 4;
      this.offset += 4;
      this.left -= 4;
      return (slice[at]! | (slice[at + 1]! << 8) | (slice[at + 2]! << 16) | (slice[at + 3]! << 24)) >>> 0;
    }
    return (this.u16() | (this.u16() << 16)) >>> 0;
  }

  /** Goes on to the next slice and lets go of the one that has been read. */
  #advance(): void {
    const next = this.#queue[this.#next++]!;
    this.#slice = next.bytes;
    this.#file = next.file;
    this.#at = 0;
    if (this.#next === this.#queue.length) {
      this.#queue = [];
      this.#next = 0;
    }
  }
}

/** No bytes. */
export const EMPTY = new Uint8Array(0);
