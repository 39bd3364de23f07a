import { parseFilter } from './odata-filter.js';
import { Refusal } from './refusal.js';

type Row = { readonly type: string; readonly size: number; readonly createdDateTime: string };
const rows: readonly Row[] = [
  { type: 'IPM.Note', size: 5, createdDateTime: '2020-01-01T00:00:00Z' },
  { type: "IPM.O'Note", size: 10, createdDateTime: '2021-08-21T00:00:00Z' },
  { type: 'IPM.Contact', size: 15, createdDateTime: '2022-01-01T12:00:00Z' },
];
const NAMES = ['type', 'size', 'createdDateTime'];
const passing = (text: string): number[] =>
  rows.filter(parseFilter<Row>(text, NAMES, (row, name) => row[name as keyof Row])).map((row) => row.size);

describe('$filter', () => {
  it.each([
    ["type eq 'IPM.Note'", [5]],
    ["type eq 'IPM.O''Note'", [10]],
    ["type ne 'IPM.Note'", [10, 15]],
    ['size gt 5 and size lt 15', [10]],
    ['size eq 5 or size eq 15', [5, 15]],
    ['not (size eq 5)', [10, 15]],
    ['size eq 5 or size eq 10 and size eq 15', [5]],
    ['createdDateTime ge 2021-08-21', [10, 15]],
    ['createdDateTime lt 2022-01-01T12:00:00Z', [5, 10]],
    ['createdDateTime ge 2021-01-01 and size gt 10', [15]],
    ["startswith(type,'ipm.c')", [15]],
    ["contains(type, 'Note')", [5, 10]],
    ["endswith(type,'act')", [15]],
    ['size eq null', []],
  ])('%s', (text, sizes) => {
    expect(passing(text)).toEqual(sizes);
  });

  it.each([
    '',
    'size',
    'size eq',
    'size like 5',
    "color eq 'x'",
    '(size eq 5',
    'size eq 5)',
    'size eq 2021-13-99',
    'startswith(type)',
    "type eq 'open",
  ])('refuses %j', (text) => {
    expect(() => passing(text)).toThrow(Refusal);
  });
});
