import { lookOf } from './look-alike.js';

describe('what a name looks like', () => {
  it.each([
    ['customer', 'Cust0mer'],
    ['CUSTOMER', 'cuѕtоmеr'],
    ['Müller', 'MULLER'],
    ['Intra', '1ntra'],
    ['ill', 'I11'],
    ['straße', 'STRASSE'],
    ['Ærø', 'aero'],
    ['box', '8οχ'],
  ])('is the same for %s and %s', (one, other) => expect(lookOf(one)).toBe(lookOf(other)));

  it.each([
    ['Leavers', 'Leaver'],
    ['barn', 'bam'],
    ['2026', '2027'],
  ])('differs for %s and %s', (one, other) => expect(lookOf(one)).not.toBe(lookOf(other)));

  it('of a part of a name is a part of what the name looks like', () => {
    const name = 'Straße 10, Cust0mer Œuvre (ill)';
    for (let from = 0; from < name.length; from++)
      for (let to = from; to <= name.length; to++) expect(lookOf(name)).toContain(lookOf(name.slice(from, to)));
  });
});
