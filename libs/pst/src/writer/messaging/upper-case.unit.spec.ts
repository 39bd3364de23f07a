import { utf16, utf16Text } from '@pstream/mapi';

import { upperCase } from './upper-case.js';

const upper = (text: string): string => utf16Text(upperCase(utf16(text)));

describe('upper case of UTF-16LE bytes', () => {
  it('is that of the string for every character of the basic plane', () => {
    const wrong = Array.from({ length: 0x1_0000 }, (_, unit) => `a${String.fromCharCode(unit)}z`).filter(
      (text) => upper(text) !== text.toUpperCase(),
    );
    expect(wrong).toEqual([]);
  });

  it('is that of the string for long text and for text that grows', () => {
    for (const text of ['', 'ß'.repeat(512), 'ß'.repeat(513), 'Straße '.repeat(1000), 'café 😀 ÷ ÿ'])
      expect(upper(text)).toBe(text.toUpperCase());
  });

  it('leaves an odd last byte out', () => {
    expect(utf16Text(upperCase(Uint8Array.of(0x61, 0, 0x62)))).toBe('A');
  });
});
