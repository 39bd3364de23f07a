import { fieldInUtf8 } from './encoded-words.js';
import { textOfPart } from './text-of-part.js';

/** A message whose text is in UTF-8, whatever it came in, and whether some of it had to be guessed. */
export type Utf8Mime = { readonly mime: Uint8Array; readonly isGuess: boolean };

/** Rewrites a message so that its header fields and the parts that are its text are in UTF-8, and text parts that are files say so. The parser that
 *  reads it then knows only what the platform decodes, and turns the rest into U+FFFD or 1252; attached files stay byte for byte. */
export const inUtf8 = (mime: Uint8Array): Utf8Mime => {
  const rewriter = new Rewriter(Buffer.from(mime.buffer, mime.byteOffset, mime.length));
  return { mime: rewriter.run(), isGuess: rewriter.isGuess };
};

/** Most multipart entities within each other. The parser refuses messages of more than 256; each line that may be a boundary is compared with all that are open. */
const MOST_OPEN = 300;

/** A multipart that is open; `parts` counts those that have begun. */
type Multipart = { readonly boundary: string; readonly subtype: string; parts: number };
type Head = { readonly fields: readonly Buffer[]; readonly blank: Buffer };
/** What becomes of the body of a part: text to be rewritten, a file whose bytes are written in base64 (the parser changes ends of lines in what has no
 *  transfer encoding), or bytes to be copied. */
type Body =
  | { readonly is: 'copied' }
  | { readonly is: 'file' }
  | { readonly is: 'text'; readonly charset: string | undefined; readonly encoding: string; readonly isHtml: boolean };

class Rewriter {
  isGuess = false;
  readonly #bytes: Buffer;
  readonly #out: (Buffer | string)[] = [];
  /** The multipart entities that are open, outermost first. */
  readonly #open: Multipart[] = [];
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  run(): Uint8Array {
    for (let isHead = true; this.#at < this.#bytes.length; ) {
      if (isHead) this.#body(this.#head());
      isHead = this.#boundary();
    }
    return Buffer.concat(this.#out.map((piece) => (typeof piece === 'string' ? Buffer.from(piece, 'utf8') : piece)));
  }

  /** The next line with its end, without going on. */
  #line(from = this.#at): Buffer {
    const end = this.#bytes.indexOf(0x0a, from);
    return this.#bytes.subarray(from, end < 0 ? this.#bytes.length : end + 1);
  }

