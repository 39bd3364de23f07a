import { textOf, type FieldFault } from '@pstream/api';
import { partNameFault, sameAddress, samePartName, secretShapeOf, SmtpAddress } from '@pstream/contracts';

/** A row to judge: where it stands (from 1) and its two cells. */
export type Row = { readonly row: number; readonly source: string; readonly destination: string };

/** What the two columns are called where the rows come from. */
export type Columns = { readonly source: string; readonly destination: string };

/** What the project has already; both as `sameAddress` and `samePartName` make them. */
export type Taken = { readonly sources: ReadonlySet<string>; readonly destinations: ReadonlySet<string> };

/** Rows that may be added, and every fault of the others. */
export type Judged = { readonly good: readonly Row[]; readonly faults: readonly FieldFault[] };

/** The fault of a cell, in the words of its code; never with the cell's value. */
export const fault = (row: number, column: string, code: string): FieldFault => ({ row, column, code, message: textOf(code, {}).detail });

/** Judges every row by itself, against the rows above it and against the project. Rows in `spoilt` have faults already. */
export const judge = (rows: readonly Row[], columns: Columns, taken: Taken, spoilt: ReadonlySet<number> = new Set()): Judged => {
  const good: Row[] = [];
  const faults: FieldFault[] = [];
  const sources = new Set<string>();
  const destinations = new Set<string>();
  for (const given of rows) {
    const row = { ...given, source: given.source.trim(), destination: given.destination.trim() };
    const found = [...sourceFaults(row, columns, sources, taken), ...destinationFaults(row, columns, destinations, taken)];
    sources.add(sameAddress(row.source));
    destinations.add(samePartName(row.destination));
    faults.push(...found);
    if (found.length === 0 && !spoilt.has(row.row)) good.push(row);
  }
  return { good, faults };
};

const sourceFaults = ({ row, source }: Row, columns: Columns, above: ReadonlySet<string>, taken: Taken): FieldFault[] => {
  if (source === '') return [fault(row, columns.source, 'source.missing')];
  if (secretShapeOf(source) !== undefined) return [fault(row, columns.source, 'field.secret')];
  if (!SmtpAddress.safeParse(source).success) return [fault(row, columns.source, 'source.not-an-address')];
  if (above.has(sameAddress(source))) return [fault(row, columns.source, 'source.repeated')];
  return taken.sources.has(sameAddress(source)) ? [fault(row, columns.source, 'line-item.source-exists')] : [];
};

const destinationFaults = ({ row, destination }: Row, columns: Columns, above: ReadonlySet<string>, taken: Taken): FieldFault[] => {
  if (secretShapeOf(destination) !== undefined) return [fault(row, columns.destination, 'field.secret')];
  const wrong = partNameFault(destination);
  if (wrong !== undefined) return [{ row, column: columns.destination, code: wrong.code, message: wrong.advice }];
  if (above.has(samePartName(destination))) return [fault(row, columns.destination, 'destination.repeated')];
  return taken.destinations.has(samePartName(destination)) ? [fault(row, columns.destination, 'line-item.destination-exists')] : [];
};
