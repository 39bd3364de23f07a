import { ProblemError } from '../door/problem.js';
import { readBulkAdd } from './csv.js';
import { BULK_ADD_HEADER } from './header.js';
import { bulkAddLine } from './export.js';
import { judge } from './rows.js';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const utf16 = (text: string): Uint8Array => Buffer.from(text, 'utf16le');
const swapped = (text: string): Uint8Array => Buffer.from(text, 'utf16le').swap16();
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
    [
      "MigrationWiz's header in any case",
      `${BULK_ADD_HEADER.toUpperCase()}\nada@contoso.com,ada,,ada.pst,,,\nben@contoso.com,,,ben.pst,,,\n`,
    ],
    ['spaces and underscores in the header', ' source_email ,Destination  EMAIL\nada@contoso.com,ada.pst\nben@contoso.com,ben.pst'],
    ['its columns in another order', 'Destination Email,Flags,Source Email\nada.pst,,ada@contoso.com\nben.pst,0,ben@contoso.com'],
    ['flags that are zero', `${BULK_ADD_HEADER}\nada@contoso.com,,,ada.pst,,,0\nben@contoso.com,,,ben.pst,,,00`],
    ['the short header of MigrationWiz', 'Source Email,Destination Email\nada@contoso.com,ada.pst\nben@contoso.com,ben.pst'],
    ['the names of its reports', 'Source Email Address,Destination Email Address\nada@contoso.com,ada.pst\nben@contoso.com,ben.pst'],
    ['spaces around quotation marks', 'Source,Destination\n "ada@contoso.com" , "ada.pst"\nben@contoso.com,ben.pst'],
    [
      'tabs and quotation marks',
      `${BULK_ADD_HEADER.replaceAll(',', '\t')}\nada@contoso.com\t\t\t"ada.pst"\t\t\t\n"ben@contoso.com"\t\t\tben.pst\t\t\t0`,
    ],
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

  it.each([
    ['UTF-16 with its mark', utf16(`\uFEFF${'Source Email\tDestination Email\r\nada@contoso.com\täda.pst\r\n'}`)],
    ['UTF-16 without it', utf16('Source Email\tDestination Email\r\nada@contoso.com\täda.pst\r\n')],
    ['UTF-16 in the other order', swapped('\uFEFFSource Email;Destination Email\r\nada@contoso.com;äda.pst\r\n')],
    ['UTF-16 in the other order without its mark', swapped('Source Email;Destination Email\r\nada@contoso.com;äda.pst\r\n')],
  ])('may be in %s', (_title, file) => {
    expect(readBulkAdd(file)).toMatchObject({ rows: [{ row: 2, source: 'ada@contoso.com', destination: 'äda.pst' }], faults: [] });
  });

  it('is what an export of the same mailboxes writes, formulas or not', () => {
    const mailboxes = [
      { source: 'ada@contoso.com', destination: 'ada.pst' },
      { source: '+49@contoso.com', destination: '=1+1.pst' },
      { source: "'o@contoso.com", destination: 'a;b, c "d" ë.pst' },
    ];
    const file = [`\uFEFF${BULK_ADD_HEADER}\r\n`, ...mailboxes.map(bulkAddLine)].join('');
    expect(file).toContain("'+49@contoso.com");
    expect(readBulkAdd(bytes(file)).rows.map(({ source, destination }) => ({ source, destination }))).toEqual(mailboxes);
    expect(readBulkAdd(bytes(file)).faults).toEqual([]);
  });

  it('has every cell refused that looks like a secret', () => {
    const key = `${Buffer.alloc(64, 0xa7).toString('base64')}`;
    const { good, faults } = judged(`Source,Destination\n${key}@contoso.com,ada.pst\nben@contoso.com,${key}.pst`);
    expect(good).toEqual([]);
    expect(faults.map(({ row, column, code }) => `${row} ${column}: ${code}`)).toEqual([
      '2 Source: field.secret',
      '3 Destination: field.secret',
    ]);
    expect(JSON.stringify(faults)).not.toContain(key);
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
    ['csv.header-unknown', 'Source Email,Destination Email,Password hint\na@b.co,a.pst,x'],
    ['csv.header-unknown', 'Source Email,Source,Destination Email\na@b.co,a@b.co,a.pst'],
    ['csv.header-unknown', 'Source Email,Flags,Flags,Destination Email\na@b.co,,,a.pst'],
    ['csv.header-unknown', 'Source Email,Flags\na@b.co,0'],
    ['csv.header-unknown', 'one,two\n'],
    ['csv.unreadable', 'Source,Destination\n"ada@contoso.com,ada.pst\nben@contoso.com,ben.pst'],
    ['csv.too-many-rows', `Source,Destination\n${'a@b.co,a.pst\n'.repeat(100_001)}`],
  ])('is refused as %s', (code, text) => {
    expect(codeOf(() => readBulkAdd(bytes(text)))).toBe(code);
  });

  it('is refused when it is neither in UTF-8 nor in UTF-16', () => {
    expect(codeOf(() => readBulkAdd(new Uint8Array([0x53, 0xff, 0xfe])))).toBe('csv.not-utf8');
    expect(codeOf(() => readBulkAdd(new Uint8Array([0xff, 0xfe, 0x00, 0xd8, 0x41])))).toBe('csv.not-utf8');
  });

  it('has the columns named that are not known, by their positions', () => {
    try {
      readBulkAdd(bytes('Source Email,Note,Destination Email,Source\n'));
      throw new Error('was read');
    } catch (error) {
      expect((error as ProblemError).problem.detail).toMatch(/^Columns 2, 4 of the header are not known or given twice\. /);
    }
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
