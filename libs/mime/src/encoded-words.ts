import { textOfPart } from './text-of-part.js';

/** A header field as UTF-8, and whether some of its text had to be guessed. */
export type FieldText = { readonly text: string; readonly isGuess: boolean };

/** A header field whose raw bytes and encoded words (RFC 2047) are in whatever charset, as text with encoded words in UTF-8 only. `charset` is the
 *  one of the part: raw 8-bit bytes are read by it where they are no UTF-8. Words that stay words cannot be taken for punctuation. */
export const fieldInUtf8 = (bytes: Uint8Array, charset: string | undefined): FieldText => {
  const raw = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
  if (!/[\x80-\xff]|=\?|\*=/.test(raw)) return { text: raw, isGuess: false };
  let isGuess = false;
  const note = (found: { readonly text: string; readonly isGuess: boolean }): string => {
    isGuess ||= found.isGuess;
    return found.text;
  };
  const around = (text: string): string => note(rawText(text, charset));
  let out = '';
  let at = 0;
  for (const match of raw.matchAll(RUN)) {
    out += around(raw.slice(at, match.index)) + wordOf(note(textOfWords(match[0])));
    at = match.index + match[0].length;
  }
  return { text: (out + around(raw.slice(at))).replaceAll(EXTENDED, (...found) => parameter(found as unknown as Extended, note)), isGuess };
};

const WORD = String.raw`=\?([^?\s*]{1,60})(?:\*[^?\s]*)?\?([BbQq])\?([^?]*)\?=`;
/** Words next to each other that are in one charset and encoding: their bytes are one text, and may be cut within a character. */
const RUN = new RegExp(String.raw`${WORD}(?:\s+=\?\1(?:\*[^?\s]*)?\?\2\?[^?]*\?=)*`, 'g');

const textOfWords = (run: string): FieldText => {
  const words = [...run.matchAll(new RegExp(WORD, 'g'))];
  const [, charset = '', encoding = ''] = words[0]!;
  const bytes = Buffer.concat(words.map(([, , , data = '']) => (/b/i.test(encoding) ? Buffer.from(data, 'base64') : bytesOfQ(data))));
  return textOfPart(bytes, charset);
};

const bytesOfQ = (data: string): Buffer =>
  Buffer.from(
    data.replaceAll('_', ' ').replaceAll(/=([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  );

const wordOf = (text: string): string => `=?utf-8?B?${Buffer.from(text, 'utf8').toString('base64')}?=`;

const rawText = (raw: string, charset: string | undefined): FieldText => {
  const bytes = Buffer.from(raw, 'latin1');
  const utf8 = textOfPart(bytes, undefined);
  return utf8.isGuess && charset !== undefined ? textOfPart(bytes, charset) : utf8;
};

/** A parameter with a charset (RFC 2231) that is in one piece: `filename*=ibm850'en'Fr%94sche`. */
const EXTENDED = /(?<![\w-])([\w-]{1,60}\*)=([\w.:-]{1,60})'([^']*)'([^;\s]*)/g;
type Extended = readonly [all: string, name: string, charset: string, language: string, value: string];

const parameter = ([, name, charset, language, value]: Extended, note: (found: FieldText) => string): string => {
  const bytes = Buffer.from(
    value.replaceAll(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  );
  return `${name}=utf-8'${language}'${encodeURIComponent(note(textOfPart(bytes, charset)).toWellFormed())}`;
};
