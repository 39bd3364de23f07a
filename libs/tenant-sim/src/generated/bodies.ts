import { ID } from '@pstream/mapi';
import { encodePage } from './code-pages.js';
import type { Draw } from './draw.js';
import type { Language } from './languages.js';
import { htmlParagraphsOf, paragraphsOf } from './pools.js';
import { binary, int, text, type Loose } from './props.js';
import { compressedRtf, rtfDocument, storedRtf } from './rtf.js';

/** The three native forms. [MS-OXBBODY] 2.1.1. */
export const NATIVE = { plain: 1, rtf: 2, html: 3 } as const;

const frame = (language: Language, page: number, contentIds: readonly string[]): readonly [head: Uint8Array, tail: Uint8Array] => {
  const charset =
    page === 65001
      ? 'utf-8'
      : page === 932
        ? 'shift_jis'
        : page === 20866
          ? 'koi8-r'
          : page === 28591
            ? 'iso-8859-1'
            : page === 28592
              ? 'iso-8859-2'
              : page === 20127
                ? 'us-ascii'
                : `windows-${page}`;
  const head = `<html lang="${language.code}"${language.rightToLeft ? ' dir="rtl"' : ''}><head><meta http-equiv="Content-Type" content="text/html; charset=${charset}"></head><body>\r\n<p>${language.greeting},</p>\r\n`;
  const images = contentIds.map((id) => `<p><img src="cid:${id}" width="120"></p>\r\n`).join('');
  return [encodePage(head, page), encodePage(`${images}<p>${language.closing}</p>\r\n</body></html>\r\n`, page)];
};

/** An HTML body of about that many bytes, in a code page of the language. */
export const htmlBody = (language: Language, bytes: number, contentIds: readonly string[], draw: Draw): readonly Loose[] => {
  const page = draw.chance(0.7) ? 65001 : draw.pick(language.pages);
  const [head, tail] = frame(language, page, contentIds);
  const pool = htmlParagraphsOf(language, page);
  const parts: Uint8Array[] = [head];
  let left = bytes - head.length - tail.length;
  for (let at = draw.below(pool.length); left > 0; at = (at + 1) % pool.length) {
    const paragraph = pool[at] ?? head;
    parts.push(paragraph);
    left -= paragraph.length;
  }
  parts.push(tail);
  return [binary(ID.Html, Buffer.concat(parts)), int(ID.InternetCodepage, page), int(ID.NativeBody, NATIVE.html)];
};

const someParagraphs = (language: Language, letters: number, draw: Draw): readonly string[] => {
  const pool = paragraphsOf(language);
  const chosen = [`${language.greeting},`];
  for (let at = draw.below(pool.length), left = letters; left > 0; at = (at + 1) % pool.length) {
    const paragraph = pool[at] ?? '';
    chosen.push(paragraph);
    left -= paragraph.length;
  }
  return [...chosen, language.closing];
};

/** A plain-text body of about that many bytes of UTF-16. */
export const plainBody = (language: Language, bytes: number, draw: Draw): readonly Loose[] => [
  text(ID.Body, someParagraphs(language, bytes / 2, draw).join('\r\n')),
  int(ID.InternetCodepage, 65001),
  int(ID.NativeBody, NATIVE.plain),
];

/** An RTF body; half of them compressed. */
export const rtfBody = (language: Language, bytes: number, draw: Draw): readonly Loose[] => {
  const document = rtfDocument(someParagraphs(language, bytes / (language.locale === 1033 ? 1 : 4), draw));
  return [
    binary(ID.RtfCompressed, draw.chance(0.5) ? compressedRtf(document) : storedRtf(document)),
    int(ID.RtfInSync, 1),
    int(ID.InternetCodepage, 1252),
    int(ID.NativeBody, NATIVE.rtf),
  ];
};
