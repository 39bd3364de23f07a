import { Fault } from '@pstream/kernel';

/** Hears the tokens of one JSON document, in order. */
export interface JsonHandler {
  startObject(): void;
  endObject(): void;
  startArray(): void;
  endArray(): void;
  key(name: string): void;
  scalar(value: string | number | boolean | null): void;
  /** Asked at the opening quote of a string value: true sends its characters to `stringBytes` piece by piece instead of `scalar`. */
  wantsBytes(): boolean;
  /** One piece of a streamed string, escapes undone; a character outside ASCII arrives as 0. Valid during the call only. */
  stringBytes(chunk: Buffer, from: number, to: number): void;
  stringEnd(): void;
}

/** No reply nests deeper than six levels; the bound keeps a hostile one from growing the stack. */
const MAX_DEPTH = 64;
/** Keys, ids, links and messages are far smaller; only streamed strings may be longer. */
const MAX_TEXT_BYTES = 64 * 1024;
const MAX_BARE_CHARS = 64;
const UNESCAPED_BYTES = 64 * 1024;

const VALUE = 0;
const VALUE_OR_END = 1;
const KEY = 2;
const KEY_OR_END = 3;
const COLON = 4;
const COMMA_OR_END = 5;
const TEXT = 6;
const STREAMED = 7;
const BARE = 8;
const DONE = 9;
const EXPECTED = ['a value', 'a value or ]', 'a key', 'a key or }', ':', ', or an end', 'text', 'text', 'a literal', 'nothing more'];

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
/** What the character after a backslash stands for; 0 where it is no escape. */
const SHORT_ESCAPES = new Uint8Array(256);
for (const [letter, meant] of ['""', '\\\\', '//', 'b\b', 'f\f', 'n\n', 'r\r', 't\t'])
  SHORT_ESCAPES[letter!.charCodeAt(0)] = meant!.charCodeAt(0);
/** The value of a hex digit; 255 where it is none. */
const HEX = new Uint8Array(256).fill(255);
for (const [value, digit] of Array.from('0123456789abcdef').entries())
  HEX[digit.charCodeAt(0)] = HEX[digit.toUpperCase().charCodeAt(0)] = value;

const isSpace = (byte: number): boolean => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;

/** A run of a streamed string with its escapes undone. `escape`: 0 none open, 1 after the backslash, else hex digits to come + 1. */
type Rewriting = { readonly plain: Buffer; used: number; at: number; escape: number; code: number; ended: boolean; problem: string };

/** Rewrites `chunk` from `from` up to the closing quote, the end of the piece or a full `plain`. Free of the class and of calls,
 *  because it runs per byte where a writer escapes `+` and `/`, every few dozen characters. */
const rewrite = (chunk: Buffer, from: number, run: Rewriting): void => {
  const plain = run.plain;
  // Every character takes at least one byte of the piece, so this bound keeps `plain` from running over.
  const end = Math.min(chunk.length, from + plain.length);
  let at = from;
  let used = 0;
  let escape = run.escape;
  let code = run.code;
  run.ended = false;
  for (; at < end; at++) {
    const byte = chunk[at]!;
    if (escape === 0) {
      if (byte === QUOTE) {
        run.ended = true;
        break;
      }
      if (byte === BACKSLASH) escape = 1;
      else plain[used++] = byte < 0x80 && byte >= 0x20 ? byte : 0;
    } else if (escape === 1) {
      const meant = SHORT_ESCAPES[byte]!;
      if (byte === 0x75) {
        escape = 5;
        code = 0;
      } else if (meant === 0) {
        run.problem = 'a known escape';
        break;
      } else {
        plain[used++] = meant;
        escape = 0;
      }
    } else {
      const digit = HEX[byte]!;
      if (digit === 255) {
        run.problem = 'a hex digit';
        break;
      }
      code = code * 16 + digit;
      escape = escape === 2 ? 0 : escape - 1;
      if (escape === 0) plain[used++] = code < 0x80 ? code : 0;
    }
  }
  run.at = at;
  run.used = used;
  run.escape = escape;
  run.code = code;
};

