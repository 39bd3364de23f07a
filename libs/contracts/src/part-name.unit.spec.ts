import { partName, partNameFault } from './part-name.js';

describe('the name of a PST', () => {
  it.each(['ada.pst', 'Ada Lovelace.PST', 'müller.pst', '山田.pst', 'a.b.pst'])('%s may be used', (name) =>
    expect(partNameFault(name)).toBeUndefined(),
  );
  it.each([
    ['', 'part-name.missing'],
    ['ada', 'part-name.not-pst'],
    ['ada.txt', 'part-name.not-pst'],
    ['../ada.pst', 'part-name.character'],
    ['a/b.pst', 'part-name.character'],
    ['a\u0000.pst', 'part-name.character'],
    ['a\u202etsp.pst', 'part-name.character'],
    ['.ada.pst', 'part-name.edge'],
    ['ada .pst', 'part-name.edge'],
    ['.pst', 'part-name.edge'],
    ['con.pst', 'part-name.device'],
    ['LPT1.pst', 'part-name.device'],
    ['ada.002.pst', 'part-name.number'],
    ['a\u0308.pst', 'part-name.not-normalised'],
    [`${'a'.repeat(117)}.pst`, 'part-name.too-long'],
  ])('%j is refused', (name, code) => expect(partNameFault(name)?.code).toBe(code));
  it('gets a number from the second part on', () => {
    expect([1, 2, 12, 1000].map((ordinal) => partName('ada.pst', ordinal))).toEqual([
      'ada.pst',
      'ada.002.pst',
      'ada.012.pst',
      'ada.1000.pst',
    ]);
  });
});
