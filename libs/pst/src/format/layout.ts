import { assert } from '@pstream/kernel';

/** One field of a fixed structure: where it lies and how its bytes become a value. Made by `u16`, `magic`, `nested` and so on. */
export type Field<T> = {
  readonly offset: number;
  readonly size: number;
  decode(view: DataView, at: number): T;
  encode(view: DataView, at: number, value: T): void;
  show(value: T): string;
  /** What the specification demands here; `mismatches` compares against it and `encode` uses it when no value is given. */
  readonly expected?: T;
};

/** Field tables as `layout` takes them. */
export type Fields = Readonly<Record<string, Field<unknown>>>;

type ValueOf<F> = F extends Field<infer T> ? T : never;

/** What a layout decodes to: one member per field. */
export type Decoded<F extends Fields> = { readonly [K in keyof F]: ValueOf<F[K]> };

/** A structure that knows its own bytes. */
export type Layout<F extends Fields> = {
  readonly section: string;
  readonly size: number;
  /** Byte offset of every field, for code that reads single fields in a hot loop. */
  readonly offset: { readonly [K in keyof F]: number };
  /** All fields of the `size` bytes at `at`. Throws a RangeError if they are not all there; judges nothing. */
  readonly decode: (bytes: Uint8Array, at?: number) => Decoded<F>;
  /** `size` fresh bytes. A field left out takes its expected value, else zero bytes. */
  readonly encode: (values: Partial<Decoded<F>>) => Uint8Array;
  /** Names of the fields whose decoded value is not the expected one. */
  readonly mismatches: (decoded: Decoded<F>) => (keyof F & string)[];
  /** One line per field: offset, bytes in hex, name, value. For diagnostics; shows content bytes, so never for a log. */
  readonly dump: (bytes: Uint8Array, at?: number) => string;
};

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

const hex = (value: number | bigint): string => `0x${value.toString(16)}`;

const numeric = <T extends number | bigint>(
  offset: number,
  size: number,
  decode: (view: DataView, at: number) => T,
  encode: (view: DataView, at: number, value: T) => void,
  expected: T | undefined,
): Field<T> => ({ offset, size, decode, encode, show: hex, ...(expected === undefined ? {} : { expected }) });

/** An unsigned byte. */
export const u8 = (offset: number, expected?: number): Field<number> =>
  numeric(
    offset,
    1,
    (view, at) => view.getUint8(at),
    (view, at, value) => view.setUint8(at, value),
    expected,
  );

/** An unsigned 16-bit little-endian integer. */
export const u16 = (offset: number, expected?: number): Field<number> =>
  numeric(
    offset,
    2,
    (view, at) => view.getUint16(at, true),
    (view, at, value) => view.setUint16(at, value, true),
    expected,
  );

/** An unsigned 32-bit little-endian integer. */
export const u32 = (offset: number, expected?: number): Field<number> =>
  numeric(
    offset,
    4,
    (view, at) => view.getUint32(at, true),
    (view, at, value) => view.setUint32(at, value, true),
    expected,
  );

/** An unsigned 64-bit little-endian integer. */
export const u64 = (offset: number, expected?: bigint): Field<bigint> =>
  numeric(
    offset,
    8,
    (view, at) => view.getBigUint64(at, true),
    (view, at, value) => view.setBigUint64(at, value, true),
    expected,
  );

/** ASCII characters that must stand here. */
export const magic = (offset: number, text: string): Field<string> => ({
  offset,
  size: text.length,
  expected: text,
  decode: (view, at) => String.fromCharCode(...new Uint8Array(view.buffer, view.byteOffset + at, text.length)),
  encode: (view, at, value) => {
    for (let i = 0; i < text.length; i++) view.setUint8(at + i, value.charCodeAt(i));
  },
  show: (value) => JSON.stringify(value),
});

/** Raw bytes; decodes to a view into the input. */
export const bytes = (offset: number, size: number): Field<Uint8Array> => ({
  offset,
  size,
  decode: (view, at) => new Uint8Array(view.buffer, view.byteOffset + at, size),
  encode: (view, at, value) => new Uint8Array(view.buffer, view.byteOffset + at, size).set(value.subarray(0, size)),
  show: (value) => `${value.length} bytes`,
});

/** `count` unsigned 32-bit integers in a row. */
export const u32s = (offset: number, count: number): Field<readonly number[]> => ({
  offset,
  size: 4 * count,
  decode: (view, at) => Array.from({ length: count }, (_, i) => view.getUint32(at + 4 * i, true)),
  encode: (view, at, value) => {
    for (let i = 0; i < count; i++) view.setUint32(at + 4 * i, value[i] ?? 0, true);
  },
  show: (value) => value.map(hex).join(' '),
});

/** Another layout inside this one. */
export const nested = <F extends Fields>(offset: number, inner: Layout<F>): Field<Decoded<F>> => ({
  offset,
  size: inner.size,
  decode: (view, at) => inner.decode(new Uint8Array(view.buffer, view.byteOffset, view.byteLength), at),
  encode: (view, at, value) => new Uint8Array(view.buffer, view.byteOffset + at, inner.size).set(inner.encode(value)),
  show: () => inner.section,
});

/** A structure written down once: every byte named, reserved ones too. Refuses gaps, overlaps and a wrong total with a Defect
 *  when the module loads, so a layout that exists is complete. */
export const layout = <F extends Fields>(section: string, size: number, fields: F): Layout<F> => {
  const sorted = Object.entries(fields).toSorted(([, a], [, b]) => a.offset - b.offset);
  let next = 0;
  for (const [name, field] of sorted) {
    assert(field.offset <= next, `${section}: gap of ${field.offset - next} byte(s) before ${name}`);
    assert(field.offset === next, `${section}: ${name} overlaps the field before it by ${next - field.offset} byte(s)`);
    next += field.size;
  }
  assert(next === size, `${section}: fields end at ${next}, structure at ${size}`);

  const decode = (from: Uint8Array, at = 0): Record<string, unknown> => {
    if (at < 0 || at + size > from.length) throw new RangeError(`${section}: ${size} bytes at ${at}, ${from.length} there`);
    const view = viewOf(from);
    return Object.fromEntries(sorted.map(([name, field]) => [name, field.decode(view, at + field.offset)]));
  };
  const made = {
    section,
    size,
    offset: Object.fromEntries(sorted.map(([name, field]) => [name, field.offset])),
    decode,
    encode: (values: Record<string, unknown>): Uint8Array => {
      const out = new Uint8Array(size);
      const view = viewOf(out);
      for (const [name, field] of sorted) {
        const value = values[name] ?? field.expected;
        if (value !== undefined) field.encode(view, field.offset, value);
      }
      return out;
    },
    mismatches: (decoded: Record<string, unknown>): string[] =>
      sorted.filter(([name, field]) => field.expected !== undefined && decoded[name] !== field.expected).map(([name]) => name),
    dump: (from: Uint8Array, at = 0): string => {
      const values = decode(from, at);
      return sorted
        .map(([name, field]) => {
          const raw = Buffer.from(from.subarray(at + field.offset, at + field.offset + Math.min(field.size, 16))).toString('hex');
          const cut = field.size > 16 ? '…' : '';
          return `${field.offset.toString(16).padStart(4, '0')}  ${(raw + cut).padEnd(34)} ${name} = ${field.show(values[name])}`;
        })
        .join('\n');
    },
  };
  return made as unknown as Layout<F>;
};
