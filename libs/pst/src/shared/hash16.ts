import { hash } from 'node:crypto';

/** The first 16 bytes of a hash. Taken over a string: for short input that costs half of what a buffer from the hash does. */
export const hash16 = (algorithm: 'md5' | 'sha256', bytes: Uint8Array): Uint8Array => {
  const text = hash(algorithm, bytes, 'binary');
  const out = new Uint8Array(16);
  for (let i = 0; i < 16; i++) out[i] = text.charCodeAt(i);
  return out;
};
