import { PstCorrupt, problemOf, type Problem } from '../format/index.js';

/** strict: the first departure from the format throws. lenient: what can be passed over is recorded, and reading goes on. */
export type Mode = 'strict' | 'lenient';

/** verify demands what strict does, but records and goes on like lenient. */
type Policy = Mode | 'verify';

/** Recorded problems are plain data and few: beyond this many they are only counted. */
const MOST_RECORDED = 1000;

/** Decides what a departure from the format means. */
export class Strictness {
  readonly problems: Problem[] = [];
  dropped = 0;
  private readonly known = new Set<string>();

  constructor(private readonly policy: Policy) {}

  get strict(): boolean {
    return this.policy === 'strict';
  }

  /** True if habits of Outlook count, not only what reading needs. */
  get picky(): boolean {
    return this.policy !== 'lenient';
  }

  /** A departure that reading can survive: throws in strict mode, else records it. */
  flaw(error: PstCorrupt): void {
    if (this.strict) throw error;
    this.record(error);
  }

  /** Shorthand for a flaw unless the condition holds. */
  expect(holds: boolean, make: () => PstCorrupt): void {
    if (!holds) this.flaw(make());
  }

  /** Notes a departure once, however often it is met. */
  record(error: PstCorrupt, context?: string): void {
    if (this.known.has(error.message)) return;
    if (this.known.size < MOST_RECORDED) this.known.add(error.message);
    if (this.problems.length < MOST_RECORDED) this.problems.push(problemOf(error, context));
    else this.dropped++;
  }

  /** Runs `read`; in lenient mode damage becomes a record and `otherwise`. Anything but PstCorrupt passes through. */
  async survive<T, U>(context: string, read: () => Promise<T>, otherwise: U): Promise<T | U> {
    try {
      return await read();
    } catch (error) {
      if (this.strict || !(error instanceof PstCorrupt)) throw error;
      this.record(error, context);
      return otherwise;
    }
  }
}

/** Bounds what reading one object may hold: a sound file refers to each of its bytes once, so no object is larger than the file. */
export class Budget {
  private left: number;

  constructor(
    readonly bytes: number,
    private readonly what: string,
  ) {
    this.left = bytes;
  }

  spend(bytes: number): void {
    this.left -= bytes;
    if (this.left < 0) throw new PstCorrupt('object-larger-than-file', this.what, { expected: this.bytes, actual: this.bytes - this.left });
  }
}
