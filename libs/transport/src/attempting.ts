import { isFault, retryDelayMs, type Clock } from '@pstream/kernel';

/** Makes a function that runs one step of handing a partition over, and returns whether it went well. It waits as long as a fault asks
 *  for; any other error aborts `ending` and goes to `failed`, which ends the subscription. After `ending` errors mean nothing. */
export const attempting =
  (ports: { readonly clock: Clock; readonly failed: (error: unknown) => void }, ending: AbortController) =>
  async (step: () => Promise<unknown>): Promise<boolean> => {
    const { signal } = ending;
    try {
      await step();
      return true;
    } catch (error) {
      if (signal.aborted) return false;
      const delay = isFault(error) ? retryDelayMs(error.retry) : undefined;
      if (delay === undefined) {
        ending.abort(error);
        ports.failed(error);
      } else {
        await ports.clock.sleep(delay, signal).catch(() => undefined);
      }
      return false;
    }
  };
