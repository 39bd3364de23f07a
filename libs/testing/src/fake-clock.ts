import type { Clock } from '@pstream/kernel';

/** Somebody who waits for the clock; `inMs` counts from the clock's present time. */
export type Sleeper = { readonly inMs: number };

type Waiting = { readonly dueMs: number; readonly order: number; readonly wake: () => void };

/** A clock that stands still until a test moves it.
 *
 *  Manual mode: time moves by `advance` alone. Auto mode (`autoAdvance: true`): as soon as nothing but sleepers is left in
 *  this process's own queues, time jumps to the first of them, so that code full of waits runs through at once. Auto mode
 *  cannot see sockets or worker threads: do not use it where a real server must answer before a deadline. */
export class FakeClock implements Clock {
  private elapsedMs = 0;
  private order = 0;
  private jumping = false;
  private readonly startMs: number;
  private readonly auto: boolean;
  private readonly waiting = new Set<Waiting>();

  constructor(options: { readonly start?: string; readonly autoAdvance?: boolean } = {}) {
    this.startMs = Date.parse(options.start ?? '2026-01-01T00:00:00.000Z');
    if (Number.isNaN(this.startMs)) throw new TypeError(`not a time: ${options.start}`);
    this.auto = options.autoAdvance ?? false;
  }

  now(): string {
    return new Date(this.startMs + this.elapsedMs).toISOString();
  }

  monotonicMs(): number {
    return this.elapsedMs;
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const sleeper: Waiting = { dueMs: this.elapsedMs + Math.max(0, ms), order: this.order++, wake: resolve };
    const stop = (): void => {
      this.waiting.delete(sleeper);
      reject(signal?.reason);
    };
    signal?.addEventListener('abort', stop, { once: true });
    this.waiting.add(sleeper);
    if (this.auto) void this.jump();
    else if (sleeper.dueMs <= this.elapsedMs) setImmediate(() => this.wake(sleeper));
    try {
      await promise;
    } finally {
      signal?.removeEventListener('abort', stop);
    }
  }

  yield(): Promise<void> {
    return new Promise((resolve) => setImmediate(resolve));
  }

  /** Those who wait, the first to wake first. */
  get sleepers(): readonly Sleeper[] {
    return this.inOrder().map((sleeper) => ({ inMs: sleeper.dueMs - this.elapsedMs }));
  }

  /** Moves time on, waking sleepers in the order of their times and letting each one's work run before the next wakes.
   *  Sleepers that start meanwhile and fall due within the span wake too. */
  async advance(ms: number): Promise<void> {
    const until = this.elapsedMs + ms;
    for (;;) {
      await this.settle();
      const next = this.inOrder()[0];
      if (next === undefined || next.dueMs > until) break;
      this.elapsedMs = Math.max(this.elapsedMs, next.dueMs);
      this.wake(next);
    }
    this.elapsedMs = Math.max(this.elapsedMs, until);
    await this.settle();
  }

  /** Moves time to the next sleeper; false if there is none. */
  async advanceToNext(): Promise<boolean> {
    await this.settle();
    const next = this.inOrder()[0];
    if (next === undefined) return false;
    await this.advance(next.dueMs - this.elapsedMs);
    return true;
  }

  private wake(sleeper: Waiting): void {
    if (this.waiting.delete(sleeper)) sleeper.wake();
  }

  private inOrder(): Waiting[] {
    return [...this.waiting].sort((a, b) => a.dueMs - b.dueMs || a.order - b.order);
  }

  /** Two turns of the event loop: promise chains, streams and `yield` settle within one each. */
  private async settle(): Promise<void> {
    await this.yield();
    await this.yield();
  }

  private async jump(): Promise<void> {
    if (this.jumping) return;
    this.jumping = true;
    try {
      while (this.waiting.size > 0) {
        await this.settle();
        const next = this.inOrder()[0];
        if (next === undefined) return;
        this.elapsedMs = Math.max(this.elapsedMs, next.dueMs);
        this.wake(next);
      }
    } finally {
      this.jumping = false;
    }
  }
}
