import fc from 'fast-check';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isFault } from '@pstream/kernel';
import { sharedDir } from '@pstream/testing';
import { verifyPst } from '../verify/index.js';
import { bufferSource, openPst, type Mode } from './index.js';
import { smallStore, there, walk } from './stores.fixture.js';

/** Damaged files in all, shared out among the stores; `npm run soak -- fuzz` takes 100,000. */
const FILES = Number(process.env['PSTREAM_FUZZ_RUNS'] ?? 350);
/** Makes another run of the same number take other files; the seed of a failing run is in its message. */
const SEED = process.env['PSTREAM_FUZZ_SEED'];

type Damage =
  | { kind: 'flip'; at: number; bits: readonly number[] }
  | { kind: 'word'; at: number; value: number }
  | { kind: 'cut'; at: number }
  | { kind: 'swap'; a: number; b: number; unit: number }
  | { kind: 'copy'; a: number; b: number; unit: number }
  | { kind: 'zero'; at: number; unit: number };

const at = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });
const unit = fc.constantFrom(64, 512, 1024, 8192);
const damage: fc.Arbitrary<Damage> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('flip' as const), at, bits: fc.array(fc.nat(4095), { minLength: 1, maxLength: 8 }) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('word' as const),
      at,
      value: fc.constantFrom(0, 1, 0x7f, 0xff, 0xffff, 0x7fff_ffff, 0xffff_ffff, 0x8000, 0x3f, 0x1f),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('cut' as const), at }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('swap' as const), a: at, b: at, unit }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('copy' as const), a: at, b: at, unit }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('zero' as const), at, unit }) },
);

/** Positions count only bytes that are not zero, so that damage meets structures and not free space. */
const inflict = (original: Uint8Array, places: Uint32Array, list: readonly Damage[]): Uint8Array => {
  let bytes = new Uint8Array(original);
  const place = (part: number, align = 1): number => {
    const found = there(places[Math.floor(part * places.length)]);
    return Math.min(found - (found % align), Math.max(0, bytes.length - align));
  };
  for (const one of list) {
    if (bytes.length < 16_384 && one.kind !== 'flip') continue;
    if (one.kind === 'cut') bytes = bytes.slice(0, place(one.at));
    else if (one.kind === 'flip')
      for (const bit of one.bits) bytes[place(one.at) + (bit >>> 3)] = (bytes[place(one.at) + (bit >>> 3)] ?? 0) ^ (1 << (bit & 7));
    else if (one.kind === 'word') new DataView(bytes.buffer).setUint32(place(one.at, 4), one.value, true);
    else if (one.kind === 'zero') bytes.fill(0, place(one.at, one.unit), place(one.at, one.unit) + one.unit);
    else {
      const [a, b] = [place(one.a, one.unit), place(one.b, one.unit)];
      const [first, second] = [bytes.slice(a, a + one.unit), bytes.slice(b, b + one.unit)];
      bytes.set(first, b);
      if (one.kind === 'swap') bytes.set(second, a);
    }
  }
  return bytes;
};

const placesOf = (bytes: Uint8Array): Uint32Array => {
  const out: number[] = [];
  for (let i = 0; i < bytes.length; i++) if (bytes[i] !== 0 && (i < 0x4400 || i > 0x4600)) out.push(i);
  return Uint32Array.from(out);
};

/** Bytes given out by a source, to see that reading does not run away. */
const metered = (bytes: Uint8Array): { source: ReturnType<typeof bufferSource>; read: () => number } => {
  const inner = bufferSource(bytes);
  let total = 0;
  return {
    read: () => total,
    source: {
      size: inner.size,
      read: (offset, length) => {
        total += length;
        return inner.read(offset, length);
      },
    },
  };
};

const shared = sharedDir();
const real = (name: string): [string, () => Promise<Uint8Array>][] => {
  const path = shared === undefined ? undefined : join(shared, 'data', name);
  return path === undefined || !existsSync(path) ? [] : [[name, () => Promise.resolve(new Uint8Array(readFileSync(path)))]];
};

const STORES: [string, () => Promise<Uint8Array>][] = [
  ['a store of ours', async () => (await smallStore()).bytes],
  ...real('pst/PstReader__hughbe_Outlook.pst'),
  ...real('pst/PstReader__EDRM_sample.pst'),
  ...real('pst/PstReader__process-pst_four_nesting_levels.pst'),
  ...real('pst/java-libpst__dist-list.pst'),
  ...real('pst/ruby-msg__200_recipients.pst'),
  ...real('pst/pstsdk__test_ansi.pst'),
];

const someDamage = fc.array(damage, { minLength: 1, maxLength: 4 });

describe.each(STORES)('damage to %s', (_, load) => {
  let original: Uint8Array;
  let places: Uint32Array;
  beforeAll(async () => {
    original = await load();
    places = placesOf(original);
  });

  const readAll = async (bytes: Uint8Array, mode: Mode, recover = false): Promise<void> => {
    const { source, read } = metered(bytes);
    try {
      const walked = await walk(await openPst(source, { mode, recover }));
      // an item holds at most what the file holds, each byte counted for the strings that grow when decoded
      expect(walked.mostBytes).toBeLessThanOrEqual(8 * bytes.length);
    } catch (error) {
      if (!isFault(error) || !error.code.startsWith('pst.')) throw error;
    }
    // a recovery reads everything once before
    expect(read()).toBeLessThanOrEqual((recover ? 6 : 4) * bytes.length + 4096);
  };

  it('ends in typed faults and in a verdict, in bounded time and memory', async () => {
    await fc.assert(
      fc.asyncProperty(someDamage, async (list) => {
        const bytes = inflict(original, places, list);
        await readAll(bytes, 'lenient');
        await readAll(bytes, 'strict');
        await readAll(bytes, 'lenient', true);
        const { ok, problems } = await verifyPst(bufferSource(bytes), { sha256: false });
        expect(ok).toBe(problems.length === 0);
      }),
      { numRuns: Math.ceil(FILES / STORES.length), ...(SEED === undefined ? {} : { seed: Number(SEED) }) },
    );
  }, 7_200_000);
});
