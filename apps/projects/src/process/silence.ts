import type { PublishedEvent, RecordedEvent, StreamName } from '@pstream/contracts';
import type { EventStore } from '@pstream/event-store';

/** Whatever works on something open records something more often than this: slices, checkpoints, rows, and once a minute what holds it up. */
const SILENT_MS = 10 * 60_000;
/** Longest time between two revivals: each doubles the time to the next. */
const MOST_MS = 24 * 3_600_000;

/** How long nothing was heard of something that is open, from look to look. */
export class Silence {
  readonly #read = new Map<string, number>();
  #signAtMs = -Infinity;
  #quietFromMs = -Infinity;
  #revivals = 0;

  /** Reads what is new in the streams. A pass that waits until a time that it named gives a sign of life then. */
  async look(store: EventStore, streams: readonly StreamName[]): Promise<void> {
    for (const stream of streams) {
      const news = await store.read(stream, this.#read.get(stream) ?? 0);
      const last = news.at(-1);
      if (last === undefined) continue;
      this.#read.set(stream, last.version);
      for (const event of news) {
        const signAtMs = Math.max(Date.parse(event.at), heldUntilMs(event));
        if (signAtMs <= this.#signAtMs) continue;
        this.#signAtMs = signAtMs;
        this.#revivals = 0;
      }
    }
  }

  /** Whether it is time to do something about it. */
  isTooLong(nowMs: number): boolean {
    return nowMs - Math.max(this.#signAtMs, this.#quietFromMs) >= Math.min(MOST_MS, SILENT_MS * 2 ** this.#revivals);
  }

  /** It is silent for a reason: it counts from now on. */
  excuse(nowMs: number): void {
    this.#quietFromMs = nowMs;
  }

  /** It is revived now. Returns for how long it was silent, and how often it was revived before without a sign of life since. */
  revive(nowMs: number): { readonly silentMs: number; readonly before: number } {
    this.#quietFromMs = nowMs;
    return { silentMs: nowMs - this.#signAtMs, before: this.#revivals++ };
  }
}

const heldUntilMs = ({ type, data }: RecordedEvent): number => {
  if (type !== 'ExtractionWaited' && type !== 'BuildWaited') return -Infinity;
  const { held } = data as Extract<PublishedEvent, { readonly type: typeof type }>['data'];
  return held === undefined || held === null ? -Infinity : Date.parse(held.retryAt);
};
