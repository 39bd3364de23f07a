import type { Clock } from '@pstream/kernel';

/** The place among `concurrency` that a handler has. */
export type Place = {
  /** Lets another record be handled for so many milliseconds: this one only waits. After that it counts again. */
  lend(ms: number): void;
};

/** A place that is taken until it ends, but for the times for which it is lent. `taken` gets how many more are taken. */
export class KeptPlace implements Place {
  private taken = false;
  private ended = false;

  constructor(
    private readonly isFree: boolean,
    private readonly signal: AbortSignal,
    private readonly clock: Clock,
    private readonly hears: { readonly taken: (places: number) => void; readonly lent: () => void },
  ) {
    this.take();
  }

  lend(ms: number): void {
    if (!this.taken) return;
    this.give();
    this.hears.lent();
    this.clock.sleep(ms, this.signal).then(
      () => this.take(),
      () => undefined,
    );
  }

  end(): void {
    this.ended = true;
    if (this.taken) this.give();
  }

  private take(): void {
    if (this.isFree || this.ended || this.taken) return;
    this.taken = true;
    this.hears.taken(1);
  }

  private give(): void {
    this.taken = false;
    this.hears.taken(-1);
  }
}
