import { ProblemError } from '../door/problem.js';
import { BULK_ADD_HEADER, readBulkAdd } from './csv.js';
import { judge } from './rows.js';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const nothing = { sources: new Set<string>(), destinations: new Set<string>() };

const judged = (text: string, taken = nothing) => {
  const { rows, columns, faults } = readBulkAdd(bytes(text));
  const spoilt = new Set(faults.flatMap(({ row }) => (row === undefined ? [] : [row])));
  const found = judge(rows, columns, taken, spoilt);
  return { good: found.good.map(({ source, destination }) => [source, destination]), faults: [...faults, ...found.faults] };
};

const codeOf = (work: () => unknown): string | undefined => {
  try {
    work();
    return undefined;
  } catch (error) {
    return error instanceof ProblemError ? error.problem.code : String(error);
  }
};

describe('a Bulk Add file', () => {
  const expected = [
    ['ada@contoso.com', 'ada.pst'],
    ['ben@contoso.com', 'ben.pst'],
  ];

  it.each([
    ["MigrationWiz's header", `${BULK_ADD_HEADER}\nada@contoso.com,ada,,ada.pst,,,\nben@contoso.com,,,ben.pst,,,\n`],
    ['the short header', 'Source,Destination\nada@contoso.com,ada.pst\nben@contoso.com,ben.pst'],
    ['no header', 'ada@contoso.com,ada.pst\nben@contoso.com,ben.pst\n'],
    ['a byte order mark and Windows line ends', '\uFEFFSource,Destination\r\nada@contoso.com,ada.pst\r\nben@contoso.com,ben.pst\r\n'],
    ['semicolons', `${BULK_ADD_HEADER.replaceAll(',', ';')}\nada@contoso.com;;;ada.pst;;;\nben@contoso.com;;;ben.pst;;;`],
    ['tabs', 'source\tdestination\nada@contoso.com\tada.pst\nben@contoso.com\tben.pst'],
    ['quotation marks and spaces', 'Source,Destination\n"ada@contoso.com"," ada.pst "\n ben@contoso.com ,ben.pst'],
    ['empty lines', '\n\nSource,Destination\n\nada@contoso.com,ada.pst\n,\nben@contoso.com,ben.pst\n\n'],
  ])('may have %s', (_title, text) => {
    expect(judged(text)).toEqual({ good: expected, faults: [] });
  });

  it('tells every fault at once, by the row of a spreadsheet and by column, and repeats no cell', () => {
    const lines = [
      BULK_ADD_HEADER, //                                             1
      'ada@contoso.com,,,ada.pst,,,', //                              2 good
      ',,,blank-source.pst,,,', //                                    3 source missing
      'not an address,,,x.pst,,,', //                                 4 source
      'ben@contoso.com,,,,,,', //                                     5 destination missing
      'cleo@contoso.com,,,cleo.zip,,,', //                            6 not .pst
      'dan@contoso.com,,,../dan.pst,,,', //                           7 character
      'eve@contoso.com,,,.eve.pst,,,', //                             8 edge
      'fay@contoso.com,,,con.pst,,,', //                              9 device
      'gus@contoso.com,,,gus.002.pst,,,', //                          10 number
      `hal@contoso.com,,,${'h'.repeat(130)}.pst,,,`, //               11 too long
      'ida@contoso.com,,,ida\u0301.pst,,,', //                        12 not normalised
      'jo@contoso.com,,hunter2,jo.pst,,,', //                         13 password
      'kim@contoso.com,,,kim.pst,,swordfish,', //                     14 password
      'lou@contoso.com,,,lou.pst,,,1', //                             15 flags
      'mo@contoso.com,,,mo.pst', //                                   16 columns
      'ADA@contoso.com,,,ada2.pst,,,', //                             17 source twice
      'ned@contoso.com,,,ADA.pst,,,', //                              18 destination twice
      'old@contoso.com,,,old2.pst,,,', //                             19 in the project
      'pat@contoso.com,,,old.pst,,,', //                              20 in the project
      'broken,,,broken.txt,,,', //                                    21 both
    ];
    const { good, faults } = judged(lines.join('\n'), { sources: new Set(['old@contoso.com']), destinations: new Set(['old.pst']) });
    expect(good).toEqual([['ada@contoso.com', 'ada.pst']]);
    expect(faults.map(({ row, column, code }) => `${row} ${column}: ${code}`).sort((a, b) => parseInt(a) - parseInt(b))).toEqual([
      '3 Source Email: source.missing',
      '4 Source Email: source.not-an-address',
      '5 Destination Email: part-name.missing',
      '6 Destination Email: part-name.not-pst',
      '7 Destination Email: part-name.character',
      '8 Destination Email: part-name.edge',
      '9 Destination Email: part-name.device',
      '10 Destination Email: part-name.number',
      '11 Destination Email: part-name.too-long',
      '12 Destination Email: part-name.not-normalised',
      '13 Source Password: row.password-present',
      '14 Destination Password: row.password-present',
      '15 Flags: row.flags-present',
      '16 : row.columns',
      '17 Source Email: source.repeated',
      '18 Destination Email: destination.repeated',
      '19 Source Email: line-item.source-exists',
      '20 Destination Email: line-item.destination-exists',
      '21 Source Email: source.not-an-address',
      '21 Destination Email: part-name.not-pst',
    ]);
    for (const secret of ['hunter2', 'swordfish', 'jo@', 'not an address']) expect(JSON.stringify(faults)).not.toContain(secret);
    for (const { message } of faults) expect(message).toMatch(/\.$/);
  });

  it.each([
    ['csv.empty', ''],
    ['csv.empty', '\n \n'],
    ['csv.empty', 'Source,Destination\n'],
    ['csv.header-unknown', 'Name,Address,Phone\na,b,c'],
    [
      'csv.header-unknown',
      'source email,Source Login Name,Source Password,Destination Email,Destination Login Name,Destination Password,Flags\n',
    ],
    ['csv.header-unknown', 'one,two\n'],
    ['csv.unreadable', 'Source,Destination\n"ada@contoso.com,ada.pst\nben@contoso.com,ben.pst'],
    ['csv.too-many-rows', `Source,Destination\n${'a@b.co,a.pst\n'.repeat(100_001)}`],
  ])('is refused as %s', (code, text) => {
    expect(codeOf(() => readBulkAdd(bytes(text)))).toBe(code);
  });

  it('is refused when it is not in UTF-8', () => {
    expect(codeOf(() => readBulkAdd(new Uint8Array([0x53, 0xff, 0xfe])))).toBe('csv.not-utf8');
  });

  it('names the row at which it can no longer be read', () => {
    try {
      readBulkAdd(bytes('Source,Destination\na@b.co,a.pst\nb@b.co,"b.pst'));
      throw new Error('was read');
    } catch (error) {
      expect((error as ProblemError).problem.errors).toMatchObject([{ row: 3, code: 'csv.unreadable' }]);
    }
  });
});
