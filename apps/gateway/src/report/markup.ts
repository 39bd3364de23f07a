/** Markup: what `markup` makes. Everything else is text and is escaped when it is put in. */
export class Markup {
  constructor(readonly text: string) {}
}

type Value = Markup | string | number | readonly Value[];

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

// Names come from mailboxes: marks that change the direction of text and control characters would reorder or hide what follows.
const written = (value: Value): string => {
  if (value instanceof Markup) return value.text;
  if (typeof value === 'object') return value.map(written).join('');
  return String(value)
    .replaceAll(/[\p{Cc}\p{Bidi_Control}]/gu, '\uFFFD')
    .replaceAll(/[&<>"']/g, (character) => ESCAPES[character] ?? character);
};

/** HTML with values in it, each escaped unless it is markup already: markup`<p>${name}</p>`. */
export const markup = (parts: TemplateStringsArray, ...values: readonly Value[]): Markup =>
  new Markup(parts.map((part, n) => part + (n < values.length ? written(values[n] ?? '') : '')).join(''));

/** A column of a table. Numbers stand at the right. */
export type Column<T> = { readonly title: string; readonly of: (row: T) => Value; readonly number?: true };

/** A table with a caption. The first column names the row. */
export const table = <T>(caption: string, columns: readonly Column<T>[], rows: readonly T[]): Markup => {
  const classOf = ({ number }: Column<T>): Markup => (number === true ? markup` class="n"` : markup``);
  const head = columns.map((column) => markup`<th scope="col"${classOf(column)}>${column.title}</th>`);
  const cell = (column: Column<T>, n: number, row: T): Markup =>
    n === 0 ? markup`<th scope="row"${classOf(column)}>${column.of(row)}</th>` : markup`<td${classOf(column)}>${column.of(row)}</td>`;
  return markup`<div class="scroll" tabindex="0" role="region" aria-label="${caption}"><table><caption>${caption}</caption><thead><tr>${head}</tr></thead><tbody>
${rows.map((row) => markup`<tr>${columns.map((column, n) => cell(column, n, row))}</tr>\n`)}</tbody></table></div>
`;
};
