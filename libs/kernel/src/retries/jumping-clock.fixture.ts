import type { Clock } from '../clock.js';

/** A clock that jumps over every sleep. The kernel can't use FakeClock of @pstream/testing, which stands on it. */
export class JumpingClock implements Clock {
  #elapsedMs = 0;

  now(): string {
    return new Date(this.#elapsedMs).toISOString();
  }

  monotonicMs(): number {
    return this.#elapsedMs;
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    await this.yield();
    signal?.throwIfAborted();
    this.#elapsedMs += ms;
  }

  yield(): Promise<void> {
    return new Promise((resolve) => setImmediate(resolve));
  }
}
