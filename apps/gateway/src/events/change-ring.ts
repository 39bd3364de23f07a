import type { Change, Switched } from '@pstream/contracts';

/** A change with its place. `position` is where a reader stands who has seen it. */
export type Held = { readonly partition: number; readonly offset: bigint; readonly change: Change | Switched; readonly position: string };

/** Entries that leave together. */
const FORGOTTEN = 1_000;

type Bounds = { readonly entries: number; readonly bytes: number };

/** The changes that came last, in the order in which they came here. A position names the next offset of **every** partition, so it
 *  holds at any other gateway too, whatever order the partitions were read in there. Bounded by count and by bytes. */
export class ChangeRing {
  readonly #bounds: Bounds;
  /** From here on everything of a partition is held. */
  readonly #first = new Map<number, bigint>();
  readonly #next = new Map<number, bigint>();
  /** The entries before `#oldest` are forgotten; they leave the array together, since each removal at its front would move all others. */
  #held: { readonly held: Held; readonly bytes: number }[] = [];
  #oldest = 0;
  #bytes = 0;

  constructor(bounds: Bounds) {
    this.#bounds = bounds;
  }

  /** Partitions that are read. */
  get partitions(): number {
    return this.#next.size;
  }

  /** A partition is read from this offset on. */
  begin(partition: number, offset: bigint): void {
    if (this.#next.has(partition)) return;
    this.#first.set(partition, offset);
    this.#next.set(partition, offset);
  }

  /** Takes a record; undefined for one that was here before. */
  add(partition: number, offset: bigint, change: Change | Switched, bytes: number): Held | undefined {
    this.begin(partition, offset);
    if (offset < (this.#next.get(partition) ?? 0n)) return undefined;
    this.#next.set(partition, offset + 1n);
    const held = { partition, offset, change, position: this.position };
    this.#held.push({ held, bytes });
    this.#bytes += bytes;
    while (this.#held.length - this.#oldest > this.#bounds.entries || this.#bytes > this.#bounds.bytes) this.#forget();
    return held;
  }

  /** Notes which record of a partition comes next. True if others were to come before it: they were forgotten before they were read, and nobody who stands
   *  before it can be given everything. */
  leavesOut(partition: number, offset: bigint): boolean {
    const next = this.#next.get(partition);
    if (next === undefined || offset <= next) return false;
    this.#first.set(partition, offset);
    this.#next.set(partition, offset);
    return true;
  }

  /** A record that nobody can read is passed over. */
  skip(partition: number, offset: bigint): void {
    if (offset >= (this.#next.get(partition) ?? 0n)) this.#next.set(partition, offset + 1n);
  }

  /** Where a reader stands who has seen everything: `0.17-1.4` for the next offsets of partitions 0 and 1. */
  get position(): string {
    return [...this.#next]
      .sort(([a], [b]) => a - b)
      .map(([partition, next]) => `${partition}.${next}`)
      .join('-');
  }

  /** What came after a position; undefined if some of it is held no more, or the position is none of this log. */
  since(position: string): readonly Held[] | undefined {
    const seen = positionsOf(position);
    if (seen === undefined || seen.size !== this.#next.size) return undefined;
    for (const [partition, at] of seen) {
      const first = this.#first.get(partition);
      if (first === undefined || at < first || at > (this.#next.get(partition) ?? 0n)) return undefined;
    }
    return this.#held.slice(this.#oldest).flatMap(({ held }) => (held.offset >= (seen.get(held.partition) ?? 0n) ? [held] : []));
  }

  #forget(): void {
    const oldest = this.#held[this.#oldest];
    if (oldest === undefined) return;
    if (++this.#oldest >= FORGOTTEN) {
      this.#held = this.#held.slice(this.#oldest);
      this.#oldest = 0;
    }
    this.#bytes -= oldest.bytes;
    this.#first.set(oldest.held.partition, oldest.held.offset + 1n);
  }
}

const positionsOf = (position: string): ReadonlyMap<number, bigint> | undefined => {
  if (!/^\d{1,6}\.\d{1,19}(?:-\d{1,6}\.\d{1,19})*$/.test(position)) return undefined;
  return new Map(
    position.split('-').map((pair): [number, bigint] => {
      const [partition = '', next = ''] = pair.split('.');
      return [Number(partition), BigInt(next)];
    }),
  );
};
