import { utf16Text } from '../text.js';
import { decodeAnyway, decodeString8 } from './index.js';

const bytesOf = (hex: string): Uint8Array => Buffer.from(hex.replaceAll(' ', ''), 'hex');
const read = (hex: string, ...pages: (number | undefined)[]): readonly [text: string, page: number, isGuess: boolean] => {
  const { text, page, isGuess } = decodeString8(bytesOf(hex), pages);
  return [utf16Text(text), page, isGuess];
};

describe('8-bit text without a page of its own', () => {
  it.each([
    // by the table of the page itself
    [50220, '1b2442 467c 4b5c 1b2842', '日本', 50220],
    [50221, '1b2442 467c 4b5c 1b2842', '日本', 50221],
    [50225, '1b242943 0e 4751 315b 0f', '한글', 50225],
    [52936, '7e7b 5650 4e44 7e7d', '中文', 52936],
    [65000, '2b4a6a6f2d', '☺', 65000],
    [51932, 'c6fc cbdc', '日本', 51932],
    [51949, 'c7d1 b1db', '한글', 51949],
    [51936, 'd6d0 cec4', '中文', 51936],
    [54936, '81308130', '\u0080', 54936],
    [38598, 'f9 e0', 'שא', 38598],
    [28592, 'a1 e8', 'Ąč', 28592],
    [28593, 'a1', 'Ħ', 28593],
    [28594, 'e0', 'ā', 28594],
    [28595, 'bf', 'П', 28595],
    [28596, 'c7', 'ا', 28596],
    [28597, 'c1', 'Α', 28597],
    [28598, 'e0', 'א', 28598],
    [28599, 'fd', 'ı', 28599],
    [28603, 'e0', 'ą', 28603],
    [28605, 'a4', '€', 28605],
    [65001, 'e282ac', '€', 65001],
    // by the Windows page of its script, where the bytes are of that
    [50220, '93fa 967b', '日本', 932],
    [50221, '93fa 967b', '日本', 932],
    [51932, '93fa 967b', '日本', 932],
    [50225, 'c7d1 b1db', '한글', 949],
    [52936, 'd6d0 cec4', '中文', 936],
    [28592, '8a 9d', 'Šť', 1250],
    [28594, '84', '„', 1257],
    [28595, '80', 'Ђ', 1251],
    [28596, '81', 'پ', 1256],
    [28597, '80', '€', 1253],
    [28598, '80', '€', 1255],
    [38598, '80', '€', 1255],
    [28599, '8a', 'Š', 1254],
    [28603, '84', '„', 1257],
    [28605, '80', '€', 1252],
    [20127, 'e9', 'é', 1252],
  ])('of the page %i: %s is %s by %i', (page, hex, text, by) => expect(read(hex, page)).toEqual([text, by, false]));

  it('is ASCII, if it is, whatever page is stated', () => {
    expect(read('4a2b 31', 50220)).toEqual(['J+1', 20127, false]);
    expect(read('4a', undefined)).toEqual(['J', 20127, false]);
    expect(read('4a', 65001, 1252)).toEqual(['J', 20127, false]);
  });
  it('is read by the first stated page that explains it', () => {
    expect(read('cf f0', undefined, 1251)).toEqual(['Пр', 1251, false]);
    expect(read('ff ff', 932, 1251)).toEqual(['яя', 1251, false]);
    expect(read('cf', 1200, 1251)).toEqual(['П', 1251, false]);
  });
  it('is guessed by a page near to the stated one, and by 1252 where none is', () => {
    expect(read('93fa', 10001)).toEqual(['日', 932, true]);
    expect(read('e9', 12345)).toEqual(['é', 1252, true]);
    expect(read('e9')).toEqual(['é', 1252, true]);
  });
  it('with shifts that no stated page reads is a guess', () => expect(read('1b242943 0e 3c 0f', 50225)[2]).toBe(true));
  it('keeps to the stated page with U+FFFD where it must be that page', () =>
    expect(utf16Text(decodeAnyway(65001, bytesOf('e2 41')))).toBe('\uFFFDA'));
});
