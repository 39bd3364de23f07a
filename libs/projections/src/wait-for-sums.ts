import { Fault, type Clock } from '@pstream/kernel';

const FIRST_LOOK_MS = 2;
const LONGEST_LOOK_MS = 50;
const PATIENCE_MS = 5_000;

/** Waits until a figure of the sums over a projection has reached what was wanted of it. Fault 'projection.behind' (retry; facts wanted,
 *  reached) after five seconds. */
export const waitForSums = async (clock: Clock, projection: string, wanted: number, look: () => Promise<number>): Promise<void> => {
  const until = clock.monotonicMs() + PATIENCE_MS;
  for (let wait = FIRST_LOOK_MS; ; wait = Math.min(wait * 1.5, LONGEST_LOOK_MS)) {
    const reached = await look();
    if (reached >= wanted) return;
    if (clock.monotonicMs() >= until)
      throw new Fault('projection.behind', {
        retry: { afterMs: 1_000 },
        facts: { projection, wanted, reached },
        advice: 'The sums have not caught up yet; ask again in a moment.',
      });
    await clock.sleep(wait);
  }
};
