import { crc32 } from 'node:zlib';

// [MS-OXRTFCP] 2.2.2.1: the dictionary starts with these 207 bytes.
const START =
  '{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx';
const WINDOW = 4096;
const LONGEST = 17;
const HEADER = 16;

const header = (bodyBytes: number, rawBytes: number, kind: 'LZFu' | 'MELA', crc: number): Buffer => {
  const out = Buffer.alloc(HEADER);
  // COMPSIZE counts what follows it: the other three header fields and the body.
  out.writeUInt32LE(bodyBytes + 12, 0);
  out.writeUInt32LE(rawBytes, 4);
  out.write(kind, 8, 'latin1');
  out.writeUInt32LE(crc >>> 0, 12);
  return out;
};

/** RTF in the uncompressed form of PidTagRtfCompressed. [MS-OXRTFCP] 2.1.3.1, COMPTYPE MELA. */
export const storedRtf = (rtf: string): Uint8Array => {
  const raw = Buffer.from(rtf, 'latin1');
  return Buffer.concat([header(raw.length, raw.length, 'MELA', 0), raw]);
};

/** RTF compressed as PidTagRtfCompressed. [MS-OXRTFCP] 3.1.1, COMPTYPE LZFu. */
export const compressedRtf = (rtf: string): Uint8Array => {
  const raw = Buffer.from(rtf, 'latin1');
  // Dictionary and text in one line: a position modulo 4096 is a place in the dictionary.
  const text = Buffer.concat([Buffer.from(START, 'latin1'), raw]);
  const latest = new Map<number, number>();
  const keyAt = (at: number): number => ((text[at] ?? 0) << 16) | ((text[at + 1] ?? 0) << 8) | (text[at + 2] ?? 0);
  for (let at = 0; at + 2 < START.length; at++) latest.set(keyAt(at), at);
  const body: number[] = [];
  let controlAt = -1;
  let bit = 8;
  const emit = (reference: boolean, ...bytes: number[]): void => {
    if (bit === 8) {
      controlAt = body.push(0) - 1;
      bit = 0;
    }
    if (reference) body[controlAt] = (body[controlAt] ?? 0) | (1 << bit);
    bit++;
    body.push(...bytes);
  };
  const reference = (at: number, length: number): void => emit(true, (at % WINDOW >> 4) & 0xff, ((at % WINDOW & 0xf) << 4) | (length - 2));
  let at = START.length;
  while (at < text.length) {
    const from = at + 2 < text.length ? latest.get(keyAt(at)) : undefined;
    let length = 0;
    // A match must not reach back to the write position's own slot, which means the end.
    if (from !== undefined && at - from < WINDOW - LONGEST) {
      while (length < LONGEST && at + length < text.length && text[from + length] === text[at + length]) length++;
    }
    const step = length >= 3 ? length : 1;
    if (length >= 3) reference(from ?? 0, length);
    else emit(false, text[at] ?? 0);
    for (let n = 0; n < step; n++, at++) if (at + 2 < text.length) latest.set(keyAt(at), at);
  }
  reference(at, 2);
  const bytes = Buffer.from(body);
  // [MS-OXRTFCP] 2.1.3.2: CRC-32 without the usual inversions before and after.
  return Buffer.concat([header(bytes.length, raw.length, 'LZFu', crc32(bytes, 0xffffffff) ^ 0xffffffff), bytes]);
};

/** A plain RTF document; characters beyond ASCII as \\u escapes. */
export const rtfDocument = (paragraphs: readonly string[]): string => {
  const escaped = paragraphs.map((text) =>
    text.replaceAll(/[\\{}]|[\u0080-\uffff]/g, (unit) =>
      unit < '\u0080' ? `\\${unit}` : `\\u${((unit.charCodeAt(0) + 0x8000) & 0xffff) - 0x8000}?`,
    ),
  );
  return `{\\rtf1\\ansi\\ansicpg1252\\deff0{\\fonttbl{\\f0\\fswiss Calibri;}}\r\n\\viewkind4\\uc1\\pard\\f0\\fs22 ${escaped.join('\\par\r\n')}\\par\r\n}`;
};
