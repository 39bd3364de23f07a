import { problem } from '../door/problem.js';

const UTF_8 = new TextDecoder('utf-8', { fatal: true });
const UTF_16 = { le: new TextDecoder('utf-16le', { fatal: true }), be: new TextDecoder('utf-16be', { fatal: true }) };

/** The text of a file in UTF-8 or UTF-16 (what Excel calls Unicode text), with or without a byte order mark. Problem 'csv.not-utf8' (400). */
export const decoded = (bytes: Uint8Array): string => {
  try {
    const order = utf16Order(bytes);
    return order === undefined ? UTF_8.decode(bytes) : UTF_16[order].decode(bytes);
  } catch {
    throw problem('csv.not-utf8', 400);
  }
};

/** Bytes that are looked at for the form of UTF-16: more than a header has. */
const SAMPLE = 512;

/** The order of bytes in UTF-16; undefined for another encoding. Without a mark the zero bytes tell: headers and addresses are Latin, so
 *  every other byte is one. */
const utf16Order = (bytes: Uint8Array): keyof typeof UTF_16 | undefined => {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return 'le';
  if (first === 0xfe && second === 0xff) return 'be';
  const sample = bytes.subarray(0, SAMPLE);
  const zerosAt = (parity: number): number => sample.filter((byte, at) => byte === 0 && at % 2 === parity).length;
  const [even, odd, most] = [zerosAt(0), zerosAt(1), sample.length / 4];
  return odd > most && even === 0 ? 'le' : even > most && odd === 0 ? 'be' : undefined;
};
