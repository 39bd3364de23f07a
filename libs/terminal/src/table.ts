import Table from 'cli-table3';
import wrapAnsi from 'wrap-ansi';
import { widthOf } from './fit.js';

const NO_LINES = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
};

/** Columns between two cells. */
const GAP = 2;
/** A column that would have to be narrower than this, though its texts are longer, cannot be read. */
const NARROWEST = 12;

/** A table for people, without lines and colours, in less than `columns` columns: long cells are wrapped, and where even that is too narrow
 *  each row becomes a block with a line per cell. */
export const tableText = (titles: readonly string[], rows: readonly (readonly string[])[], columns: number = Infinity): string => {
  // The last column of a terminal stays empty: many wrap when it is written.
  const natural = titles.map((title, at) => Math.max(widthOf(title), ...rows.map((row) => widthOf(row[at] ?? ''))));
  const widths = shrunk(natural, columns - 1 - GAP * (titles.length - 1));
  if (widths === undefined) return stacked(titles, rows);
  return drawn([titles, ...rows], widths);
};

/** Widths that add up to `columns` at most, taken from the widest; undefined if a column would become too narrow to read. */
const shrunk = (natural: readonly number[], columns: number): readonly number[] | undefined => {
  let widest = Math.max(...natural, 0);
  const sum = (limit: number): number => natural.reduce((total, width) => total + Math.min(width, limit), 0);
  while (sum(widest) > columns) {
    widest--;
    if (widest < NARROWEST) return undefined;
  }
  return natural.map((width) => Math.min(width, widest));
};

const drawn = (rows: readonly (readonly string[])[], widths: readonly number[]): string => {
  const table = new Table({
    chars: NO_LINES,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  });
  // Between words, and within one that is wider than its column.
  table.push(...rows.map((row) => row.map((cell, at) => wrapAnsi(cell, widths[at] ?? widthOf(cell), { hard: true }))));
  return table.toString().replaceAll(/ +$/gm, '');
};

const stacked = (titles: readonly string[], rows: readonly (readonly string[])[]): string =>
  rows.map((row) => titles.map((title, at) => `${title}: ${row[at] ?? ''}`).join('\n')).join('\n\n');
