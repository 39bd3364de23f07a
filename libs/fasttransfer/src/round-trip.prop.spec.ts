import fc from 'fast-check';
import { MULTIPLE, PT, type Attachment, type MapiItem, type Property, type Recipient } from '@pstream/mapi';
import { decodeExportStream, encodeExportStream, type EncodeOptions } from './index.js';
import { neutral } from './neutral.fixture.js';
import { int32, nth, wide } from './wire.fixture.js';

const EMPTY = new Uint8Array(0);
const bytesOf = (constraints: fc.IntArrayConstraints): fc.Arbitrary<Uint8Array> => fc.uint8Array(constraints);
const exactly = (size: number): fc.Arbitrary<Uint8Array> => bytesOf({ minLength: size, maxLength: size });
/** Any UTF-16, lone surrogates and NULs included. */
const someText = fc
  .array(fc.oneof(fc.integer({ min: 0, max: 0xffff }), fc.integer({ min: 0x20, max: 0x17f })), { maxLength: 40 })
  .map((units) => wide(String.fromCharCode(...units)));

const FIXED: readonly (readonly [number, number])[] = [
  [PT.Integer16, 2],
  [PT.Integer32, 4],
  [PT.Floating32, 4],
  [PT.Floating64, 8],
  [PT.Currency, 8],
  [PT.FloatingTime, 8],
  [PT.Integer64, 8],
  [PT.Time, 8],
  [PT.Guid, 16],
];

type Valued = Pick<Property, 'type' | 'value' | 'values'>;
const valued: fc.Arbitrary<Valued> = fc.oneof(
  ...FIXED.map(([type, size]) => exactly(size).map((value) => ({ type, value }))),
  ...FIXED.map(([type, size]) =>
    fc.integer({ min: 0, max: 3 }).chain((count) => exactly(size * count).map((value) => ({ type: type | MULTIPLE, value }))),
  ),
  exactly(4).map((value) => ({ type: PT.ErrorCode, value })),
  fc.boolean().map((value) => ({ type: PT.Boolean, value: Uint8Array.of(value ? 1 : 0) })),
  someText.map((value) => ({ type: PT.String, value })),
  fc.array(someText, { maxLength: 4 }).map((values) => ({ type: PT.String | MULTIPLE, value: EMPTY, values })),
  fc.constantFrom(PT.Binary, PT.Object, PT.ServerId).chain((type) => bytesOf({ maxLength: 300 }).map((value) => ({ type, value }))),
  fc.array(bytesOf({ maxLength: 50 }), { maxLength: 4 }).map((values) => ({ type: PT.Binary | MULTIPLE, value: EMPTY, values })),
);

/** A bag without duplicates; ids stay clear of what the codec reads itself. */
const bag: fc.Arbitrary<Property[]> = fc
  .array(
    fc.tuple(
      valued,
      fc.option(exactly(16)),
      fc.oneof(fc.integer({ min: 0, max: 0xffff_ffff }), fc.string({ unit: 'binary', maxLength: 8 })),
    ),
    { maxLength: 12 },
  )
  .map((entries) =>
    entries.map(([value, set, called], index) =>
      set === null
        ? { id: 0x5000 + index, ...value }
        : {
            id: 0x8000 + index,
            ...value,
            name: typeof called === 'number' ? { set, lid: called } : { set, name: `${index}${called.replaceAll('\0', '')}` },
          },
    ),
  );
const recipient: fc.Arbitrary<Recipient> = bag.map((properties) => ({ properties }));
const item = (depth: number): fc.Arbitrary<MapiItem> =>
  fc
    .record({
      properties: bag,
      recipients: fc.array(recipient, { maxLength: 3 }),
      attachments: fc.array(attachment(depth), { maxLength: 2 }),
      associated: fc.boolean(),
    })
    .map((parts) => ({ ...parts, properties: [...parts.properties, int32(0x0e07, parts.associated ? 0x40 : 0)], warnings: [] }));
const attachment = (depth: number): fc.Arbitrary<Attachment> =>
  fc.tuple(bag, depth === 0 ? fc.constant(undefined) : fc.option(item(depth - 1), { nil: undefined })).map(([properties, embedded]) => ({
    properties: [int32(0x0e21, 0), int32(0x3705, embedded === undefined ? 1 : 5), ...properties],
    ...(embedded && { embedded }),
  }));

const options: fc.Arbitrary<EncodeOptions> = fc.record({
  bodyBytes: fc.integer({ min: 1, max: 2000 }),
  strings: fc.constantFrom<NonNullable<EncodeOptions['strings']>>('page-1200', 'unicode', 1252, 932, 20866, 437, 28591),
});

describe('an item', () => {
  it('is the same after encoding and decoding, and encodes to the same bytes again', () => {
    fc.assert(
      fc.property(item(2), options, (one, how) => {
        const file = encodeExportStream(one, how);
        const again = decodeExportStream(file);
        expect(neutral(again)).toEqual(neutral(one));
        expect(again.warnings).toEqual([]);
        expect(Buffer.from(encodeExportStream(again, how)).equals(file)).toBe(true);
      }),
      { numRuns: 150 },
    );
  });
});

describe('an item that the format cannot hold', () => {
  const broken =
    (property: Property): (() => unknown) =>
    () =>
      encodeExportStream({ properties: [property], recipients: [], attachments: [], associated: false, warnings: [] });
  it.each<[string, Property]>([
    ['a named id without name', { id: 0x8001, type: PT.Integer32, value: new Uint8Array(4) }],
    ['a name at a plain id', { id: 0x6001, type: PT.Integer32, value: new Uint8Array(4), name: { set: new Uint8Array(16), lid: 1 } }],
    ['a value of the wrong size', { id: 0x6001, type: PT.Integer32, value: new Uint8Array(3) }],
    ['an unknown type', { id: 0x6001, type: 0x00fd, value: EMPTY }],
    ['a String8', { id: 0x6001, type: PT.String8, value: EMPTY }],
    ['a list of Booleans', { id: 0x6001, type: PT.Boolean | MULTIPLE, value: EMPTY }],
    ['half a UTF-16 unit', { id: 0x6001, type: PT.String, value: new Uint8Array(3) }],
    ['a NUL in a name', { id: 0x8001, type: PT.Integer32, value: new Uint8Array(4), name: { set: new Uint8Array(16), name: 'a\0b' } }],
    ['a marker', { id: 0x4003, type: PT.Integer32, value: new Uint8Array(4) }],
    ['a meta-property', { id: 0x4016, type: PT.Integer32, value: new Uint8Array(4) }],
  ])('is a defect of the caller: %s', (_, property) => expect(broken(property)).toThrow(expect.objectContaining({ name: 'Defect' })));
});

describe('an attachment', () => {
  it('gets its number first, and one if it has none', () => {
    const one = (properties: Property[]): readonly number[] => {
      const file = encodeExportStream({ properties: [], recipients: [], attachments: [{ properties }], associated: false, warnings: [] });
      return nth(decodeExportStream(file).attachments, 0).properties.map(({ id }) => id);
    };
    expect(one([int32(0x3705, 1)])).toEqual([0x0e21, 0x3705]);
    expect(one([int32(0x3705, 1), int32(0x0e21, 4)])).toEqual([0x0e21, 0x3705]);
  });
});
