import { utf16, utf16Text } from '@pstream/mapi';

/** Text up to this many bytes is tried without making a string of it. */
const SHORT_BYTES = 1024;
/** Upper case is at most twice as long: sharp s becomes SS. Every second byte stays zero. */
const scratch = new Uint8Array(2 * SHORT_BYTES);

const MICRO = 0xb5;
const DIVISION = 0xf7;
const SHARP_S = 0xdf;
const Y_DIAERESIS = 0xff;
const LETTER_S = 0x53;

/** UTF-16LE text in upper case by the rules of Unicode, without locale. Holds until the next call. Latin-1, which most text is, takes
 *  no string. */
export const upperCase = (text: Uint8Array): Uint8Array => {
  if (text.length > SHORT_BYTES) return byString(text);
  let out = 0;
  for (let i = 0; i + 1 < text.length; i += 2) {
    let unit = text[i] as number;
    // the capitals of these two are not in Latin-1
    if (text[i + 1] !== 0 || unit === MICRO || unit === Y_DIAERESIS) return byString(text);
    if (unit === SHARP_S) {
      scratch[out] = LETTER_S;
      out += 2;
      unit = LETTER_S;
    } else if ((unit >= 0x61 && unit <= 0x7a) || (unit >= 0xe0 && unit !== DIVISION)) unit -= 0x20;
    scratch[out] = unit;
    out += 2;
  }
  return scratch.subarray(0, out);
};

const byString = (text: Uint8Array): Uint8Array => utf16(utf16Text(text).toUpperCase());
