import { isFault } from '@pstream/kernel';
import fc from 'fast-check';
import { ExportResponseParser, type ExportEntry } from './export-response-parser.js';

const SEED = 20261122;
const entry = fc.record({
  itemId: fc.string({ minLength: 1, maxLength: 12 }),
  changeKey: fc.option(fc.string({ maxLength: 8 })),
  bytes: fc.option(fc.uint8Array({ maxLength: 200 })),
  error: fc.option(fc.record({ code: fc.string({ maxLength: 9 }), message: fc.string({ maxLength: 20 }), inner: fc.json() })),
  dataFirst: fc.boolean(),
  extra: fc.json(),
});
type Entry = typeof entry extends fc.Arbitrary<infer T> ? T : never;

/** How writers differ: white space, escaped slashes and plus signs, capital Error. */
const style = fc.record({ indent: fc.constantFrom(0, 1), escape: fc.constantFrom('none', 'slash', 'unicode'), capital: fc.boolean() });

const write = (entries: readonly Entry[], how: { indent: number; escape: string; capital: boolean }): Buffer => {
  const value = entries.map((one) => {
    const data = one.bytes === null ? null : Buffer.from(one.bytes).toString('base64');
    const head = one.dataFirst ? { data, itemId: one.itemId } : { itemId: one.itemId, data };
    const error =
      one.error === null
        ? {}
        : {
            [how.capital ? 'Error' : 'error']: {
              code: one.error.code,
              message: one.error.message,
              innerError: JSON.parse(one.error.inner) as unknown,
            },
          };
    return { ...head, changeKey: one.changeKey, ...error, extra: JSON.parse(one.extra) as unknown };
  });
  const text = JSON.stringify({ '@odata.context': 'x', value, '@odata.count': value.length }, null, how.indent);
  const escaped = (data: string): string =>
    how.escape === 'slash'
      ? data.replaceAll('/', '\\/')
      : how.escape === 'unicode'
        ? data.replaceAll('+', '\\u002B').replaceAll('/', '\\u002f')
        : data;
  return Buffer.from(text.replaceAll(/"data": ?"[^"]*"/g, escaped));
};

const expected = (entries: readonly Entry[]): ExportEntry[] =>
  entries.map((one) => ({
    itemId: one.itemId,
    changeKey: one.changeKey,
    data: one.bytes === null || one.bytes.length === 0 ? null : new Uint8Array(one.bytes),
    error: one.error === null ? null : { code: one.error.code, message: one.error.message },
  }));

const feed = (parser: ExportResponseParser, body: Buffer, cuts: readonly number[], into: ExportEntry[]): void => {
  const places = [...new Set(cuts.map((cut) => cut % (body.length + 1)))].sort((a, b) => a - b);
  let from = 0;
  for (const to of [...places, body.length]) {
    // The parser may not keep views of a piece: each one is overwritten after use.
    const piece = Buffer.from(body.subarray(from, to));
    into.push(...parser.feed(piece));
    piece.fill(0x22);
    from = to;
  }
};

describe(`export reply parser (seed ${SEED})`, () => {
  const cuts = fc.array(fc.nat({ max: 5000 }), { maxLength: 40 });

  it('reads what a writer wrote, however it is cut', () => {
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 6 }), style, cuts, (entries, how, places) => {
        const parser = new ExportResponseParser({ itemBytes: 1e6 });
        const read: ExportEntry[] = [];
        feed(parser, write(entries, how), places, read);
        expect(parser.end()).toEqual({ nextLink: null });
        expect(read).toEqual(expected(entries));
      }),
      { seed: SEED, numRuns: 250 },
    );
  });

  it('reads a body byte by byte', () => {
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 2 }), style, (entries, how) => {
        const body = write(entries, how);
        const parser = new ExportResponseParser({ itemBytes: 1e6 });
        const read: ExportEntry[] = [];
        feed(
          parser,
          body,
          Array.from({ length: body.length }, (_, at) => at),
          read,
        );
        parser.end();
        expect(read).toEqual(expected(entries));
      }),
      { seed: SEED, numRuns: 40 },
    );
  });

  it('calls every cut-off body truncated and keeps the entries before the cut', () => {
    fc.assert(
      fc.property(fc.array(entry, { minLength: 1, maxLength: 4 }), style, fc.nat(), cuts, (entries, how, at, places) => {
        const body = write(entries, how);
        const parser = new ExportResponseParser({ itemBytes: 1e6 });
        const read: ExportEntry[] = [];
        feed(parser, body.subarray(0, at % body.length), places, read);
        expect(() => parser.end()).toThrow(expect.objectContaining({ code: 'graph.truncated-reply', retry: 'now' }));
        expect(read).toEqual(expected(entries).slice(0, read.length));
      }),
      { seed: SEED, numRuns: 300 },
    );
  });

  it('answers a damaged body with entries or a fault, never with anything else', () => {
    fc.assert(
      fc.property(fc.array(entry, { minLength: 1, maxLength: 4 }), style, fc.nat(), fc.nat({ max: 255 }), (entries, how, at, byte) => {
        const body = write(entries, how);
        body[at % body.length] = byte;
        try {
          const parser = new ExportResponseParser({ itemBytes: 1e6 });
          feed(parser, body, [at], []);
          parser.end();
        } catch (error) {
          expect(isFault(error) && error.code).toMatch(/^graph\.(bad-reply|truncated-reply|bad-base64)$/);
        }
      }),
      { seed: SEED, numRuns: 300 },
    );
  });
});
