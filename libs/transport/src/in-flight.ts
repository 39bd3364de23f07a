/** Which records of a partition are at work, and up to where everything is done. Offsets are added in ascending order. */
export class InFlight {
  private readonly offsets: bigint[] = [];
  private readonly finished = new Set<bigint>();
  private head = 0;
  private upTo: bigint | undefined;
  private last: bigint | undefined;

  /** A record has been taken. */
  add(offset: bigint): void {
    this.offsets.push(offset);
    this.last = offset;
    this.upTo ??= offset;
  }

  /** A record's effect is durable. */
  done(offset: bigint): void {
    this.finished.add(offset);
    while (this.head < this.offsets.length && this.finished.delete(this.offsets[this.head]!)) this.head++;
    // Drops what lies behind, now and then.
    if (this.head > 1024 && this.head * 2 > this.offsets.length) {
      this.offsets.splice(0, this.head);
      this.head = 0;
    }
  }

  /** The position to commit: everything below it is done. Undefined if there is nothing new to commit. */
  get next(): bigint | undefined {
    const next = this.offsets[this.head] ?? (this.last === undefined ? undefined : this.last + 1n);
    return next === undefined || this.upTo === undefined || next <= this.upTo ? undefined : next;
  }

  /** The position has been committed. */
  committed(next: bigint): void {
    this.upTo = next;
  }
}
