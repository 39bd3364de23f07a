import type { TextOut } from '../output/text-out.js';

/** A line on a terminal that is written over. */
export type LiveLine = { show(text: string): void; done(): void };

/** Undefined where there is no terminal, or a dumb one. */
export const liveLine = async (out: TextOut): Promise<LiveLine | undefined> => {
  if (out.isTTY !== true) return undefined;
  const { createLogUpdate } = await import('log-update');
  const update = createLogUpdate(out as NodeJS.WriteStream);
  return { show: (text) => update(text), done: () => update.clear() };
};
