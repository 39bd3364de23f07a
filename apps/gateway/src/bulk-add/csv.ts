import { MOST_ROWS, type FieldFault } from '@pstream/api';
import { CsvError, parse } from 'csv-parse/sync';
import { problem } from '../door/problem.js';
import { shapeOf } from './header.js';
import { fault, type Columns, type Row } from './rows.js';
import { decoded } from './text-of-file.js';

/** The rows of a file, what their columns are called, and what is wrong before any cell is judged. Row numbers are a spreadsheet's. */
export type CsvRows = { readonly rows: readonly Row[]; readonly columns: Columns; readonly faults: readonly FieldFault[] };

/** A quotation mark left open would swallow the file up to here. */
const LONGEST_RECORD = 16 * 1024;

/** Reads a Bulk Add file: MigrationWiz's columns in any order, or source and destination with or without a header; separated by commas,
 *  semicolons or tabs; in UTF-8 or UTF-16. Login names are not needed and not read.
 *  Problems (400): 'csv.empty', 'csv.not-utf8', 'csv.unreadable', 'csv.header-unknown', 'csv.too-many-rows'. */
export const readBulkAdd = (bytes: Uint8Array): CsvRows => {
  const records = recordsOf(decoded(bytes));
  const first = records.findIndex((cells) => !isBlank(cells));
  const head = records[first];
  if (head === undefined) throw problem('csv.empty', 400);
  const shape = shapeOf(head);
  if ('unknown' in shape) throw problem('csv.header-unknown', 400, { row: first + 1, columns: shape.unknown.map(String) });
  const rows: Row[] = [];
  const faults: FieldFault[] = [];
  for (const [at, cells] of records.entries()) {
    if (isBlank(cells) || at < first || (shape.hasHeader && at === first)) continue;
    const row = at + 1;
    for (const { at: n, name, takes } of shape.unread) if (isRefused(cells[n], takes)) faults.push(fault(row, name, takes));
    if (cells.length === shape.width)
      rows.push({ row, source: plainCell(cells[shape.source]), destination: plainCell(cells[shape.destination]) });
    else faults.push(fault(row, '', 'row.columns'));
  }
  if (rows.length + faults.length === 0) throw problem('csv.empty', 400);
  if (rows.length > MOST_ROWS) throw problem('csv.too-many-rows', 400, { rows: rows.length, most: MOST_ROWS });
  return { rows, columns: shape.columns, faults };
};

/** Whether a cell holds what is not taken: a password, or any flag but none. */
const isRefused = (cell = '', takes: string): boolean =>
  takes === 'row.password-present' ? cell !== '' : takes === 'row.flags-present' && !/^0*$/.test(cell);

/** A cell without the apostrophe that keeps a spreadsheet from taking it for a formula; files written here have it. */
const plainCell = (cell = ''): string => cell.replace(/^'(?=[=+\-@])/, '');

const recordsOf = (text: string): string[][] => {
  try {
    return parse(text, {
      delimiter: delimiterOf(text),
      relax_column_count: true,
      // Spaces around quotation marks.
      trim: true,
      skip_empty_lines: false,
      max_record_size: LONGEST_RECORD,
    });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const row = 'records' in error && typeof error.records === 'number' ? error.records + 1 : 1;
    // What the parser says quotes the file.
    throw problem('csv.unreadable', 400, {}, [fault(row, '', 'csv.unreadable')]);
  }
};

/** The separator that the first line with text has most of, outside quotation marks. */
const delimiterOf = (text: string): string => {
  const line = (/^[^\S\n\r]*\S.*$/m.exec(text)?.[0] ?? '').replaceAll(/"[^"]*"/g, '');
  const uses = [',', ';', '\t'].map((candidate) => ({ candidate, times: line.split(candidate).length - 1 }));
  return uses.reduce((best, next) => (next.times > best.times ? next : best)).candidate;
};

const isBlank = (cells: readonly string[]): boolean => cells.every((cell) => cell.trim() === '');
