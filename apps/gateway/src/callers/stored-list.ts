import { z } from 'zod';
import { readPrivateFile, writePrivateFile } from './private-file.js';

/** A list in one small file for its owner alone, held in memory. For one process at a time. */
export class StoredList<T> {
  readonly #where: Where<T>;
  #items: readonly T[];
  #writing: Promise<unknown> = Promise.resolve();
  #isUnwritten = false;

  private constructor(where: Where<T>, items: readonly T[]) {
    this.#where = where;
    this.#items = items;
  }

  /** Reads the file; a missing one is empty. Fault 'tokens.unreadable' (never) if it is not ours. */
  static async open<T>(where: Where<T>): Promise<StoredList<T>> {
    return new StoredList(where, (await readList(where)) ?? []);
  }

  get items(): readonly T[] {
    return this.#items;
  }

  /** Holds from now on, and is written with the next change. */
  hold(items: readonly T[]): void {
    this.#items = items;
  }

  /** Holds from now on; resolves when it is on disk. What cannot be written holds all the same, and is written with the next change or by `settle`.
   *  Fault 'tokens.unwritable' (retry). */
  replace(items: readonly T[]): Promise<void> {
    this.#items = items;
    this.#isUnwritten = true;
    const write = async (): Promise<void> => {
      const written = this.#items;
      await writeList(this.#where, written);
      if (written === this.#items) this.#isUnwritten = false;
    };
    const turn = this.#writing.then(write, write);
    this.#writing = turn.catch(() => undefined);
    return turn;
  }

  /** Holds one more from now on, or not at all if it cannot be written: whoever asked for it has nothing of it. Fault 'tokens.unwritable' (retry). */
  async add(item: T, others = this.#items): Promise<void> {
    try {
      await this.replace([...others, item]);
    } catch (error) {
      this.#items = this.#items.filter((one) => one !== item);
      throw error;
    }
  }

  /** Writes what could not be written: whoever removed something asks again, and it has been gone here since. Fault 'tokens.unwritable' (retry). */
  async settle(): Promise<void> {
    if (this.#isUnwritten) await this.replace(this.#items);
  }
}

/** Which file, and what is in it. */
export type Where<T> = { readonly dir: string; readonly file: string; readonly name: string; readonly schema: z.ZodType<T> };

/** Undefined if there is no such file. Fault 'tokens.unreadable' (never). */
export const readList = <T>({ dir, file, name, schema }: Where<T>): Promise<readonly T[] | undefined> =>
  readPrivateFile(dir, file, (text) => {
    const parsed = z.object({ version: z.literal(1), [name]: z.array(schema) }).parse(JSON.parse(text));
    return (parsed as unknown as Readonly<Record<string, readonly T[]>>)[name] ?? [];
  });

/** Fault 'tokens.unwritable' (retry). */
export const writeList = <T>({ dir, file, name }: Where<T>, items: readonly T[]): Promise<void> =>
  writePrivateFile(dir, file, `${JSON.stringify({ version: 1, [name]: items }, null, 2)}\n`);
