import { isFault, seededRandom } from '@pstream/kernel';
import { decodeExportStream, encodeExportStream, ExportStreamParser } from './index.js';
import { EXAMPLE, nested } from './items.fixture.js';
import { nth, u32 } from './wire.fixture.js';
import { MARKER } from './wire.js';

/** Damaged streams per run; PSTREAM_FUZZ_RUNS raises it, PSTREAM_FUZZ_SEED replays one. */
const RUNS = Number(process.env['PSTREAM_FUZZ_RUNS'] ?? 20_000);
const SEED = Number(process.env['PSTREAM_FUZZ_SEED'] ?? 1);

const ALPHABET = [
  ...Object.values(MARKER),
  0x40160003,
  0x0e12000d,
  0x0e13000d,
  0x400f0003,
  0x0e210003,
  0xffff_ffff,
  0,
  1,
  0x1003_6600,
  0x84b0,
].map(u32);

describe('a damaged stream', () => {
  it(
    `ends in a typed fault or an item, in whatever cuts it arrives (${RUNS} streams, seed ${SEED})`,
    () => {
      const random = seededRandom(SEED);
      const below = (limit: number): number => Math.floor(random.unit() * limit);
      const sound = [EXAMPLE, nested(1)].flatMap((item) => [
        encodeExportStream(item),
        encodeExportStream(item, { bodyBytes: 48, strings: 1252 }),
      ]);
      const codes = new Map<string, number>();
      const before = process.memoryUsage().arrayBuffers;
      let peak = 0;
      for (let run = 0; run < RUNS; run++) {
        const stream = Uint8Array.from(nth(sound, run % sound.length));
        for (let times = 1 + below(4); times > 0; times--) {
          const at = below(stream.length - 4);
          if (random.unit() < 0.5) stream[at] = below(256);
          else stream.set(nth(ALPHABET, below(ALPHABET.length)), at);
        }
        const whole = outcome(() => decodeExportStream(stream));
        const cut = below(stream.length);
        const streamed = outcome(() => {
          const parser = new ExportStreamParser();
          parser.push(stream.subarray(0, cut));
          parser.push(stream.subarray(cut));
          return parser.finish();
        });
        // The length of the file lets a wrong size be refused earlier, but never changes what the damage is called beyond that.
        if (whole !== streamed && !(whole.startsWith('fasttransfer.truncated') && streamed.startsWith('fasttransfer.'))) {
          throw new Error(`run ${run}: ${whole} whole, ${streamed} in two pieces`);
        }
        codes.set(whole, (codes.get(whole) ?? 0) + 1);
        if (run % 1000 === 0) peak = Math.max(peak, process.memoryUsage().arrayBuffers - before);
      }
      expect(codes.size).toBeGreaterThan(8);
      expect(peak).toBeLessThan(256 << 20);
    },
    RUNS > 100_000 ? 3_600_000 : 60_000,
  );
});

/** The code of the fault, or `item`; anything else goes through and fails the test. */
const outcome = (run: () => unknown): string => {
  try {
    run();
    return 'item';
  } catch (error) {
    if (isFault(error)) return error.code;
    throw error;
  }
};
