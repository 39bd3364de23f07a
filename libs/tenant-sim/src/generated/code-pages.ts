import { utf16 } from '@pstream/mapi';
import { encodePage as encodeExactly } from '@pstream/mapi/code-pages';

const QUESTION_MARK = Uint8Array.of(0x3f);
const UTF8 = 65001;

/** Text in a code page; what the page lacks becomes `?`. */
export const encodePage = (text: string, page: number): Uint8Array => {
  if (page === UTF8) return Buffer.from(text, 'utf8');
  const whole = encodeExactly(page, utf16(text));
  return whole ?? Buffer.concat(Array.from(text).map((letter) => encodeExactly(page, utf16(letter)) ?? QUESTION_MARK));
};
