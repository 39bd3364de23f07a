/** Asks until the answer is as wanted; tells the last answer when it never is. */
export const eventually = async <T>(ask: () => Promise<T>, wanted: (value: T) => boolean, withinMs = 60_000, everyMs = 50): Promise<T> => {
  const end = performance.now() + withinMs;
  for (;;) {
    const value = await ask();
    if (wanted(value)) return value;
    if (performance.now() > end) throw new Error(`still not so: ${JSON.stringify(value)}`);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
};
