import { randomBytes } from 'node:crypto';
import type { Clock } from './clock.js';
import { encodeUlid, type Ids } from './ids.js';
import type { Random } from './random.js';

// The one place that asks the machine for time and chance; a lint rule keeps it so.

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => new Date().toISOString(),
  monotonicMs: () => performance.now(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted === true) {
        reject(signal.reason);
        return;
      }
      const done = (): void => {
        signal?.removeEventListener('abort', stop);
        resolve();
      };
      // Longer than a timer can hold: wait in steps of the longest one.
      const timer = setTimeout(done, Math.min(ms, 0x7fffffff));
      const stop = (): void => {
        clearTimeout(timer);
        reject(signal?.reason);
      };
      signal?.addEventListener('abort', stop, { once: true });
    }),
  yield: () => new Promise((resolve) => setImmediate(resolve)),
};

/** The machine's own generator. */
export const systemRandom: Random = { bytes: (count) => randomBytes(count), unit: () => Math.random() };

/** ULIDs from the machine's clock and generator. */
export const systemIds: Ids = {
  ulid: () => {
    const bytes = new Uint8Array(randomBytes(16));
    const view = new DataView(bytes.buffer, bytes.byteOffset, 16);
    const time = Date.now();
    view.setUint16(0, Math.floor(time / 2 ** 32));
    view.setUint32(2, time % 2 ** 32);
    return encodeUlid(bytes);
  },
};
