import { MOST_ROWS, type FieldFault } from '@pstream/api';
import { CsvError, parse } from 'csv-parse/sync';
import { problem } from '../door/problem.js';
import { fault, type Columns, type Row } from './rows.js';

/** MigrationWiz's header, byte for byte. */
export const BULK_ADD_HEADER =
  'Source Email,Source Login Name,Source Password,Destination Email,Destination Login Name,Destination Password,Flags';

/** The rows of a file, what their columns are called, and what is wrong before any cell is judged. Row numbers are a spreadsheet's. */
export type CsvRows = { readonly rows: readonly Row[]; readonly columns: Columns; readonly faults: readonly FieldFault[] };

type Shape = {
  readonly columns: Columns;
  readonly width: number;
  readonly source: number;
  readonly destination: number;
  readonly refused: readonly { readonly at: number; readonly name: string; readonly code: string }[];
  readonly hasHeader: boolean;
};

const WIZ_CELLS = BULK_ADD_HEADER.split(',');
const MIGRATION_WIZ: Shape = {
  columns: { source: 'Source Email', destination: 'Destination Email' },
  width: WIZ_CELLS.length,
  source: 0,
  destination: 3,
  refused: [
    { at: 2, name: 'Source Password', code: 'row.password-present' },
    { at: 5, name: 'Destination Password', code: 'row.password-present' },
    { at: 6, name: 'Flags', code: 'row.flags-present' },
  ],
  hasHeader: true,
};
const SHORT: Shape = {
  columns: { source: 'Source', destination: 'Destination' },
  width: 2,
  source: 0,
  destination: 1,
  refused: [],
  hasHeader: true,
};

/** A quotation mark left open would swallow the file up to here. */
const LONGEST_RECORD = 16 * 1024;

/** Reads a Bulk Add file: MigrationWiz's seven columns, or source and destination with or without a header; separated by commas,
 *  semicolons or tabs; in UTF-8 with or without a byte order mark. Login names are not needed and not read.
 *  Problems (400): 'csv.empty', 'csv.not-utf8', 'csv.unreadable', 'csv.header-unknown', 'csv.too-many-rows'. */
export const readBulkAdd = (bytes: Uint8Array): CsvRows => {
  const records = recordsOf(textOf(bytes));
  const first = records.findIndex((cells) => !isBlank(cells));
  const head = records[first];
  if (head === undefined) throw problem('csv.empty', 400);
  const shape = shapeOf(head);
  if (shape === undefined) throw problem('csv.header-unknown', 400, { row: first + 1 });
  const rows: Row[] = [];
  const faults: FieldFault[] = [];
  for (const [at, cells] of records.entries()) {
    if (isBlank(cells) || at < first || (shape.hasHeader && at === first)) continue;
    const row = at + 1;
    for (const { at: cell, name, code } of shape.refused) if ((cells[cell] ?? '') !== '') faults.push(fault(row, name, code));
    if (cells.length === shape.width) rows.push({ row, source: cells[shape.source] ?? '', destination: cells[shape.destination] ?? '' });
    else faults.push(fault(row, '', 'row.columns'));
  }
  if (rows.length + faults.length === 0) throw problem('csv.empty', 400);
  if (rows.length > MOST_ROWS) throw problem('csv.too-many-rows', 400, { rows: rows.length, most: MOST_ROWS });
  return { rows, columns: shape.columns, faults };
};

const textOf = (bytes: Uint8Array): string => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw problem('csv.not-utf8', 400);
  }
};

const recordsOf = (text: string): string[][] => {
  try {
    return parse(text, {
      delimiter: delimiterOf(text),
      relax_column_count: true,
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

const shapeOf = (head: readonly string[]): Shape | undefined => {
  if (head.length === WIZ_CELLS.length && WIZ_CELLS.every((name, at) => head[at] === name)) return MIGRATION_WIZ;
  if (head.length !== 2) return undefined;
  const [source = '', destination = ''] = head.map((cell) => cell.trim());
  if (source.toLowerCase() === 'source' && destination.toLowerCase() === 'destination') return SHORT;
  return source.includes('@') ? { ...SHORT, hasHeader: false } : undefined;
};

const isBlank = (cells: readonly string[]): boolean => cells.every((cell) => cell.trim() === '');
