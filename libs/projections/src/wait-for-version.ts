import { Fault, type Clock } from '@pstream/kernel';
import type { ProjectionReader } from './projection.js';

/** What a query waits for: the `{ stream, version }` that a command returned. */
export type AtLeast = {
  readonly projection: string;
  readonly stream: string;
  readonly version: number;
  /** Default 5,000. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
};

const FIRST_LOOK_MS = 2;
const LONGEST_LOOK_MS = 50;

/** Waits until a projection holds a stream up to a version, so that whoever sent a command reads its effect.
 *  Fault 'projection.behind' (retry; facts wanted, reached) when the time is up. The stream must belong to one of the
 *  projection's contexts, or it never gets there. */
export const waitForVersion = async (reader: ProjectionReader, clock: Clock, wanted: AtLeast): Promise<void> => {
  const { projection, stream, version, timeoutMs = 5_000, signal } = wanted;
  const until = clock.monotonicMs() + timeoutMs;
  for (let wait = FIRST_LOOK_MS; ; wait = Math.min(wait * 1.5, LONGEST_LOOK_MS)) {
    const reached = await reader.position(projection, stream);
    if (reached >= version) return;
    const left = until - clock.monotonicMs();
    if (left <= 0) {
      throw new Fault('projection.behind', {
        retry: { afterMs: 1_000 },
        facts: { projection, stream, wanted: version, reached },
        advice: 'The read model has not caught up yet; ask again in a moment.',
      });
    }
    await clock.sleep(Math.min(wait, left), signal);
  }
};
