import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { errnoOf, Fault } from '@pstream/kernel';
import type { z } from 'zod';

/** Reads the whole lines of a file that only grows, each as its schema has it with its place in bytes, and gives their length in bytes; undefined where
 *  there is no file. A last line that is not whole is the end of a run that was killed, and is left out. Fault 'journal.unreadable' (never; facts file,
 *  line, reason). */
export const readLines = async <S extends z.ZodType>(
  path: string,
  schema: S,
  advice: string,
  note: (line: z.infer<S>, place: { readonly at: number; readonly bytes: number }) => void,
): Promise<number | undefined> => {
  const damaged = (line: number, cause?: unknown): Fault =>
    new Fault('journal.unreadable', {
      retry: 'never',
      facts: { file: path, line, reason: errnoOf(cause) ?? 'not what an upload writes' },
      advice,
      cause,
    });
  const size = await stat(path).then(
    (info) => info.size,
    (error: unknown) => {
      if (errnoOf(error) === 'ENOENT') return undefined;
      throw damaged(0, error);
    },
  );
  if (size === undefined) return undefined;
  let kept = 0;
  let count = 0;
  for await (const text of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) {
    count++;
    const bytes = Buffer.byteLength(text) + 1;
    if (kept + bytes > size) break;
    const line = schema.safeParse(parsed(text));
    if (!line.success) throw damaged(count);
    note(line.data, { at: kept, bytes });
    kept += bytes;
  }
  return kept;
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
