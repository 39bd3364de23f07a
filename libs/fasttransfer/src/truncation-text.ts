/** What Exchange writes after data it cut off. Its exact place and encoding are not documented. */
const TEXT = '=== Truncated Data ===';

/** Longest tail that is looked at, in bytes: room for the text in UTF-16 and some padding. */
export const TAIL_BYTES = 256;

/** True if the text of a reply holds the server's truncation notice. */
export const hasTruncationText = (text: string): boolean => text.includes(TEXT);

/** True if bytes end with the truncation notice in ASCII or UTF-16, whatever blank or zero bytes follow it. */
export const endsTruncated = (tail: Uint8Array): boolean => {
  let end = tail.length;
  while (end > 0 && BLANK.has(tail[end - 1]!)) end--;
  return endsWith(tail, end, 1) || endsWith(tail, end, 2);
};

const BLANK = new Set([0x00, 0x0a, 0x0d, 0x20]);

const endsWith = (bytes: Uint8Array, end: number, width: 1 | 2): boolean => {
  // The zero byte after the last UTF-16 character has been skipped as blank.
  const start = end - (TEXT.length - 1) * width - 1;
  if (start < 0) return false;
  for (let index = 0; index < TEXT.length; index++) {
    const at = start + index * width;
    if (bytes[at] !== TEXT.charCodeAt(index)) return false;
    if (width === 2 && index > 0 && bytes[at - 1] !== 0) return false;
  }
  return true;
};
