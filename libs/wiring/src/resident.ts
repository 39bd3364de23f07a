import type { BeforeApplicationShutdown, OnApplicationBootstrap } from '@nestjs/common';
import type { Clock } from '@pstream/kernel';

type Closable = { close(): Promise<unknown> };

/** Work of a module that lasts as long as its process. `start` begins it when everything is wired; at the shutdown `stopping` aborts, and what
 *  was handed to `closes` is closed, the last first. */
export abstract class Resident implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #stop = new AbortController();
  readonly #open: Closable[] = [];

  /** Aborts when the process stops. */
  protected readonly stopping: AbortSignal = this.#stop.signal;

  protected abstract start(): Promise<void> | void;

  /** Closes this at the shutdown, before what was handed over earlier. */
  protected closes<T extends Closable>(opened: T): T {
    this.#open.unshift(opened);
    return opened;
  }

  /** Waits at the shutdown for work that ends when `stopping` aborts, before anything that was handed over earlier is closed. */
  protected awaits(work: Promise<void>): void {
    // What it fails with is for whoever began it.
    this.closes({ close: () => work.catch(() => undefined) });
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.#stop.abort();
    for (const one of this.#open.splice(0)) await one.close();
  }
}

/** When rounds are made, and what is done with the error of one that fails; the next one comes all the same. */
export type Rounds = {
  readonly clock: Clock;
  readonly everyMs: number;
  readonly signal: AbortSignal;
  readonly failed: (error: unknown) => void;
};

/** Makes a round at once and then again and again, `everyMs` after the end of the one before, until the signal. */
export const inRounds = async ({ clock, everyMs, signal, failed }: Rounds, round: () => Promise<unknown>): Promise<void> => {
  while (!signal.aborted) {
    try {
      await round();
    } catch (error) {
      if (!signal.aborted) failed(error);
    }
    await clock.sleep(everyMs, signal).catch(() => undefined);
  }
};
