/** Different addresses that are counted; a store that names more has no owner among the rest. */
const MOST_COUNTED = 20_000;

/** How often each address was met, under the form in which it was met first. */
export class Tally {
  readonly #counts = new Map<string, number>();
  /** Items that named any. */
  items = 0;

  /** Counts the addresses of one item, each once. */
  add(addresses: readonly string[]): void {
    if (addresses.length === 0) return;
    this.items++;
    for (const address of new Set(addresses)) {
      const count = this.#counts.get(address);
      if (count !== undefined || this.#counts.size < MOST_COUNTED) this.#counts.set(address, (count ?? 0) + 1);
    }
  }

  /** The same with every address replaced by what `rename` makes of it. */
  renamed(rename: (address: string) => string): Tally {
    const out = new Tally();
    out.items = this.items;
    for (const [address, count] of this.#counts) {
      const name = rename(address);
      out.#counts.set(name, (out.#counts.get(name) ?? 0) + count);
    }
    return out;
  }

  /** The most frequent address, how often it was met, and how often the second; nothing where two lead. */
  lead(): { readonly address: string; readonly count: number; readonly second: number } | undefined {
    let first: readonly [string, number] = ['', 0];
    let second = 0;
    for (const [address, count] of this.#counts) {
      if (count > first[1]) {
        second = first[1];
        first = [address, count];
      } else second = Math.max(second, count);
    }
    return first[1] === second ? undefined : { address: first[0], count: first[1], second };
  }
}
