import { checkContainerName, checkPartName, checkUploadName, foldPartName } from './names.js';

const at = (code: number): string => String.fromCodePoint(code);
const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i);

// Names by the reason for which they are refused.
const refused: Record<string, string[]> = {
  'part-name.control-character': [
    ...range(0, 31),
    ...range(127, 159),
    0xad,
    0x61c,
    0x180e,
    ...range(0x200b, 0x200f),
    ...range(0x2028, 0x202e),
    ...range(0x2060, 0x2064),
    ...range(0x2066, 0x206f),
    0xfeff,
    ...range(0xfff9, 0xfffb),
    0xe0001,
    ...range(0xe0020, 0xe007f),
    0xd800,
    0xdfff,
    0xffff,
    0xe000,
  ].flatMap((code) => [`a${at(code)}b.pst`, `ab.pst${at(code)}`]),
  'part-name.path-character': '/\\:*?"<>|'
    .split('')
    .flatMap((c) => [`${c}x.pst`, `x${c}y.pst`, `x.pst${c}`, `..${c}x.pst`, `${c}${c}host${c}share.pst`]),
  'part-name.device-name': [
    'con',
    'prn',
    'aux',
    'nul',
    'clock$',
    'conin$',
    'conout$',
    ...range(0, 9).flatMap((n) => [`com${n}`, `lpt${n}`]),
    'com¹',
    'lpt²',
    'com³',
  ].flatMap((device) => [
    `${device}.pst`,
    `${device.toUpperCase()}.pst`,
    `${device}.backup.pst`,
    `${device} .pst`.replace(' .pst', ' .x.pst'),
  ]),
  'part-name.edge-character': ['.x.pst', '..x.pst', ' x.pst', '\u00a0x.pst', 'x .pst', 'x..pst', 'x\u3000.pst', '.pst', '..pst', ' .pst'],
  'part-name.wrong-ending': ['x', 'x.PST', 'x.pst.exe', 'xpst', 'x.ost', 'x.pst2', 'x.pst~'],
  'part-name.not-normalized': ['u\u0308ber.pst', 'e\u0301.pst', '\u212b.pst', '\u1100\u1161.pst'],
  'part-name.too-long': [`${'x'.repeat(117)}.pst`, `${'界'.repeat(80)}.pst`, 'x'.repeat(10_000)],
  'part-name.empty': [''],
};

describe('the name of a part', () => {
  it('has a table of at least 500 bad ones', () => {
    expect(Object.values(refused).flat().length).toBeGreaterThanOrEqual(500);
  });
  it.each(Object.entries(refused))('is refused as %s', (code, names) => {
    for (const name of names) expect([escape(name), checkPartName(name)?.code]).toEqual([escape(name), code]);
  });
  it('is fine in the scripts and forms that mailboxes have', () => {
    const names = [
      'user1.pst',
      'user1.002.pst',
      'Jörg Müller (2).pst',
      'müller@firma.example.pst',
      '山田太郎.pst',
      "O'Brien & Söhne, Köln.pst",
      'emoji 📬.pst',
      'עברית.pst',
      'com10.pst',
      'console.pst',
      'x.nul.pst',
      `${'x'.repeat(116)}.pst`,
      '-x.pst',
      '%2e%2e%2fx.pst',
      '#1 50%.pst',
    ];
    for (const name of names) expect([name, checkPartName(name)]).toEqual([name, null]);
  });
  it('may end in .ost where a file that was found is copied', () => {
    expect([checkUploadName('a.ost'), checkUploadName('a.pst')]).toEqual([null, null]);
    for (const name of ['a.doc', '.ost', 'a .ost', 'con.ost', 'a/b.ost']) expect([name, checkUploadName(name)]).not.toEqual([name, null]);
  });
  it('carries no part of the name in what it says', () => {
    expect(JSON.stringify(checkPartName('mueller@firma.example'))).not.toContain('mueller');
  });
  it('folds to the same where a file system would not tell two apart', () => {
    for (const [a, b] of [
      ['User.pst', 'uSER.PST'],
      ['straße.pst', 'STRASSE.pst'],
      ['É.pst', 'e\u0301.pst'],
    ] as const)
      expect(foldPartName(a)).toBe(foldPartName(b));
    expect(foldPartName('a.pst')).not.toBe(foldPartName('b.pst'));
  });
});

describe('the name of a container', () => {
  it.each(['abc', 'a-b-c', '123', 'x'.repeat(63)])('may be %s', (name) => expect(checkContainerName(name)).toBeNull());
  it.each(['ab', 'x'.repeat(64), 'Abc', 'a--b', '-ab', 'ab-', 'a_b', 'a.b', '../x', 'a/b', 'com1'])('may not be %s', (name) =>
    expect(checkContainerName(name)).not.toBeNull(),
  );
});

const escape = (text: string): string => JSON.stringify(text.slice(0, 40));
