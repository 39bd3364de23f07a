import { createCipheriv } from 'node:crypto';
import { encodePage } from './code-pages.js';
import type { Draw } from './draw.js';
import { Draw as Sequence, mix } from './draw.js';
import type { Language } from './languages.js';

const NOISE_BYTES = 2 * 1024 * 1024;

let noise: Buffer | undefined;

// Incompressible bytes that are the same in every run: a cipher over zeros.
const noiseBytes = (): Buffer =>
  (noise ??= createCipheriv('aes-128-ctr', Buffer.alloc(16, 7), Buffer.alloc(16)).update(Buffer.alloc(NOISE_BYTES)));

/** Bytes of an attachment: a head that its kind begins with, something unique, then noise. */
export const attachmentBytes = (size: number, head: Uint8Array, draw: Draw): Uint8Array => {
  const out = Buffer.allocUnsafe(size);
  const unique = Buffer.concat([head, draw.bytes(16)]).subarray(0, size);
  const source = noiseBytes();
  let from = draw.below(NOISE_BYTES);
  for (let at = 0; at < size; ) {
    const part = Math.min(size - at, NOISE_BYTES - from);
    source.copy(out, at, from, from + part);
    at += part;
    from = 0;
  }
  out.set(unique);
  return out;
};

const PARAGRAPHS = 128;
const texts = new Map<string, readonly string[]>();
const encoded = new Map<string, readonly Uint8Array[]>();

/** Paragraphs of a language, each of one to six sentences; the same in every run. */
export const paragraphsOf = (language: Language): readonly string[] => {
  const known = texts.get(language.code);
  if (known !== undefined) return known;
  const draw = new Sequence(mix(language.locale));
  const made = Array.from({ length: PARAGRAPHS }, () =>
    Array.from({ length: 1 + draw.below(6) }, () => sentence(language, draw)).join(' '),
  );
  texts.set(language.code, made);
  return made;
};

const sentence = (language: Language, draw: Draw): string => {
  const picked = Array.from({ length: 4 + draw.below(12) }, () => draw.pick(language.words)).join(language.code === 'ja' ? 'の' : ' ');
  return picked.charAt(0).toUpperCase() + picked.slice(1) + (language.code === 'ja' ? '。' : '.');
};

/** The same paragraphs as HTML elements in a code page. */
export const htmlParagraphsOf = (language: Language, page: number): readonly Uint8Array[] => {
  const key = `${language.code}/${page}`;
  const known = encoded.get(key);
  if (known !== undefined) return known;
  const made = paragraphsOf(language).map((paragraph) =>
    encodePage(`<p class="MsoNormal" style="margin:0 0 8pt 0">${paragraph}</p>\r\n`, page),
  );
  encoded.set(key, made);
  return made;
};
