/** A fault of a file, as the gateway tells it. */
export type RowFault = { readonly row?: number | undefined; readonly column: string; readonly code: string; readonly message: string };

/** The faults of one row, with the row as it stands in the file. */
export type FaultyRow = { readonly row: number; readonly text: string; readonly faults: readonly RowFault[] };

/** Rows with faults in the order of the file. Rows are counted as a spreadsheet does, so that the first line is row 1. */
export const faultyRows = (text: string, faults: readonly RowFault[]): readonly FaultyRow[] => {
  const lines = text.split(/\r\n|\n|\r/);
  const rows = new Map<number, RowFault[]>();
  for (const fault of faults) {
    const row = fault.row ?? 0;
    const before = rows.get(row);
    if (before === undefined) rows.set(row, [fault]);
    else before.push(fault);
  }
  return [...rows].sort(([a], [b]) => a - b).map(([row, its]) => ({ row, text: lines[row - 1] ?? '', faults: its }));
};

const ADDRESS_ONLY = /^[^\s,;\t]+@[^\s,;\t]+$/;

/** What was pasted, as a Bulk Add file: a line with nothing but an address gets the name of its PST from it. The number of lines stays. */
export const completed = (text: string): string =>
  text
    .split('\n')
    .map((line) => {
      const address = line.trim();
      return ADDRESS_ONLY.test(address) ? `${address},${address.slice(0, address.indexOf('@'))}.pst` : line;
    })
    .join('\n');
