import { Defect } from '@pstream/kernel';

/** A set of item keys that costs 16 bytes a key at most twice over: item keys are ULID-shaped hashes, kept as their
 *  128 bits in an open-addressed table. Also remembers the order, so that what was added since can be saved. */
export class KeySet {
  /** Keys in order of arrival, four 32-bit words each. */
  #words = new Uint32Array(4 * 256);
  #slots = new Int32Array(512).fill(-1);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  has(key: string): boolean {
    return this.#slots[this.#find(parse(key))]! >= 0;
  }

  /** False if the key was there before. */
  add(key: string): boolean {
    return this.#add(parse(key));
  }

  /** The keys from the nth on, 16 bytes each. */
  since(first: number): Uint8Array {
    return new Uint8Array(this.#words.slice(first * 4, this.#size * 4).buffer);
  }

  /** Adds keys as `since` gave them. */
  addAll(bytes: Uint8Array): void {
    const copy = new Uint8Array(bytes);
    const words = new Uint32Array(copy.buffer, 0, copy.length >>> 2);
    for (let i = 0; i + 4 <= words.length; i += 4) this.#add(words.subarray(i, i + 4));
  }

  #add(key: Uint32Array): boolean {
    let slot = this.#find(key);
    if (this.#slots[slot]! >= 0) return false;
    if ((this.#size + 1) * 2 > this.#slots.length) {
      this.#grow();
      slot = this.#find(key);
    }
    if ((this.#size + 1) * 4 > this.#words.length) {
      const wider = new Uint32Array(this.#words.length * 2);
      wider.set(this.#words);
      this.#words = wider;
    }
    this.#words.set(key, this.#size * 4);
    this.#slots[slot] = this.#size++;
    return true;
  }

  #find(key: Uint32Array): number {
    const mask = this.#slots.length - 1;
    for (let slot = key[0]! & mask; ; slot = (slot + 1) & mask) {
      const at = this.#slots[slot]!;
      if (at < 0) return slot;
      const w = at * 4;
      if (this.#words[w] === key[0] && this.#words[w + 1] === key[1] && this.#words[w + 2] === key[2] && this.#words[w + 3] === key[3])
        return slot;
    }
  }

  #grow(): void {
    this.#slots = new Int32Array(this.#slots.length * 2).fill(-1);
    for (let n = 0; n < this.#size; n++) this.#slots[this.#find(this.#words.subarray(n * 4, n * 4 + 4))] = n;
  }
}

const DIGITS = new Map(Array.from('0123456789ABCDEFGHJKMNPQRSTVWXYZ', (digit, value) => [digit, BigInt(value)]));

/** The 128 bits of a ULID-shaped key. */
const parse = (key: string): Uint32Array => {
  let value = 0n;
  for (const character of key) {
    const digit = DIGITS.get(character);
    if (digit === undefined) throw new Defect('an item key is not ULID-shaped');
    value = (value << 5n) | digit;
  }
  return Uint32Array.of(
    Number(value & 0xffffffffn),
    Number((value >> 32n) & 0xffffffffn),
    Number((value >> 64n) & 0xffffffffn),
    Number((value >> 96n) & 0xffffffffn),
  );
};