/** Splits one JSON document (RFC 8259) that arrives in pieces into tokens, without ever holding a streamed string.
 *  Strict: one document, no trailing bytes, depth at most 64. Throws Fault 'graph.bad-reply' with the byte offset of the first
 *  byte that does not fit, and from `end` 'graph.truncated-reply' where the document stops early; both retry: now. */
export class JsonTokenizer {
  readonly #handler: JsonHandler;
  readonly #utf8 = new TextDecoder('utf-8', { fatal: true });
  /** 'o' or 'a' per open object or array. */
  readonly #open: ('o' | 'a')[] = [];
  #state = VALUE;
  #consumed = 0;
  #text: Buffer[] = [];
  #textBytes = 0;
  #textIsKey = false;
  /** The byte before was an unescaped backslash (TEXT). */
  #escaped = false;
  #bare = '';
  /** Made when a streamed string holds its first escape. */
  #lazyRun: Rewriting | undefined;

  constructor(handler: JsonHandler) {
    this.#handler = handler;
  }

  /** Bytes taken so far. */
  get consumed(): number {
    return this.#consumed;
  }

  /** Takes the next piece; the buffer may be reused afterwards. */
  feed(chunk: Buffer): void {
    let at = 0;
    // Position of the next backslash at or after `at`, so that short strings do not search the piece again and again.
    let slash = -2;
    while (at < chunk.length) {
      if (this.#state === STREAMED) {
        if (slash !== -1 && slash < at) slash = chunk.indexOf(BACKSLASH, at);
        at = this.#streamed(chunk, at, slash);
      } else if (this.#state === TEXT) at = this.#inText(chunk, at);
      else if (this.#state === BARE) at = this.#inBare(chunk, at);
      else {
        const byte = chunk[at]!;
        if (!isSpace(byte)) this.#structure(byte, at);
        if (this.#state !== BARE) at++;
      }
    }
    this.#consumed += chunk.length;
  }

  /** Says that no more pieces come. */
  end(): void {
    if (this.#state === BARE && this.#open.length === 0) this.#endBare(0);
    if (this.#state !== DONE) {
      throw new Fault('graph.truncated-reply', { retry: 'now', facts: { bytes: this.#consumed, openLevels: this.#open.length } });
    }
  }

  #bad(at: number, expected = EXPECTED[this.#state]!): never {
    throw new Fault('graph.bad-reply', { retry: 'now', facts: { offset: this.#consumed + at, expected } });
  }

  #structure(byte: number, at: number): void {
    switch (this.#state) {
      case VALUE_OR_END:
        if (byte === 0x5d) return this.#close('a', at);
        return this.#value(byte, at);
      case VALUE:
        return this.#value(byte, at);
      case KEY_OR_END:
        if (byte === 0x7d) return this.#close('o', at);
        return this.#startKey(byte, at);
      case KEY:
        return this.#startKey(byte, at);
      case COLON:
        if (byte !== 0x3a) this.#bad(at);
        this.#state = VALUE;
        return;
      case COMMA_OR_END:
        if (byte === 0x2c) {
          this.#state = this.#open.at(-1) === 'o' ? KEY : VALUE;
          return;
        }
        if (byte === 0x7d) return this.#close('o', at);
        if (byte === 0x5d) return this.#close('a', at);
        return this.#bad(at);
      default:
        return this.#bad(at);
    }
  }

  #startKey(byte: number, at: number): void {
    if (byte !== QUOTE) this.#bad(at);
    this.#state = TEXT;
    this.#textIsKey = true;
  }

  #value(byte: number, at: number): void {
    if (byte === 0x7b || byte === 0x5b) {
      if (this.#open.length === MAX_DEPTH) this.#bad(at, `at most ${String(MAX_DEPTH)} levels`);
      this.#open.push(byte === 0x7b ? 'o' : 'a');
      if (byte === 0x7b) this.#handler.startObject();
      else this.#handler.startArray();
      this.#state = byte === 0x7b ? KEY_OR_END : VALUE_OR_END;
    } else if (byte === QUOTE) {
      this.#textIsKey = false;
      this.#state = this.#handler.wantsBytes() ? STREAMED : TEXT;
    } else if (byte === 0x2d || (byte >= 0x30 && byte <= 0x39) || (byte >= 0x61 && byte <= 0x7a)) {
      this.#bare = '';
      this.#state = BARE;
    } else this.#bad(at);
  }

  #close(kind: 'o' | 'a', at: number): void {
    if (this.#open.pop() !== kind) this.#bad(at);
    if (kind === 'o') this.#handler.endObject();
    else this.#handler.endArray();
    this.#afterValue();
  }

  #afterValue(): void {
    this.#state = this.#open.length === 0 ? DONE : COMMA_OR_END;
  }

  #inText(chunk: Buffer, from: number): number {
    let at = from;
    for (; at < chunk.length; at++) {
      const byte = chunk[at]!;
      if (this.#escaped) this.#escaped = false;
      else if (byte === BACKSLASH) this.#escaped = true;
      else if (byte === QUOTE) break;
    }
    this.#textBytes += at - from;
    if (this.#textBytes > MAX_TEXT_BYTES) this.#bad(at, `a string of at most ${String(MAX_TEXT_BYTES)} bytes`);
    const ended = at < chunk.length;
    if (at > from) this.#text.push(ended ? chunk.subarray(from, at) : Buffer.from(chunk.subarray(from, at)));
    if (!ended) return at;
    const text = this.#readText(at);
    this.#text = [];
    this.#textBytes = 0;
    if (this.#textIsKey) {
      this.#state = COLON;
      this.#handler.key(text);
    } else {
      this.#handler.scalar(text);
      this.#afterValue();
    }
    return at + 1;
  }

  #readText(at: number): string {
    try {
      // JSON.parse judges escapes and control characters, the decoder the UTF-8.
      const text: unknown = JSON.parse(`"${this.#utf8.decode(this.#text.length === 1 ? this.#text[0]! : Buffer.concat(this.#text))}"`);
      return text as string;
    } catch {
      return this.#bad(at, 'a well-formed string');
    }
  }

  #inBare(chunk: Buffer, from: number): number {
    let at = from;
    while (at < chunk.length && !isSpace(chunk[at]!) && chunk[at] !== 0x2c && chunk[at] !== 0x5d && chunk[at] !== 0x7d) at++;
    if (this.#bare.length + at - from > MAX_BARE_CHARS) this.#bad(from, EXPECTED[BARE]);
    this.#bare += chunk.toString('latin1', from, at);
    if (at < chunk.length) this.#endBare(at);
    return at;
  }

  #endBare(at: number): void {
    if (this.#bare === 'null') this.#handler.scalar(null);
    else if (this.#bare === 'true') this.#handler.scalar(true);
    else if (this.#bare === 'false') this.#handler.scalar(false);
    else if (NUMBER.test(this.#bare)) this.#handler.scalar(Number(this.#bare));
    else this.#bad(at, EXPECTED[BARE]);
    this.#afterValue();
  }

  /** Takes what it can of a streamed string from `from`; `slash` is the next backslash of the piece or -1. */
  #streamed(chunk: Buffer, from: number, slash: number): number {
    if ((this.#lazyRun?.escape ?? 0) === 0) {
      const quote = chunk.indexOf(QUOTE, from);
      const plainEnd = quote === -1 ? chunk.length : quote;
      if (slash === -1 || slash > plainEnd) {
        if (plainEnd > from) this.#handler.stringBytes(chunk, from, plainEnd);
        return quote === -1 ? plainEnd : this.#endStreamed(plainEnd);
      }
    }
    return this.#unescape(chunk, from);
  }

  /** The slow way: writers that escape `+` or `/` put a backslash every few dozen characters, so the run is rewritten, then decoded. */
  #unescape(chunk: Buffer, from: number): number {
    const run = (this.#lazyRun ??= {
      plain: Buffer.allocUnsafeSlow(UNESCAPED_BYTES),
      used: 0,
      at: 0,
      escape: 0,
      code: 0,
      ended: false,
      problem: '',
    });
    rewrite(chunk, from, run);
    if (run.used > 0) this.#handler.stringBytes(run.plain, 0, run.used);
    if (run.problem !== '') this.#bad(run.at, run.problem);
    return run.ended ? this.#endStreamed(run.at) : run.at;
  }

  #endStreamed(quote: number): number {
    this.#handler.stringEnd();
    this.#afterValue();
    return quote + 1;
  }
}
