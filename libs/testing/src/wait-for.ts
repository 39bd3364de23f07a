import { inspect } from 'node:util';

/** How long standing still is taken for death, and what counts as moving. */
export type WaitOptions<T> = {
  /** Milliseconds without progress until the wait is given up. Default 10,000. */
  readonly stallMs?: number;
  /** Anything that changes while work goes on: a count, a queue's length. Default: the condition's own value. */
  readonly progress?: () => unknown;
  /** What is awaited, for the error. */
  readonly what?: string;
  readonly until?: (value: T) => boolean;
};

/** Waits until `condition` gives something truthy (or `until` accepts it) and returns that. Slow work may take as long as
 *  it likes; work that stands still for `stallMs` fails with what was last seen. An error of the condition passes through. */
export const waitFor = async <T>(condition: () => T | Promise<T>, options: WaitOptions<T> = {}): Promise<NonNullable<T>> => {
  const stallMs = options.stallMs ?? 10_000;
  let seen: string | undefined;
  let movedAt = performance.now();
  for (let round = 0; ; round++) {
    const value = await condition();
    if (options.until === undefined ? Boolean(value) : options.until(value)) return value as NonNullable<T>;
    const now = inspect(options.progress === undefined ? value : options.progress(), { depth: 4 });
    if (now !== seen) {
      seen = now;
      movedAt = performance.now();
    } else if (performance.now() - movedAt > stallMs) {
      throw new Error(`stalled for ${stallMs} ms while waiting for ${options.what ?? 'a condition'}; last seen: ${now}`);
    }
    await new Promise((resolve) => (round < 20 ? setImmediate(resolve) : setTimeout(resolve, 5)));
  }
};
