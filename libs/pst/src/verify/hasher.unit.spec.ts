import { createHash } from 'node:crypto';
import { pattern } from '../writer/items.fixture.js';
import { inlineHasher, threadHasher } from './hasher.js';

const FROM = 16;
const PIECES = [1000, 1000, 1000, 1000, 1000, 1000, 1000, 377];

describe.each([
  ['in place', inlineHasher],
  ['in a thread', threadHasher],
])('hashing %s', (_, make) => {
  it('takes the pieces in order, each buffer again and again', async () => {
    const buffers = Array.from({ length: 3 }, () => new SharedArrayBuffer(FROM + 1000));
    const hasher = make(buffers, FROM);
    const hash = createHash('sha256');
    for (const [i, length] of PIECES.entries()) {
      const piece = pattern(length, i);
      await hasher.hashed(buffers.length - 1);
      new Uint8Array(buffers[i % buffers.length] as SharedArrayBuffer).set(piece, FROM);
      hash.update(piece);
      hasher.filled(length);
    }
    expect(await hasher.digest()).toBe(hash.digest('hex'));
    expect(hasher.hashed(0)).toBeUndefined();
    hasher.close();
  });

  it('can be given up', () => {
    const hasher = make([new SharedArrayBuffer(FROM + 1000)], FROM);
    hasher.filled(1000);
    hasher.close();
  });
});

describe('a hashing thread that ends', () => {
  it('is a defect to those who wait for it', async () => {
    const hasher = threadHasher([new SharedArrayBuffer(FROM)], FROM);
    const waiting = hasher.digest();
    hasher.close();
    await expect(waiting).rejects.toThrow('the hashing thread ended');
  });
});
