import { widthOf } from './fit.js';
import { tableText } from './table.js';

const titles = ['PST', 'State', 'SHA-256'];
const hash = 'f'.repeat(64);
const rows = [
  ['ann.pst', 'Committed', hash],
  ['日本語のメールボックス.pst', 'Open', hash],
];
const widest = (text: string): number => Math.max(...text.split('\n').map(widthOf));

describe('a table', () => {
  it('stands side by side where there is room, without blanks at the ends of lines', () => {
    const text = tableText(titles, rows);
    expect(text.split('\n')).toHaveLength(3);
    expect(text).not.toMatch(/ $/m);
  });

  it.each([60, 80, 120])('takes less than %i columns, and loses no character', (columns) => {
    const text = tableText(titles, rows, columns);
    expect(widest(text)).toBeLessThan(columns);
    expect(text.match(/f/g)).toHaveLength(2 * hash.length);
  });

  it('breaks between words where it can', () => {
    const text = tableText(['Code', 'Meaning'], [['1', 'Failed: something could not be carried out, or was stopped.']], 40);
    expect(text.split('\n').slice(1)).toEqual(['1     Failed: something could not be', '      carried out, or was stopped.']);
  });

  it('becomes a line per cell where columns would be too narrow to read', () => {
    const wide = ['one', 'two', 'three', 'four'].map((name) => `${name} ${'x'.repeat(30)}`);
    expect(tableText(['A', 'B', 'C', 'D'], [wide], 40)).toBe(wide.map((cell, at) => `${'ABCD'[at]}: ${cell}`).join('\n'));
  });
});
