/** A cell as RFC 4180 has it. A spreadsheet takes what begins like a formula for one: such a cell gets an apostrophe. */
export const csvCell = (value: string | number): string => {
  const text = typeof value === 'number' ? String(value) : value.replace(/^[=+\-@\t\r]/, "'$&");
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

/** A line of a CSV file with its end. */
export const csvLine = (cells: readonly (string | number)[]): string => `${cells.map(csvCell).join(',')}\r\n`;

/** The rows of a CSV file (RFC 4180, with or without a byte order mark) by the names of its header. Cells that a row lacks are absent; undefined
 *  where a quote is not closed. For files of programs; what people send is read by a parser that explains its faults. */
export const csvRows = (text: string): Readonly<Record<string, string>>[] | undefined => {
  const rows: string[][] = [];
  const cells = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|\n|$)/gy;
  const body = text.replace(/^\uFEFF/, '');
  let row: string[] = [];
  while (cells.lastIndex < body.length) {
    const cell = cells.exec(body);
    if (cell === null) return undefined;
    row.push(cell[1]?.replaceAll('""', '"') ?? cell[2] ?? '');
    if (cell[3] === ',') continue;
    rows.push(row);
    row = [];
  }
  const [header = [], ...lines] = rows;
  return lines
    .filter((line) => line.length > 1 || line[0] !== '')
    .map((line) => Object.fromEntries(header.slice(0, line.length).map((name, at) => [name, line[at] ?? ''])));
};
