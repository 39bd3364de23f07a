import { Fault, freeNow } from '@pstream/kernel';

/** Most items fit; kept from item to item. A multiple of 3, so that it fills with whole quads. */
const FIRST_SEGMENT = 3 * 128 * 1024;
const NEXT_SEGMENT = 3 * 1024 * 1024;

/** Decodes one padded base64 text after another (RFC 4648 §4), each in pieces cut anywhere, straight into bytes. An item larger
 *  than the first segment is gathered in segments that are given back one by one while the result is joined, so it is
 *  never in memory twice. Throws Fault 'graph.bad-base64' (retry: now) and 'graph.item-too-large' (never). */
export class Base64Sink {
  readonly #limit: number;
  readonly #first = Buffer.allocUnsafeSlow(FIRST_SEGMENT);
  readonly #carry = Buffer.alloc(4);
  #more: Buffer[] = [];
  #current = this.#first;
  #used = 0;
  #carried = 0;
  #total = 0;
  #padded = false;

  constructor(limitBytes: number) {
    this.#limit = limitBytes;
  }

  /** Takes the characters `from`..`to` of `chunk`. */
  write(chunk: Buffer, from: number, to: number): void {
    let at = from;
    while (this.#carried > 0 && at < to) {
      this.#carry[this.#carried++] = chunk[at++]!;
      if (this.#carried === 4) {
        this.#carried = 0;
        this.#quads(this.#carry, 0, 4);
      }
    }
    const whole = at + Math.floor((to - at) / 4) * 4;
    if (whole > at) this.#quads(chunk, at, whole);
    for (at = whole > at ? whole : at; at < to; at++) this.#carry[this.#carried++] = chunk[at]!;
  }

  /** Ends the text and returns its bytes in a buffer of their own; the sink is ready for the next text. */
  end(): Uint8Array {
    if (this.#carried !== 0) this.#bad();
    const result = Buffer.allocUnsafeSlow(this.#total);
    let at = this.#first.copy(result, 0, 0, Math.min(this.#total, FIRST_SEGMENT));
    for (const segment of this.#more) {
      at += segment.copy(result, at, 0, Math.min(this.#total - at, NEXT_SEGMENT));
      freeNow(segment);
    }
    this.reset();
    return new Uint8Array(result.buffer);
  }

  /** Forgets a text that was begun. */
  reset(): void {
    this.#more = [];
    this.#current = this.#first;
    this.#used = 0;
    this.#carried = 0;
    this.#total = 0;
    this.#padded = false;
  }

  #quads(chunk: Buffer, from: number, to: number): void {
    for (let at = from; at < to; ) {
      if (this.#padded) this.#bad();
      if (this.#used === this.#current.length) this.#grow();
      const end = Math.min(to, at + ((this.#current.length - this.#used) / 3) * 4);
      const padding = chunk[end - 1] === 0x3d ? (chunk[end - 2] === 0x3d ? 2 : 1) : 0;
      this.#padded = padding > 0;
      // Node's decoder skips what is no base64 and stops at padding: a wrong count is how both show.
      const expected = ((end - at) / 4) * 3 - padding;
      if (this.#current.write(chunk.toString('latin1', at, end), this.#used, 'base64') !== expected) this.#bad();
      this.#total += expected;
      // After padding nothing more may come, so a used count that is no multiple of 3 is never divided again.
      this.#used += expected;
      if (this.#total > this.#limit) {
        throw new Fault('graph.item-too-large', {
          retry: 'never',
          facts: { limitBytes: this.#limit },
          advice: `The stream of this item is larger than ${Math.floor(this.#limit / 2 ** 20)} MiB, the most that one item may have. Export it by other means.`,
        });
      }
      at = end;
    }
  }

  #grow(): void {
    this.#current = Buffer.allocUnsafeSlow(NEXT_SEGMENT);
    this.#more.push(this.#current);
    this.#used = 0;
  }

  #bad(): never {
    const bytes = this.#total;
    this.reset();
    throw new Fault('graph.bad-base64', { retry: 'now', facts: { decodedBytes: bytes } });
  }
}
