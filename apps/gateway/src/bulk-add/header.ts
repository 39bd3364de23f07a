import type { Columns } from './rows.js';

/** MigrationWiz's header as it writes it. */
export const BULK_ADD_HEADER =
  'Source Email,Source Login Name,Source Password,Destination Email,Destination Login Name,Destination Password,Flags';

/** What a cell that is not read may hold: anything, or so little that this is no fault. */
type Unread = 'anything' | 'row.password-present' | 'row.flags-present';

/** Where a file has what. Positions count from 0. */
export type Shape = {
  readonly columns: Columns;
  readonly width: number;
  readonly source: number;
  readonly destination: number;
  readonly unread: readonly { readonly at: number; readonly name: string; readonly takes: Unread }[];
  readonly hasHeader: boolean;
};

/** The columns a file may have: the two that are read, and those that are of no use here. Passwords are refused. */
const COLUMNS: Readonly<Record<string, 'source' | 'destination' | Unread>> = {
  'Source Email': 'source',
  'Source Email Address': 'source',
  Source: 'source',
  'Source Login Name': 'anything',
  'Source Password': 'row.password-present',
  'Destination Email': 'destination',
  'Destination Email Address': 'destination',
  Destination: 'destination',
  'Destination Login Name': 'anything',
  'Destination Password': 'row.password-present',
  Flags: 'row.flags-present',
};

/** A name of a column without what people and spreadsheets change: case, spaces, underscores. */
const folded = (name: string): string =>
  name
    .normalize('NFKC')
    .replaceAll(/[\s_-]+/g, '')
    .toLowerCase();

const BY_FOLDED_NAME = new Map(Object.entries(COLUMNS).map(([name, holds]) => [folded(name), { name, holds }] as const));

/** The shape that the first line of a file tells, in whatever order its columns come; or the positions, from 1, of the columns that are
 *  not known or say again what another one says. A line without header has an address and the name of a PST. */
export const shapeOf = (head: readonly string[]): Shape | { readonly unknown: readonly number[] } => {
  const found = head.map((cell) => BY_FOLDED_NAME.get(folded(cell)));
  if (head.length === 2 && found.every((column) => column === undefined) && head[0]?.includes('@') === true) return WITHOUT_HEADER;
  const at = (holds: 'source' | 'destination'): number => found.findIndex((column) => column?.holds === holds);
  const [source, destination] = [at('source'), at('destination')];
  const isRepeated = (column: { readonly name: string; readonly holds: string }, n: number): boolean =>
    (column.holds === 'source' && n !== source) ||
    (column.holds === 'destination' && n !== destination) ||
    found.findIndex((other) => other?.name === column.name) < n;
  const unknown = found.flatMap((column, n) => (column === undefined || isRepeated(column, n) ? [n + 1] : []));
  if (unknown.length > 0 || source < 0 || destination < 0) return { unknown };
  return {
    columns: { source: found[source]?.name ?? '', destination: found[destination]?.name ?? '' },
    width: head.length,
    source,
    destination,
    unread: found.flatMap((column, n) =>
      column === undefined || column.holds === 'source' || column.holds === 'destination'
        ? []
        : [{ at: n, name: column.name, takes: column.holds }],
    ),
    hasHeader: true,
  };
};

const WITHOUT_HEADER: Shape = {
  columns: { source: 'Source', destination: 'Destination' },
  width: 2,
  source: 0,
  destination: 1,
  unread: [],
  hasHeader: false,
};
