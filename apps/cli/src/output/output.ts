import type { TextOut } from './text-out.js';

/** A column of a table: `exact` for programs, `human` for people where that differs. */
export type Column<T> = { readonly title: string; readonly exact: (row: T) => string | number | null; readonly human?: (row: T) => string };

/** Results on standard output: one JSON object, a table for people, or tabs for programs (no header, nothing cut, exact). */
export class Output {
  readonly #stdout: TextOut;
  readonly #json: boolean;

  constructor(stdout: TextOut, json: boolean) {
    this.#stdout = stdout;
    this.#json = json;
  }

  /** A list. `empty` is what people read when there is nothing. */
  async list<T>(object: unknown, rows: readonly T[], columns: readonly Column<T>[], empty: string): Promise<void> {
    if (this.#json) return this.#object(object);
    if (this.#stdout.isTTY !== true) {
      for (const row of rows) this.#write(columns.map(({ exact }) => plain(exact(row), ' ')).join('\t'));
      return;
    }
    if (rows.length === 0) return this.#write(empty);
    const { tableText } = await import('@pstream/terminal');
    this.#write(
      tableText(
        columns.map(({ title }) => title),
        rows.map((row) => columns.map(({ exact, human }) => plain(human?.(row) ?? exact(row), '\uFFFD'))),
        this.#stdout.columns,
      ),
    );
  }

  /** One thing: a line for each field. */
  async record<T>(object: unknown, subject: T, fields: readonly Column<T>[]): Promise<void> {
    const lines = fields.map(({ title, exact, human }) => ({ title, exact: exact(subject), human: human?.(subject) }));
    await this.list(
      object,
      lines,
      [
        { title: 'Field', exact: ({ title }) => title },
        { title: 'Value', exact: ({ exact }) => exact, human: ({ exact, human }) => human ?? String(exact ?? '') },
      ],
      '',
    );
  }

  /** What a command did: the object, a sentence for people, or one value for programs. */
  done(object: unknown, sentence: string, value: string): void {
    if (this.#json) return this.#object(object);
    this.#write(this.#stdout.isTTY === true ? sentence : plain(value, ' '));
  }

  /** One line of JSON, for a stream of them. */
  line(object: unknown): void {
    this.#object(object);
  }

  #object(object: unknown): void {
    this.#write(JSON.stringify(object));
  }

  #write(text: string): void {
    this.#stdout.write(`${text}\n`);
  }
}

/** Without characters that end a line or command a terminal: names come from mailboxes. */
export const plain = (value: string | number | null, instead: string): string =>
  String(value ?? '').replaceAll(/[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/gu, instead);
