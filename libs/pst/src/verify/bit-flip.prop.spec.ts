import fc from 'fast-check';
import { AMAP_SPAN, FIRST_AMAP_OFFSET } from '../shared/index.js';
import { bufferSource } from '../reader/index.js';
import { smallStore, there, type SmallStore } from '../reader/stores.fixture.js';
import { verifyPst } from './index.js';

const RUNS = Number(process.env['PSTREAM_FUZZ_RUNS'] ?? 80);

describe('one flipped bit in what a store of ours uses', () => {
  let store: SmallStore;
  let used: number[];
  beforeAll(async () => {
    store = await smallStore();
    // header fields, DList, and every 64-byte slot that the first AMap marks; later regions are not in so small a store
    const slots = Array.from({ length: AMAP_SPAN / 64 }, (_, slot) => slot).filter(
      (slot) => (there(store.bytes[FIRST_AMAP_OFFSET + (slot >>> 3)]) & (0x80 >>> (slot & 7))) !== 0,
    );
    used = [0, 64, 128, 192, 256, 320, 384, 448, 0x4200, 0x4300, ...slots.map((slot) => FIRST_AMAP_OFFSET + slot * 64)];
  });

  it('never goes unnoticed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.integer({ min: 0, max: 511 }), async (pick, bit) => {
        const at = there(used[pick % used.length]) + (bit >>> 3);
        const bytes = new Uint8Array(store.bytes);
        bytes[at] = there(bytes[at]) ^ (1 << (bit & 7));
        const { ok } = await verifyPst(bufferSource(bytes), { sha256: false });
        if (ok) throw new Error(`bit ${bit & 7} of byte 0x${at.toString(16)} flipped unnoticed`);
      }),
      { numRuns: RUNS },
    );
  }, 3_600_000);
});
