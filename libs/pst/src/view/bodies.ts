import { ID, PT, utf16Text, type Property } from '@pstream/mapi';
import { decodeAnyway, isKnownPage, WINDOWS_1252 } from '@pstream/mapi/code-pages';

const UTF8 = 65_001;

/** The HTML of a message as text, by the code page that the message names. */
export const htmlOf = (properties: readonly Property[]): string | undefined => {
  const html = properties.find(({ id }) => id === ID.Html);
  if (html === undefined) return undefined;
  if (html.type === PT.String) return utf16Text(html.value);
  if (html.type !== PT.Binary) return undefined;
  const stored = properties.find(({ id, type }) => id === ID.InternetCodepage && type === PT.Integer32)?.value;
  const page = stored?.length === 4 ? new DataView(stored.buffer, stored.byteOffset).getInt32(0, true) : UTF8;
  return page === UTF8 || !isKnownPage(page) ? new TextDecoder().decode(html.value) : utf16Text(decodeAnyway(page, html.value));
};

/** The words of compressed rich text, without their form. Undefined if there is none, or none that can be read. */
export const textOfRtf = (stored: Uint8Array | undefined): string | undefined => {
  const rtf = stored === undefined ? undefined : decompressed(stored);
  return rtf === undefined ? undefined : wordsOf(rtf);
};

/** What every stream begins as if it had written before. [MS-OXRTFCP] 2.1.2.1. */
const DICTIONARY = Buffer.from(
  '{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx',
  'latin1',
);
const WINDOW_BYTES = 4_096;
const HEADER_BYTES = 16;
const COMPRESSED = 0x75465a4c;
const UNCOMPRESSED = 0x414c454d;

/** LZFu. [MS-OXRTFCP] 2.1 and 3.1. A stream that ends early gives what it has. */
const decompressed = (stored: Uint8Array): Buffer | undefined => {
  if (stored.length < HEADER_BYTES) return undefined;
  const view = new DataView(stored.buffer, stored.byteOffset, stored.byteLength);
  const rawBytes = view.getUint32(4, true);
  const form = view.getUint32(8, true);
  if (form === UNCOMPRESSED) return Buffer.from(stored.subarray(HEADER_BYTES, HEADER_BYTES + rawBytes));
  if (form !== COMPRESSED) return undefined;
  const window = Buffer.alloc(WINDOW_BYTES);
  DICTIONARY.copy(window);
  let at = DICTIONARY.length;
  // A reference of two bytes stands for 17 at the most.
  const out = Buffer.alloc(Math.min(rawBytes, (stored.length * 17) / 2 + WINDOW_BYTES));
  let made = 0;
  const put = (byte: number): void => {
    if (made < out.length) out[made++] = byte;
    window[at] = byte;
    at = (at + 1) % WINDOW_BYTES;
  };
  for (let from = HEADER_BYTES; from < stored.length && made < out.length; ) {
    const control = stored[from++] as number;
    for (let bit = 0; bit < 8 && from < stored.length; bit++) {
      if ((control & (1 << bit)) === 0) {
        put(stored[from++] as number);
        continue;
      }
      if (from + 1 >= stored.length) return out.subarray(0, made);
      const reference = ((stored[from] as number) << 8) | (stored[from + 1] as number);
      from += 2;
      const offset = reference >>> 4;
      // A reference to where the writer stands is the end.
      if (offset === at) return out.subarray(0, made);
      for (let i = 0; i < (reference & 0xf) + 2; i++) put(window[(offset + i) % WINDOW_BYTES] as number);
    }
  }
  return out.subarray(0, made);
};

/** Destinations whose words are not of the text. */
const HIDDEN = new Set(['fonttbl', 'colortbl', 'stylesheet', 'info', 'pict', 'object', 'themedata', 'htmltag', 'mhtmltag', 'pntext']);
const MARKS: Readonly<Record<string, string>> = {
  par: '\n',
  line: '\n',
  tab: '\t',
  lquote: '‘',
  rquote: '’',
  ldblquote: '“',
  rdblquote: '”',
};
const TOKEN = /\\([a-z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-f]{2})|\\([^a-z])|([{}])|[\r\n]+|([^\\{}\r\n]+)/gi;
/** Deepest nesting of groups that is kept account of. */
const MOST_DEEP = 200;

/** The words of rich text. */
const wordsOf = (rtf: Buffer): string => {
  const source = rtf.toString('latin1');
  const page = Number(/\\ansicpg(\d{3,5})/.exec(source)?.[1] ?? WINDOWS_1252);
  const decode = (bytes: Uint8Array): string => utf16Text(decodeAnyway(isKnownPage(page) ? page : WINDOWS_1252, bytes));
  const out: string[] = [];
  let pending: number[] = [];
  const flush = (): void => {
    if (pending.length > 0) out.push(decode(Uint8Array.from(pending)));
    pending = [];
  };
  let state = { isHidden: false, skip: 1 };
  const outer: (typeof state)[] = [];
  /** Characters that stand in for one that was given by its number. */
  let replaced = 0;
  for (const [, word, number, hex, symbol, brace, text] of source.matchAll(TOKEN)) {
    if (hex !== undefined) {
      if (replaced > 0) replaced--;
      else if (!state.isHidden) pending.push(Number.parseInt(hex, 16));
      continue;
    }
    flush();
    if (brace === '{') {
      if (outer.length < MOST_DEEP) outer.push(state);
    } else if (brace === '}') {
      state = outer.pop() ?? state;
    } else if (symbol === '*') {
      state = { ...state, isHidden: true };
    } else if (symbol !== undefined) {
      if (!state.isHidden && '\\{}'.includes(symbol)) out.push(symbol);
      if (!state.isHidden && symbol === '~') out.push('\u00a0');
    } else if (word !== undefined) {
      if (HIDDEN.has(word)) state = { ...state, isHidden: true };
      else if (word === 'htmlrtf') state = { ...state, isHidden: number !== '0' };
      else if (word === 'uc') state = { ...state, skip: Math.min(Number(number ?? 1), 8) };
      else if (word === 'u' && !state.isHidden) {
        out.push(String.fromCharCode(Number(number) & 0xffff));
        replaced = state.skip;
      } else if (!state.isHidden && MARKS[word] !== undefined) out.push(MARKS[word]);
    } else if (text !== undefined && !state.isHidden) {
      out.push(text.slice(Math.min(replaced, text.length)));
      replaced = Math.max(0, replaced - text.length);
    }
  }
  flush();
  return out.join('').trim();
};
