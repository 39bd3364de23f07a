import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { errnoOf, Fault, fieldOf } from '@pstream/kernel';
import { CsvError, parse } from 'csv-parse';

/** A row of a CSV file by its column titles in lower case. `row` is what a spreadsheet calls it: the header is row 1. */
export type CsvRow = { readonly row: number; readonly cells: ReadonlyMap<string, string> };

/** A quotation mark left open would swallow the file up to here. */
const LONGEST_RECORD = 256 * 1024;
const FIRST_BYTES = 4096;

/** Reads a CSV file row by row: commas, semicolons or tabs, UTF-8. Empty rows are passed over. Faults (never; facts file): 'plan.not-found',
 *  'plan.unreadable' (facts reason), 'plan.not-utf8' and 'plan.not-csv' (facts row: there or a little later), 'plan.column-missing' (facts columns). */
export async function* readRows(path: string, needed: readonly string[]): AsyncGenerator<CsvRow> {
  const delimiter = await delimiterOf(path);
  const parser = parse({ delimiter, relax_column_count: true, skip_empty_lines: false, max_record_size: LONGEST_RECORD });
  const source = Readable.from(textOf(path));
  source.on('error', (error) => parser.destroy(error));
  source.pipe(parser);
  let titles: readonly string[] | undefined;
  let row = 0;
  try {
    for await (const cells of parser as AsyncIterable<string[]>) {
      row++;
      if (cells.every((cell) => cell.trim() === '')) continue;
      if (titles === undefined) {
        titles = cells.map((cell) => cell.trim().toLowerCase());
        requireColumns(path, titles, needed);
        continue;
      }
      const known = titles;
      yield { row, cells: new Map(cells.flatMap((cell, at) => (known[at] === undefined ? [] : [[known[at], plain(cell)] as const]))) };
    }
  } catch (error) {
    // What the parser says quotes the file.
    if (error instanceof CsvError)
      throw new Fault('plan.not-csv', {
        retry: 'never',
        facts: { file: path, row: row + 1 },
        advice: 'From this row on the file is not CSV: is a quotation mark left open?',
      });
    if (fieldOf(error, 'code') === 'ERR_ENCODING_INVALID_ENCODED_DATA') throw notUtf8(path, row + 1);
    throw errnoOf(error) === undefined ? error : unreadable(path, error);
  } finally {
    source.destroy();
  }
  if (titles === undefined) requireColumns(path, [], needed);
}

/** A cell without the apostrophe that keeps a spreadsheet from taking it for a formula. */
const plain = (cell: string): string => cell.replace(/^'(?=[=+\-@\t\r])/, '');

/** The text of a file, piece by piece; a TypeError where it is not UTF-8. */
async function* textOf(path: string): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  for await (const chunk of createReadStream(path)) yield decoder.decode(chunk as Uint8Array, { stream: true });
  yield decoder.decode();
}

const requireColumns = (path: string, titles: readonly string[], needed: readonly string[]): void => {
  const missing = needed.filter((title) => !titles.includes(title.toLowerCase()));
  if (missing.length === 0) return;
  throw new Fault('plan.column-missing', {
    retry: 'never',
    facts: { file: path, columns: missing },
    advice: `The first row must name the columns; missing: ${missing.join(', ')}.`,
  });
};

const notUtf8 = (path: string, row: number): Fault =>
  new Fault('plan.not-utf8', {
    retry: 'never',
    facts: { file: path, row },
    advice: 'Save the file as "CSV UTF-8": its names of files would not be found otherwise.',
  });

const unreadable = (path: string, cause: unknown): Fault =>
  errnoOf(cause) === 'ENOENT'
    ? new Fault('plan.not-found', { retry: 'never', facts: { file: path }, advice: 'There is no such file.', cause })
    : new Fault('plan.unreadable', {
        retry: 'never',
        facts: { file: path, reason: errnoOf(cause) ?? 'unknown' },
        advice: 'Check the path and the permissions of the file.',
        cause,
      });

/** Spreadsheets write what the settings of their machine say. */
const delimiterOf = async (path: string): Promise<string> => {
  try {
    const file = await open(path, 'r');
    try {
      const { bytesRead, buffer } = await file.read(Buffer.alloc(FIRST_BYTES), 0, FIRST_BYTES, 0);
      const [line = ''] = buffer.subarray(0, bytesRead).toString('utf8').split(/\r?\n/, 1);
      const counts = [',', ';', '\t'].map((each) => [each, line.split(each).length] as const);
      return counts.toSorted(([, a], [, b]) => b - a)[0]?.[0] ?? ',';
    } finally {
      await file.close();
    }
  } catch (error) {
    throw unreadable(path, error);
  }
};
