import { koreanText } from './korean.js';

// KS X 1001:1992, annex 3 (code page 1361): a syllable is a bit of 1 and three numbers of five bits, for its initial, vowel and final. What is
// no syllable stands in the order of KS X 1001, whose rows code page 949 has too.

const FILL = -1;
const numbersOf = (first: number, ...runs: readonly (readonly [from: number, to: number])[]): Map<number, number> => {
  const numbers = runs.flatMap(([from, to]) => Array.from({ length: to - from + 1 }, (_, n) => from + n));
  return new Map(numbers.map((code, n) => [code, first + n]));
};
const INITIALS = numbersOf(0, [2, 20]).set(1, FILL);
const VOWELS = numbersOf(0, [3, 7], [10, 15], [18, 23], [26, 29]).set(2, FILL);
const FINALS = numbersOf(1, [2, 17], [19, 29]).set(1, 0);

/** Letters by themselves, from U+3131: initials in their order, then finals, then the first vowel. */
const INITIAL_LETTERS = 'ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ';
const FINAL_LETTERS = 'ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ';
const FIRST_VOWEL = 0x314f;
const FIRST_SYLLABLE = 0xac00;

/** The text of Johab bytes; undefined for bytes that it doesn't have. */
export const johabText = (bytes: Uint8Array): string | undefined => {
  let text = '';
  for (let at = 0; at < bytes.length; at++) {
    const lead = bytes[at]!;
    if (lead < 0x80) text += String.fromCharCode(lead);
    else {
      const trail = bytes[++at] ?? 0;
      const letter = lead < 0xd8 ? syllable((lead << 8) | trail) : sign(lead, trail);
      if (letter === undefined) return undefined;
      text += letter;
    }
  }
  return text;
};

const syllable = (code: number): string | undefined => {
  const initial = INITIALS.get((code >> 10) & 31);
  const vowel = VOWELS.get((code >> 5) & 31);
  const final = FINALS.get(code & 31);
  if (initial === undefined || vowel === undefined || final === undefined) return undefined;
  if (initial !== FILL && vowel !== FILL) return String.fromCharCode(FIRST_SYLLABLE + (initial * 21 + vowel) * 28 + final);
  if (final === 0 && initial === FILL) return vowel === FILL ? '\u3000' : String.fromCharCode(FIRST_VOWEL + vowel);
  if (final === 0) return INITIAL_LETTERS[initial];
  return initial === FILL && vowel === FILL ? FINAL_LETTERS[final - 1] : undefined;
};

/** Signs and hanja: 188 to a lead byte, two rows of KS X 1001. */
const sign = (lead: number, trail: number): string | undefined => {
  const isTrail = (trail >= 0x31 && trail <= 0x7e) || (trail >= 0x91 && trail <= 0xfe);
  if (!isTrail || lead < 0xd9 || lead === 0xdf || lead > 0xf9) return undefined;
  const place = trail < 0x91 ? trail - 0x31 : trail - 0x43;
  const row = (lead < 0xe0 ? 2 * (lead - 0xd9) : 2 * lead - 0x197) + (place < 94 ? 0 : 1);
  return koreanText(Uint8Array.of(0xa1 + row, 0xa1 + (place % 94)));
};