  /** Copies the line of a boundary; true if a part begins behind it. */
  #boundary(): boolean {
    const line = this.#line();
    const found = this.#multipartOf(line);
    this.#out.push(line);
    this.#at += line.length;
    if (found < 0) return false;
    const isEnd = line.toString('latin1').startsWith(`--${this.#open[found]!.boundary}--`);
    this.#open.length = isEnd ? found : found + 1;
    if (!isEnd) this.#open[found]!.parts++;
    return !isEnd;
  }

  /** The innermost open multipart whose boundary a line is, or -1. */
  #multipartOf(line: Buffer): number {
    if (line[0] !== 0x2d || line[1] !== 0x2d) return -1;
    const text = line.toString('latin1').trimEnd();
    return this.#open.findLastIndex(({ boundary }) => text === `--${boundary}` || text === `--${boundary}--`);
  }

  #head(): Body {
    const { fields, blank } = this.#fields();
    const valueOf = (name: string): string =>
      fields
        .map(unfolded)
        .find((field) => field.toLowerCase().startsWith(`${name}:`))
        ?.slice(name.length + 1)
        .trim() ?? '';
    const type = valueOf('content-type');
    const charset = parameterOf(type, 'charset');
    const disposition = valueOf('content-disposition');
    const kind = (type === '' ? 'text/plain' : type).toLowerCase().split(/[;\s]/, 1)[0]!;
    const around = this.#open.at(-1);
    const boundary = kind.startsWith('multipart/') ? parameterOf(type, 'boundary') : undefined;
    if (boundary !== undefined && boundary !== '' && this.#open.length < MOST_OPEN)
      this.#open.push({ boundary, subtype: kind.slice('multipart/'.length), parts: 0 });
    const isText = kind === 'text/plain' || kind === 'text/html';
    const isFile = around !== undefined && isNamedFile(around, type, disposition);
    const isAttached = isFile || /^attachment\b/i.test(disposition);
    const encoding = valueOf('content-transfer-encoding').toLowerCase();
    const isBody = isText && !isAttached;
    const isPlain = !/^(multipart|message)\//.test(kind) && !/base64|quoted-printable/.test(encoding);
    const is = isBody ? 'text' : isPlain ? 'file' : 'copied';
    for (const field of fields) this.#out.push(this.#field(field, { charset, is, isFile: isFile && isText }));
    if (isBody && type === '') this.#out.push('Content-Type: text/plain; charset=utf-8\r\n');
    if (is !== 'copied') this.#out.push('Content-Transfer-Encoding: base64\r\n');
    if (isText && isFile && disposition === '') this.#out.push('Content-Disposition: attachment\r\n');
    this.#out.push(blank);
    return is === 'text' ? { is, charset, encoding, isHtml: kind === 'text/html' } : { is };
  }

  /** The fields up to the empty line, each with its folded lines; a boundary ends them too. */
  #fields(): Head {
    const fields: Buffer[] = [];
    let start = this.#at;
    for (; this.#at < this.#bytes.length; ) {
      const line = this.#line();
      const isBlank = line[0] === 0x0a || (line[0] === 0x0d && line[1] === 0x0a);
      const isFolded = line[0] === 0x20 || line[0] === 0x09;
      if ((isBlank || !isFolded) && this.#at > start) fields.push(this.#bytes.subarray(start, this.#at));
      if (!isFolded) start = this.#at;
      if (isBlank || this.#multipartOf(line) >= 0) {
        if (isBlank) this.#at += line.length;
        return { fields, blank: isBlank ? line : Buffer.alloc(0) };
      }
      this.#at += line.length;
    }
    if (this.#at > start) fields.push(this.#bytes.subarray(start));
    return { fields, blank: Buffer.alloc(0) };
  }

  #field(field: Buffer, part: { readonly charset: string | undefined; readonly is: Body['is']; readonly isFile: boolean }): string {
    const { text, isGuess } = fieldInUtf8(field, part.charset);
    this.isGuess ||= isGuess;
    const name = text.slice(0, text.indexOf(':')).trim().toLowerCase();
    if (part.is !== 'copied' && name === 'content-transfer-encoding') return '';
    if (part.is === 'text' && name === 'content-type') return withUtf8(text);
    return part.isFile && name === 'content-disposition' ? text.replace(/:\s*[^;\r\n]*/, ': attachment') : text;
  }

  #body(body: Body): void {
    const start = this.#at;
    while (this.#at < this.#bytes.length && this.#multipartOf(this.#line()) < 0) this.#at += this.#line().length;
    const bytes = this.#bytes.subarray(start, this.#at);
    if (body.is === 'copied') return void this.#out.push(bytes);
    // The end of line before a boundary belongs to the boundary.
    const content = withoutLastEnd(bytes, this.#at < this.#bytes.length);
    const whole = body.is === 'file' ? content : Buffer.from(this.#text(content, body), 'utf8');
    // In pieces, since no string may have more than 512 Mi characters.
    for (let from = 0; from < whole.length; from += PIECE) this.#out.push(base64(whole.subarray(from, from + PIECE)));
  }

  #text(bytes: Buffer, { encoding, charset, isHtml }: Extract<Body, { readonly is: 'text' }>): string {
    const { text, isGuess } = textOfPart(transferred(bytes, encoding), charset, isHtml);
    this.isGuess ||= isGuess;
    return text;
  }
}

/** Whole lines of base64. */
const PIECE = 57 * 65_536;
const base64 = (bytes: Buffer): string => bytes.toString('base64').replaceAll(/.{1,76}/g, '$&\r\n');

const withoutLastEnd = (bytes: Buffer, isBeforeBoundary: boolean): Buffer => {
  if (!isBeforeBoundary || bytes.at(-1) !== 0x0a) return bytes;
  return bytes.subarray(0, bytes.at(-2) === 0x0d ? -2 : -1);
};

/** The bytes of a body before its transfer encoding. */
const transferred = (bytes: Buffer, encoding: string): Uint8Array => {
  if (/base64/.test(encoding)) return Buffer.from(bytes.toString('latin1'), 'base64');
  if (!/quoted-printable/.test(encoding)) return bytes;
  const text = bytes
    .toString('latin1')
    .replaceAll(/(?<![ \t])[ \t]+(?=\r?\n|$)/g, '')
    .replaceAll(/=\r?\n/g, '');
  return Buffer.from(
    text.replaceAll(/=([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  );
};

const unfolded = (field: Buffer): string =>
  field
    .toString('latin1')
    .replaceAll(/\r?\n[ \t]+/g, ' ')
    .trimEnd();

const parameterOf = (value: string, name: string): string | undefined => {
  const found = new RegExp(String.raw`;\s*${name}\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;\s"]+))`, 'i').exec(value);
  return found?.[1] ?? found?.[2];
};

/** Whether a text part of a multipart is a file and not the message: a name says so, wherever it is shown. What is one of several forms, or what the
 *  other parts belong to, is the message; a first part is a file only where its disposition names it. */
const isNamedFile = ({ subtype, parts }: Multipart, type: string, disposition: string): boolean => {
  if (subtype === 'alternative' || (subtype === 'related' && parts === 1)) return false;
  return NAMED.test(disposition) || (parts > 1 && NAMED.test(type));
};

const NAMED = /;\s*(?:file)?name(?:\*\d*\*?)?\s*=/i;

const CHARSET = /;\s*charset\s*=\s*(?:"[^"]*"|[^;\s"]+)/i;
const withUtf8 = (field: string): string => `${field.replace(CHARSET, '').trimEnd()}; charset=utf-8\r\n`;
