import { MULTIPLE, PT, PROPERTY_SET, type MapiItem } from '@pstream/mapi';
import { binary, int32, plainItem, text, u32, wide } from './wire.fixture.js';

/** The base64 of the worked example of the format page: an item with a recipient and an attachment, 283 bytes. */
export const EXAMPLE_BASE64 = [
  'AQAAAAgAAAAAAAAAAQAAAAMAAAAYAAAAAQAAAAcDAgAAAAAAwAAAAAAAAEYAJACABAAAAAYAAAAUDwCSghcCAAAA1QAAALCEGgAS',
  'AAAASQBQAE0ALgBOAG8AdABlAAAAsIQ3AAYAAABIAGkAAAADAAcOAQAAALCUAYApAwIAAAAAAMAAAAAAAABGAUsAZQB5AHcAbwBy',
  'AGQAcwAAAAEAAAAIAAAAUgBlAGQAAAADAAKAAiAGAAAAAADAAAAAAAAARgAFggAAAgAAAAMAFkANABIOAwADQAMAFQwBAAAAsIQB',
  'MAYAAABCAG8AAAADAARAAwAWQA0AEw4DAABAAwAhDgAAAAADAAU3AQAAAAIBATcDAAAAYWJjAwAOQA==',
].join('\n');

/** The item of the worked example. */
export const EXAMPLE: MapiItem = {
  properties: [
    text(0x001a, 'IPM.Note'),
    text(0x0037, 'Hi'),
    int32(0x0e07, 1),
    {
      id: 0x8001,
      type: PT.String | MULTIPLE,
      value: new Uint8Array(0),
      values: [wide('Red')],
      name: { set: PROPERTY_SET.publicStrings, name: 'Keywords' },
    },
    { id: 0x8002, type: PT.Integer32, value: u32(2), name: { set: PROPERTY_SET.appointment, lid: 0x8205 } },
  ],
  recipients: [{ properties: [int32(0x0c15, 1), text(0x3001, 'Bo')] }],
  attachments: [{ properties: [int32(0x0e21, 0), int32(0x3705, 1), binary(0x3701, Uint8Array.of(97, 98, 99))] }],
  associated: false,
  warnings: [],
};

/** An item with `levels` messages inside each other, each with two recipients. */
export const nested = (levels: number): MapiItem => {
  const item: MapiItem = {
    ...plainItem(text(0x001a, 'IPM.Note'), text(0x0037, `level ${levels}`)),
    recipients: [1, 2].map((type) => ({ properties: [int32(0x0c15, type), text(0x3001, `person ${levels}.${type}`)] })),
  };
  if (levels === 0) return item;
  return { ...item, attachments: [{ properties: [int32(0x0e21, 0), int32(0x3705, 5)], embedded: nested(levels - 1) }] };
};

/** Bytes that are neither constant nor random. */
export const pattern = (count: number): Uint8Array => Uint8Array.from({ length: count }, (_, index) => (index * 31 + (index >>> 8)) & 0xff);

/** An item whose body and attachment are longer than one TransferBuffer. */
export const BIG: MapiItem = {
  ...EXAMPLE,
  properties: [...EXAMPLE.properties.slice(0, 3), binary(0x1013, pattern(100_001)), text(0x1000, 'body '.repeat(9000))],
  attachments: [...EXAMPLE.attachments, { properties: [int32(0x0e21, 1), int32(0x3705, 1), binary(0x3701, pattern(70_000))] }],
};
