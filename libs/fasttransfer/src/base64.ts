import { damaged } from './faults.js';
import { hasTruncationText } from './truncation-text.js';

/** Decodes the base64 text of one item. Whitespace is accepted, anything else outside the alphabet or a missing padding is not.
 *  Throws 'fasttransfer.server-truncated' (retry now) if the text holds the server's notice, 'fasttransfer.bad-base64' (never) otherwise. */
export const decodeBase64 = (text: string): Uint8Array => {
  const nowhere = { streamOffset: null, fileOffset: 0, lastTag: null };
  if (hasTruncationText(text)) throw damaged('server-truncated', nowhere, { expected: 'base64', found: 'truncation notice' });
  const run = /\s/.test(text) ? text.replaceAll(/\s+/g, '') : text;
  const padding = run.endsWith('==') ? 2 : run.endsWith('=') ? 1 : 0;
  const expected = (run.length / 4) * 3 - padding;
  // Node skips what it does not know and takes the URL alphabet too; then the number of bytes, or one of two characters, tells.
  const bytes = Buffer.from(run, 'base64');
  if (run.length % 4 !== 0 || bytes.length !== expected || run.includes('-') || run.includes('_')) {
    throw damaged('bad-base64', nowhere, { expected, found: bytes.length, characters: run.length });
  }
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
};
