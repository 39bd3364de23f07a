import fc from 'fast-check';
import { layout, u16, u32, u64, u8, bytes, type Field } from './layout.js';

type Spec = { name: string; size: 1 | 2 | 4 | 8 }[];

const fieldOf = (size: number, at: number): Field<unknown> => (size === 1 ? u8(at) : size === 2 ? u16(at) : size === 4 ? u32(at) : u64(at));

const spec = fc
  .array(fc.constantFrom<1 | 2 | 4 | 8>(1, 2, 4, 8), { minLength: 1, maxLength: 12 })
  .map((sizes): Spec => sizes.map((size, i) => ({ name: `f${i}`, size })));

const build = (parts: Spec, shift: (at: number, index: number) => number = (at) => at): ReturnType<typeof layout> => {
  let at = 0;
  const fields: Record<string, Field<unknown>> = {};
  parts.forEach(({ name, size }, index) => {
    fields[name] = fieldOf(size, shift(at, index));
    at += size;
  });
  return layout('test', at, fields);
};

describe('layout()', () => {
  it('encodes what it decoded, byte for byte', () => {
    fc.assert(
      fc.property(spec, fc.uint8Array({ minLength: 96, maxLength: 96 }), fc.nat(8), (parts, raw, at) => {
        const made = build(parts);
        const from = raw.slice(at, at + made.size);
        expect(made.encode(made.decode(raw, at))).toEqual(from);
        expect(made.size).toBe(parts.reduce((sum, { size }) => sum + size, 0));
      }),
    );
  });

  it('refuses a field that leaves a gap or overlaps another when the module loads', () => {
    fc.assert(
      fc.property(
        spec.filter((parts) => parts.length > 1),
        fc.nat(),
        fc.constantFrom(-1, 1),
        (parts, pick, by) => {
          const index = 1 + (pick % (parts.length - 1));
          expect(() => build(parts, (at, i) => (i === index ? at + by : at))).toThrow(/gap|overlaps|fields end/u);
        },
      ),
    );
  });

  it('refuses a size that its fields do not fill', () => {
    expect(() => layout('short', 5, { a: u32(0) })).toThrow('fields end at 4, structure at 5');
    expect(() => layout('long', 3, { a: u32(0) })).toThrow('fields end at 4, structure at 3');
  });

  it('refuses bytes that do not hold the whole structure', () => {
    const four = layout('four', 4, { a: u32(0) });
    expect(() => four.decode(new Uint8Array(3))).toThrow(RangeError);
    expect(() => four.decode(new Uint8Array(8), 5)).toThrow(RangeError);
    expect(() => four.decode(new Uint8Array(8), -1)).toThrow(RangeError);
  });

  it('fills in expected values, finds departures from them, and shows every field', () => {
    const made = layout('shown', 8, { kind: u8(0, 7), rest: bytes(1, 3), ib: u32(4) });
    const encoded = made.encode({ ib: 0x5400 });
    expect(made.mismatches(made.decode(encoded))).toEqual([]);
    encoded[0] = 6;
    expect(made.mismatches(made.decode(encoded))).toEqual(['kind']);
    expect(made.dump(encoded)).toMatchInlineSnapshot(`
"0000  06                                 kind = 0x6
0001  000000                             rest = 3 bytes
0004  00540000                           ib = 0x5400"
`);
  });
});
