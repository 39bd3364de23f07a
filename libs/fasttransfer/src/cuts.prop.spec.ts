import fc from 'fast-check';
import { decodeExportStream, encodeExportStream, ExportStreamParser, doubts } from './index.js';
import type { MapiItem } from '@pstream/mapi';
import { BIG, EXAMPLE, nested } from './items.fixture.js';
import { neutral } from './neutral.fixture.js';
import { faultOf, file, nth } from './wire.fixture.js';

/** The inner stream of an item. */
const streamOf = (item: MapiItem): Uint8Array => encodeExportStream(item, { bodyBytes: 1 << 24 }).subarray(70);

/** Pushes a file in pieces of the given lengths, repeated. */
const pushed = (content: Uint8Array, lengths: readonly number[], fileBytes?: number): MapiItem => {
  const parser = new ExportStreamParser(fileBytes === undefined ? {} : { fileBytes });
  for (let at = 0, turn = 0; at < content.length; at += nth(lengths, turn++ % lengths.length)) {
    parser.push(content.slice(at, at + nth(lengths, turn % lengths.length)));
  }
  return parser.finish();
};

describe('the inner stream', () => {
  it.each([1, 5, 31, 31680])('cut into bodies of %s bytes gives the same item', (cut) => {
    for (const item of cut < 31 ? [EXAMPLE, nested(2)] : [EXAMPLE, nested(2), BIG])
      expect(neutral(decodeExportStream(file(streamOf(item), cut)))).toEqual(neutral(item));
  });

  it.each([1, 2, 3, 7, 64, 4096, 31680, 1 << 24])('is written in bodies of %s bytes without changing the item', (bodyBytes) => {
    for (const item of bodyBytes < 64 ? [EXAMPLE, nested(2)] : [EXAMPLE, nested(2), BIG]) {
      const content = encodeExportStream(item, { bodyBytes });
      expect(neutral(decodeExportStream(content))).toEqual(neutral(item));
      expect(Buffer.from(encodeExportStream(decodeExportStream(content), { bodyBytes })).equals(content)).toBe(true);
    }
  });
});

describe('a file', () => {
  it('gives the same item in whatever cuts it arrives, with and without its length known', () => {
    const contents = [EXAMPLE, nested(2), BIG].map((item) => [item, encodeExportStream(item)] as const);
    const lengths = fc.array(
      fc.oneof({ weight: 3, arbitrary: fc.integer({ min: 1, max: 40 }) }, { weight: 1, arbitrary: fc.integer({ min: 41, max: 70_000 }) }),
      {
        minLength: 1,
        maxLength: 12,
      },
    );
    fc.assert(
      fc.property(fc.constantFrom(...contents), lengths, fc.boolean(), ([item, content], cuts, known) => {
        expect(neutral(pushed(content, cuts, known ? content.length : undefined))).toEqual(neutral(item));
      }),
      { numRuns: 60 },
    );
  });

  it('is refused, and may be asked for again, whatever its end is cut off', () => {
    for (const item of [EXAMPLE, nested(1)]) {
      const content = encodeExportStream(item);
      for (let end = 0; end < content.length; end++) {
        const fault = faultOf(() => decodeExportStream(content.subarray(0, end)));
        expect(fault.code).toMatch(/^fasttransfer\.truncated(-record)?$/);
        expect(fault.retry).toBe('now');
        const streamed = faultOf(() => pushed(content.subarray(0, end), [13]));
        expect(streamed.code).toMatch(/^fasttransfer\.truncated(-record)?$/);
      }
    }
  });

  it('whose stream is cut is refused, or shorter at a boundary of the top level; a missing section is doubted', () => {
    const stream = streamOf(EXAMPLE);
    const survived: number[] = [];
    for (let end = 1; end < stream.length; end++) {
      try {
        const item = decodeExportStream(file(stream.subarray(0, end)));
        survived.push(end);
        expect(item).not.toEqual(EXAMPLE);
        if (end < 0x00f8 - 0x46) expect(doubts(item)).not.toEqual([]);
      } catch (error) {
        expect(error).toMatchObject({ code: 'fasttransfer.truncated', retry: 'now' });
      }
    }
    expect(survived).toEqual([0x60, 0x6e, 0x76, 0xad, 0xca, 0xd2, 0xf0, 0xf8].map((offset) => offset - 0x46));
  });
});

describe('large values', () => {
  it('inside one body are views of the bytes that were given', () => {
    const content = encodeExportStream(EXAMPLE);
    const item = decodeExportStream(content);
    for (const { value } of item.properties.slice(0, 3)) expect(value.buffer).toBe(content.buffer);
  });

  it('announced and never sent allocate nothing', () => {
    const content = file(Uint8Array.from([0x02, 0x01, 0x01, 0x37, 0xff, 0xff, 0xff, 0x7f, 1, 2, 3]));
    const before = process.memoryUsage().arrayBuffers;
    const parser = new ExportStreamParser();
    parser.push(content);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1 << 20);
    expect(faultOf(() => parser.finish()).facts).toMatchObject({ expected: 0x7fffffff, found: 3 });
    expect(faultOf(() => decodeExportStream(content)).code).toBe('fasttransfer.truncated');
  });

  it('longer than what is taken on trust are joined once they are there', () => {
    const item = { ...EXAMPLE, properties: [{ id: 0x1013, type: 0x0102, value: new Uint8Array(3 << 20).fill(7) }] };
    expect(neutral(pushed(encodeExportStream(item), [100_000]))).toEqual(neutral(item));
  });
});
