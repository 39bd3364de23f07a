import { isAbsolute } from 'node:path';
import { checkUploadName, foldPartName } from '@pstream/blob/folder';
import { isAddress } from '../owner/addresses.js';
import { NEEDED_COLUMNS, type Action } from './plan-row.js';
import { readRows, type CsvRow } from './read-rows.js';

/** A row of a plan as `upload` needs it. `id` is empty where a person removed it. */
export type PlannedRow = {
  readonly row: number;
  readonly path: string;
  readonly action: Action;
  readonly owner: string;
  readonly archive: boolean;
  readonly name: string;
  readonly reason: string;
  readonly kind: string;
  /** As the scan found it; undefined where the plan does not say. */
  readonly bytes: number | undefined;
  readonly id: string;
};

/** What is wrong with a cell of a plan. */
export type PlanProblem = { readonly row: number; readonly column: string; readonly expected: string; readonly found: string };

/** Problems that are listed; a file of another kind has one in each cell. */
const MOST_LISTED = 100;

const TRUTH: ReadonlyMap<string, boolean> = new Map([
  ['yes', true],
  ['true', true],
  ['no', false],
  ['false', false],
  ['', false],
]);

/** The rows of a plan, each checked; the problems of a row go to `report`, and the row is left out. See `readRows` for Faults. */
export async function* readPlan(path: string, report: (problem: PlanProblem) => void = () => undefined): AsyncGenerator<PlannedRow> {
  for await (const given of readRows(path, NEEDED_COLUMNS)) {
    const { row, problems } = checkedRow(given);
    if (row !== undefined) yield row;
    problems.forEach(report);
  }
}

/** Sums of a plan: its rows, those that are to be uploaded, and the bytes of these as the scan found them. */
export type PlanSums = { readonly rows: number; readonly toUpload: number; readonly bytes: number };

/** Checks a whole plan: every cell, and that no path and no name is uploaded twice. At most 100 problems, and how many there are in all. */
export const checkPlan = async (
  path: string,
): Promise<{ readonly sums: PlanSums; readonly problems: PlanProblem[]; readonly count: number }> => {
  const problems: PlanProblem[] = [];
  let count = 0;
  const sums = { rows: 0, toUpload: 0, bytes: 0 };
  const report = (problem: PlanProblem): void => {
    count++;
    if (problems.length < MOST_LISTED) problems.push(problem);
  };
  const paths = new Map<string, number>();
  const names = new Map<string, number>();
  for await (const { row, ...planned } of readPlan(path, report)) {
    sums.rows++;
    const again = (column: string, seen: Map<string, number>, key: string, found: string): void => {
      const first = seen.get(key);
      if (first === undefined) seen.set(key, row);
      else report({ row, column, expected: `one that row ${first} does not have`, found });
    };
    if (planned.action === 'skip') continue;
    if (planned.owner !== '') {
      sums.toUpload++;
      sums.bytes += planned.bytes ?? 0;
    }
    again('Path', paths, planned.path, planned.path);
    // Destinations may ignore case.
    again('Name', names, foldPartName(planned.name), planned.name);
  }
  return { sums, problems, count };
};

const checkedRow = ({ row, cells }: CsvRow): { readonly row?: PlannedRow; readonly problems: readonly PlanProblem[] } => {
  const problems: PlanProblem[] = [];
  const whole = (title: string): string => cells.get(title.toLowerCase()) ?? '';
  const cell = (title: string): string => whole(title).trim();
  // A space at the end of a path is part of a name.
  const path = whole('Path');
  const wrong = (column: string, expected: string): void => void problems.push({ row, column, expected, found: cell(column) });
  const action = cell('Action').toLowerCase();
  if (action !== 'upload' && action !== 'skip') wrong('Action', 'upload or skip');
  const archive = TRUTH.get(cell('Archive').toLowerCase());
  if (archive === undefined) wrong('Archive', 'yes or no');
  if (!isAbsolute(path) || path.includes('\0')) wrong('Path', 'a full path');
  // What is not uploaded needs no owner and no name.
  if (action === 'upload') {
    if (cell('Owner') !== '' && !isAddress(cell('Owner'))) wrong('Owner', 'the address of a mailbox, or nothing');
    const refusal = checkUploadName(cell('Name'));
    if (refusal !== null) wrong('Name', `a file name that ends in .pst or .ost (${refusal.code})`);
  }
  if (problems.length > 0 || (action !== 'upload' && action !== 'skip')) return { problems };
  return {
    problems,
    row: {
      row,
      action,
      path,
      owner: cell('Owner'),
      archive: archive === true,
      name: cell('Name'),
      reason: cell('Reason'),
      kind: cell('Kind'),
      bytes: /^\d{1,15}$/.test(cell('Size')) ? Number(cell('Size')) : undefined,
      id: cell('Id'),
    },
  };
};
