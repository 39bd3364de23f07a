import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { describeShared } from '@pstream/testing';
import fc from 'fast-check';
import { contentsOf, mail, scene } from './scene.fixture.js';

// Each run converts some dozen files and reads them back; the machine may be busy.
jest.setTimeout(7_200_000);

/** Damaged files in all; PSTREAM_FUZZ_RUNS takes more. */
const FILES = Number(process.env['PSTREAM_FUZZ_RUNS'] ?? 600);
/** Makes another run of the same number take other files. */
const SEED = process.env['PSTREAM_FUZZ_SEED'];
const FILES_PER_RUN = 30;
const MAX_BYTES = 100_000;
/** A damaged file may take a multiple of its size, and no more: what is in a PST is also on the disk. */
const MOST_TIMES = 40;

/** What a length, a count or an offset may claim to be. */
const WORDS = [0, 1, 0x7f, 0xff, 0x8000, 0xffff, 0x7fff_ffff, 0x8000_0000, 0xffff_fffe, 0xffff_ffff];
// cspell:ignore RRULE
/** What a mail may have in the wrong place. */
const TOKENS = [
  '\r\n\r\n',
  '\r\n--',
  'Content-Type: message/rfc822\r\n\r\n',
  'Content-Type: multipart/mixed; boundary="a"\r\n\r\n--a\r\n',
  'Content-Type: text/calendar; method=REQUEST\r\n',
  'Content-Transfer-Encoding: base64\r\n',
  'RRULE:FREQ=SECONDLY;INTERVAL=0;COUNT=999999999\r\n',
  'DTSTART:00000000T000000\r\n',
  'Date: Mon, 99 Abc 99999 99:99:99 +9999\r\n',
  'charset=utf-7',
  '=?utf-8?B?',
  '\nFrom a\n',
  'filename*0*=',
  '((((((',
  '\0\u0080\u00FF',
];

type Change = (bytes: Buffer) => Buffer;

/** Bytes at a share of the length, `unit` of them at most. */
const place = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
  unit: fc.constantFrom(1, 4, 16, 64, 512, 2048),
});
const inPlace = (write: (target: Buffer) => void, at: number, unit: number): Change => {
  return (bytes) => {
    const out = Buffer.from(bytes);
    const from = Math.floor(at * out.length);
    write(out.subarray(from, from + unit));
    return out;
  };
};
const spliced = (bytes: Buffer, at: number, piece: Buffer): Buffer => {
  const from = Math.floor(at * bytes.length);
  return Buffer.concat([bytes.subarray(0, from), piece, bytes.subarray(from)]);
};
const change: fc.Arbitrary<Change> = fc.oneof(
  place.map(
    ({ at }): Change =>
      (bytes) =>
        bytes.subarray(0, Math.floor(at * bytes.length)),
  ),
  fc.tuple(place, fc.nat(7)).map(([{ at }, bit]) => inPlace((target) => (target[0] = (target[0] ?? 0) ^ (1 << bit)), at, 1)),
  fc
    .tuple(place, fc.constantFrom(...WORDS))
    .map(([{ at }, word]) => inPlace((target) => target.length === 4 && target.writeUInt32LE(word), at, 4)),
  fc.tuple(place, fc.constantFrom(0, 0xff)).map(([{ at, unit }, byte]) => inPlace((target) => target.fill(byte), at, unit)),
  fc.tuple(place, fc.constantFrom(...TOKENS)).map(
    ([{ at }, token]): Change =>
      (bytes) =>
        spliced(bytes, at, Buffer.from(token, 'latin1')),
  ),
  fc.tuple(place, fc.integer({ min: 1, max: 60 })).map(
    ([{ at, unit }, times]): Change =>
      (bytes) => {
        const from = Math.floor(at * bytes.length);
        return spliced(bytes, at, Buffer.concat(Array.from({ length: times }, () => bytes.subarray(from, from + unit))));
      },
  ),
);

describeShared('damaged copies of real messages in a folder', (shared) => {
  const samples = ['msg', 'eml'].flatMap((folder) =>
    readdirSync(join(shared, 'data', folder))
      .filter((name) => /\.(?:msg|eml|mbox|tnef)$/i.test(name))
      .map((name) => ({ name, bytes: readFileSync(join(shared, 'data', folder, name)) }))
      .filter(({ bytes }) => bytes.length <= MAX_BYTES),
  );
  const damaged = fc.record({ sample: fc.nat(samples.length - 1), changes: fc.array(change, { minLength: 1, maxLength: 6 }) });

  it('are converted or listed, never end a conversion, and cost their neighbours nothing', async () => {
    expect(new Set(samples.map(({ name }) => name.split('.').at(-1)))).toEqual(new Set(['msg', 'eml', 'mbox', 'tnef']));
    await fc.assert(
      fc.asyncProperty(fc.array(damaged, { minLength: 1, maxLength: FILES_PER_RUN, size: 'max' }), async (files) => {
        const { put, run, path, losses } = scene();
        put('in/000.eml', mail('before'));
        put('in/zzz.eml', mail('after'));
        let bytes = 0;
        for (const [at, { sample, changes }] of files.entries()) {
          const { name, bytes: whole } = samples[sample]!;
          const broken = changes.reduce<Buffer>((now, each) => each(now), whole);
          bytes += broken.length;
          put(`in/${String(at + 1).padStart(3, '0')}-${name}`, broken);
        }
        // Not caught: whatever is thrown here is no loss of one file.
        const report = await run([path('in')]);
        expect(report.found).toBe(report.written + report.failed);
        expect(report.failed).toBe(losses.filter(({ isWhole }) => isWhole).length);
        expect(report.parts.reduce((sum, { items }) => sum + items, 0)).toBe(report.written);
        expect(report.parts.reduce((sum, part) => sum + part.bytes, 0)).toBeLessThan(1_000_000 + MOST_TIMES * bytes);
        const neighbours = report.sources.filter((source) => /(?:000|zzz)\.eml$/.test(source.path));
        expect(neighbours.map(({ written, problem }) => [written, problem])).toEqual([
          [1, undefined],
          [1, undefined],
        ]);
        const contents = await contentsOf(path('out.pst'));
        expect(contents.filter((line) => /: (?:before|after)$/.test(line)).length).toBeGreaterThanOrEqual(2);
      }),
      { numRuns: Math.ceil(FILES / FILES_PER_RUN), ...(SEED === undefined ? {} : { seed: Number(SEED) }) },
    );
  });
});
