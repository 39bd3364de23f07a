import { hash } from 'node:crypto';

/** The only source of new ids. Real: `systemIds`; tests: a counter. */
export interface Ids {
  /** A new ULID: 26 characters of Crockford base 32, sortable by time of creation. */
  ulid(): string;
}

const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** Packs 16 bytes into the 26 characters of a ULID, most significant bits first; the first character holds three bits. */
export const encodeUlid = (bytes: Uint8Array): string => {
  let text = '';
  let bits = 2;
  let value = 0;
  for (let i = 0; i < 16; i++) {
    value = ((value << 8) | bytes[i]!) & 0x1fff;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += CROCKFORD[(value >> bits) & 31];
    }
  }
  return text;
};

/** An id that follows from others: the same parts always give the same ULID-shaped id, so that a repeated
 *  step names the same stream, command or event. Parts are kept apart, `('ab','c')` differs from `('a','bc')`. */
export const deriveId = (purpose: string, ...parts: readonly (string | number)[]): string =>
  encodeUlid(hash('sha256', [purpose, ...parts].join('\u0000'), 'buffer'));

/** True for anything that has the form of a ULID. */
export const isUlid = (text: string): boolean => /^[0-9A-HJKMNP-TV-Z]{26}$/.test(text);
