import fc from 'fast-check';

import {
  ID,
  MULTIPLE,
  PROPERTY_SET,
  PT,
  filetimeOf,
  utf16,
  type Attachment,
  type MapiItem,
  type Property,
  type PropertyName,
  type Recipient,
} from '@pstream/mapi';

import { int32 } from '../fidelity/index.js';

const EMPTY = new Uint8Array(0);

/** A string property. */
export const text = (id: number, value: string): Property => ({ id, type: PT.String, value: utf16(value) });
/** A binary property of so many bytes with a pattern. */
export const binary = (id: number, bytes: number, seed = 1): Property => ({ id, type: PT.Binary, value: pattern(bytes, seed) });
/** An integer property. */
export const integer = (id: number, value: number): Property => ({ id, type: PT.Integer32, value: int32(value) });
/** A time property. */
export const time = (id: number, iso: string): Property => ({ id, type: PT.Time, value: filetimeOf(iso) });
/** A named property. */
export const named = (name: PropertyName, property: Property): Property => ({ ...property, id: 0x8000, name });

/** Bytes that differ from place to place. */
export const pattern = (bytes: number, seed: number): Uint8Array => {
  const out = new Uint8Array(bytes);
  for (let i = 0; i < bytes; i++) out[i] = (Math.imul(i + seed, 0x9e3779b1) >>> 15) & 0xff;
  return out;
};

/** A recipient with the properties of a one-off address. */
export const person = (type: number, name: string, address: string): Recipient => ({
  properties: [integer(ID.RecipientType, type), text(ID.DisplayName, name), text(ID.AddressType, 'SMTP'), text(ID.EmailAddress, address)],
});

/** A plain mail. */
export const mail = (subject: string, parts: Partial<MapiItem> = {}, more: readonly Property[] = []): MapiItem => ({
  properties: [
    text(ID.MessageClass, 'IPM.Note'),
    text(ID.Subject, subject),
    integer(ID.MessageFlags, 1),
    time(ID.MessageDeliveryTime, '2021-03-04T05:06:07Z'),
    time(ID.CreationTime, '2021-03-04T05:06:07Z'),
    time(ID.LastModificationTime, '2021-03-04T05:06:08Z'),
    binary(ID.SearchKey, 16, subject.length),
    text(ID.Body, `body of ${subject}`),
    ...more,
  ],
  recipients: [],
  attachments: [],
  associated: false,
  warnings: [],
  ...parts,
});

/** A by-value attachment. */
export const file = (name: string, bytes: number): Attachment => ({
  properties: [integer(ID.AttachMethod, 1), binary(ID.AttachData, bytes, bytes), text(ID.AttachLongFilename, name)],
});

const exactly = (size: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ minLength: size, maxLength: size });

/** Text without trailing NULs and without lone surrogates; inner NULs occur. */
const someText = fc.string({ unit: 'binary', maxLength: 30 }).map((value) => utf16(value.replace(/\0+$/u, '')));

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

/** Long enough for heap blocks, subnodes and data trees now and then. */
const someBytes = fc.oneof(
  { weight: 8, arbitrary: fc.uint8Array({ maxLength: 60 }) },
  { weight: 2, arbitrary: fc.tuple(fc.integer({ min: 3400, max: 4000 }), fc.nat()).map(([bytes, seed]) => pattern(bytes, seed)) },
  { weight: 1, arbitrary: fc.tuple(fc.integer({ min: 8000, max: 90_000 }), fc.nat()).map(([bytes, seed]) => pattern(bytes, seed)) },
);

const valued: fc.Arbitrary<Pick<Property, 'type' | 'value' | 'values'>> = fc.oneof(
  ...FIXED.map(([type, size]) => exactly(size).map((value) => ({ type, value }))),
  ...FIXED.map(([type, size]) =>
    fc.integer({ min: 0, max: 3 }).chain((count) => exactly(size * count).map((value) => ({ type: type | MULTIPLE, value }))),
  ),
  fc.boolean().map((value) => ({ type: PT.Boolean, value: Uint8Array.of(value ? 1 : 0) })),
  someText.map((value) => ({ type: PT.String, value })),
  fc.array(someText, { maxLength: 4 }).map((values) => ({ type: PT.String | MULTIPLE, value: EMPTY, values })),
  someBytes.map((value) => ({ type: PT.Binary, value })),
  fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 4 }).map((values) => ({ type: PT.Binary | MULTIPLE, value: EMPTY, values })),
  exactly(4).map((value) => ({ type: PT.ErrorCode, value })),
);

const names: fc.Arbitrary<PropertyName> = fc
  .tuple(
    fc.constantFrom(PROPERTY_SET.mapi, PROPERTY_SET.publicStrings, PROPERTY_SET.common, pattern(16, 7)),
    fc.oneof(fc.integer({ min: 0x8000, max: 0x8010 }), fc.integer({ min: 0, max: 0xffff_ffff }), fc.string({ minLength: 1, maxLength: 6 })),
  )
  .filter(([set, called]) => set !== PROPERTY_SET.mapi || typeof called === 'string' || called >= 0x8000)
  .map(([set, called]) => (typeof called === 'number' ? { set, lid: called } : { set, name: called }));

const someId = fc.oneof(
  fc.integer({ min: 0x5000, max: 0x5fff }),
  fc.integer({ min: 0x1000, max: 0x1012 }),
  fc.integer({ min: 0x6800, max: 0x6810 }),
);

const bag = (maxLength: number): fc.Arbitrary<Property[]> =>
  fc.array(
    fc
      .tuple(someId, fc.option(names), valued)
      .map(([id, name, value]): Property => (name === null ? { id, ...value } : { id: 0x8000, ...value, name })),
    { maxLength },
  );

const recipient: fc.Arbitrary<Recipient> = fc
  .tuple(fc.integer({ min: 1, max: 3 }), fc.string({ maxLength: 12 }), bag(4))
  .map(([type, name, more]) => ({
    properties: [...person(type, name.replaceAll(/[;\0]/gu, ''), 'a@example.org').properties, ...more],
  }));

/** Any item, with attachments of all methods and messages inside messages. */
export const anyItem = (depth = 2): fc.Arbitrary<MapiItem> =>
  fc
    .record({
      subject: fc.string({ maxLength: 20 }).map((value) => value.replaceAll('\0', '')),
      recipients: fc.array(recipient, { maxLength: 4 }),
      attachments: fc.array(anyAttachment(depth), { maxLength: depth > 0 ? 3 : 1 }),
      associated: fc.constantFrom(false, false, false, true),
      more: bag(8),
    })
    .map(({ subject, recipients, attachments, associated, more }) => mail(subject, { recipients, attachments, associated }, more));

const anyAttachment = (depth: number): fc.Arbitrary<Attachment> => {
  const kinds: fc.Arbitrary<Attachment>[] = [
    fc.tuple(someBytes, bag(4)).map(([value, more]) => ({
      properties: [integer(ID.AttachMethod, 1), { id: ID.AttachData, type: PT.Binary, value }, ...more],
    })),
    fc.tuple(someBytes, bag(2)).map(([value, more]) => ({
      properties: [integer(ID.AttachMethod, 6), { id: ID.AttachData, type: PT.Object, value }, ...more],
    })),
    bag(3).map((properties) => ({ properties })),
  ];
  if (depth > 0)
    kinds.push(
      fc.tuple(anyItem(depth - 1), bag(2)).map(([embedded, properties]) => ({ properties, embedded: { ...embedded, associated: false } })),
    );
  return fc.oneof(...kinds);
};
