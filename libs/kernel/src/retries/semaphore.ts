/** Lets at most `limit` pieces of work run at once; the others wait in the order in which they came. Work whose signal aborts leaves the queue. */
export const semaphore = (limit: number): (<T>(work: () => Promise<T>, signal?: AbortSignal) => Promise<T>) => {
  let free = limit;
  const queue: (() => void)[] = [];
  const enter = (signal: AbortSignal | undefined): Promise<void> => {
    signal?.throwIfAborted();
    if (free > 0) {
      free--;
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        queue.splice(queue.indexOf(go), 1);
        reject(signal?.reason);
      };
      const go = (): void => {
        signal?.removeEventListener('abort', leave);
        resolve();
      };
      queue.push(go);
      signal?.addEventListener('abort', leave, { once: true });
    });
  };
  return async (work, signal) => {
    await enter(signal);
    try {
      return await work();
    } finally {
      // The place is handed on, not freed and taken again, so that nobody overtakes.
      const next = queue.shift();
      if (next === undefined) free++;
      else next();
    }
  };
};
