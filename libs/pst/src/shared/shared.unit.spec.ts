import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';

import { CYCLIC_MIDDLE, PERMUTE_DECODE, PERMUTE_ENCODE, hash16, pstCrc, signature, substitute } from './index.js';

const bytes = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => (i * 131 + (i >>> 3)) & 0xff);

describe('the checksum', () => {
  it('is the CRC-32 without conditioning, for short and long runs alike', () => {
    for (const length of [1, 63, 191, 192, 193, 8176]) {
      expect(pstCrc(bytes(length))).toBe((crc32(bytes(length), 0xffffffff) ^ 0xffffffff) >>> 0);
    }
    expect(pstCrc(new Uint8Array(100))).toBe(0);
  });
});

describe('the hash', () => {
  it('is the first 16 bytes of what the algorithm gives', () => {
    for (const algorithm of ['md5', 'sha256'] as const) {
      for (const length of [0, 1, 80, 5000]) {
        const whole = createHash(algorithm).update(bytes(length)).digest();
        expect(hash16(algorithm, bytes(length))).toEqual(Uint8Array.from(whole.subarray(0, 16)));
      }
    }
  });
});

describe('the signature', () => {
  it('folds offset and block id, beyond 4 GiB too', () => {
    expect(signature(0x4400, 0x4)).toBe(0x4404);
    expect(signature(0x1_2345_6789, 0x8)).toBe(0x2345 ^ 0x6781);
  });
});

describe('the encoding', () => {
  it('is undone by the decoding, at any alignment and length', () => {
    for (const [from, length] of [
      [0, 256],
      [1, 257],
      [4, 3],
      [2, 1000],
    ] as const) {
      const whole = bytes(from + length);
      const part = whole.subarray(from);
      substitute(part, PERMUTE_ENCODE);
      expect(Buffer.from(part).equals(bytes(from + length).subarray(from))).toBe(false);
      substitute(part, PERMUTE_DECODE);
      expect(whole).toEqual(bytes(from + length));
    }
  });

  it('has a middle table that is its own inverse', () => {
    const all = Uint8Array.from({ length: 256 }, (_, i) => i);
    const twice = all.slice();
    substitute(twice, CYCLIC_MIDDLE);
    substitute(twice, CYCLIC_MIDDLE);
    expect(twice).toEqual(all);
  });
});
