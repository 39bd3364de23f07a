import type { MapiItem, Property } from '@pstream/mapi';
import { PT } from '@pstream/mapi';
import { isFault, type Fault } from '@pstream/kernel';
import { decodeExportStream } from './parser.js';

/** An element that must be there. */
export const nth = <T>(list: readonly T[] | undefined, index: number): T => {
  const found = list?.[index];
  if (found === undefined) throw new Error(`there is no element ${index}`);
  return found;
};

/** Joins pieces of bytes. */
export const bytes = (...pieces: readonly (Uint8Array | readonly number[])[]): Uint8Array =>
  Uint8Array.from(pieces.flatMap((piece) => [...piece]));

/** Little-endian integers. */
export const u16 = (value: number): Uint8Array => Uint8Array.of(value & 0xff, value >>> 8);
export const u32 = (value: number): Uint8Array => Uint8Array.of(value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, value >>> 24);

/** Bytes from hex with blanks. */
export const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(/\s/g, ''), 'hex'));

/** UTF-16LE of a string, plain array. */
export const wide = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'utf16le'));

/** A value with its length before it. */
export const counted = (value: Uint8Array | readonly number[]): Uint8Array => bytes(u32(value.length), value);

/** An unnamed property of the wire: type, id, value bytes. */
export const prop = (type: number, id: number, ...value: readonly (Uint8Array | readonly number[])[]): Uint8Array =>
  bytes(u16(type), u16(id), ...value);

/** An outer record. */
export const record = (opcode: number, body: Uint8Array | readonly number[]): Uint8Array => bytes(u32(opcode), counted(body));

/** The three records before the data. */
export const HEAD = bytes(
  record(1, hex('00000000 01000000')),
  record(3, hex('01000000 0703020000000000C000000000000046 00240080')),
  record(4, hex('140F 0092 8217')),
);

/** A file whose inner stream is `stream`, cut into bodies of `cut` bytes wherever that falls. */
export const file = (stream: Uint8Array, cut = 31680): Uint8Array => {
  const bodies: Uint8Array[] = [HEAD];
  for (let at = 0; at < stream.length; at += cut) bodies.push(record(2, stream.subarray(at, at + cut)));
  return Uint8Array.from(Buffer.concat(bodies));
};

/** Both section separators: a top-level item without subobjects ends with them. */
export const SECTIONS = hex('03001640 0D00120E 03001640 0D00130E');

/** Decodes a file made of an inner stream. */
export const decoded = (...stream: readonly Uint8Array[]): MapiItem => decodeExportStream(file(bytes(...stream)));

/** The only property of a stream that has one and both separators. */
export const onlyProperty = (property: Uint8Array): Property => {
  const item = decoded(property, SECTIONS);
  expect(item.properties).toHaveLength(1);
  return nth(item.properties, 0);
};

/** The Fault that `run` throws. */
export const faultOf = (run: () => unknown): Fault => {
  try {
    run();
  } catch (error) {
    if (isFault(error)) return error;
    throw error;
  }
  throw new Error('no fault was thrown');
};

/** The fault of decoding a file made of an inner stream. */
export const faultIn = (...stream: readonly Uint8Array[]): Fault => faultOf(() => decoded(...stream));

/** Bytes of a little-endian number as a model value. */
export const int32 = (id: number, value: number): Property => ({ id, type: PT.Integer32, value: u32(value >>> 0) });
/** A string property of the model. */
export const text = (id: number, value: string): Property => ({ id, type: PT.String, value: wide(value) });
/** A binary property of the model. */
export const binary = (id: number, value: Uint8Array): Property => ({ id, type: PT.Binary, value });

/** An item without subobjects. */
export const plainItem = (...properties: readonly Property[]): MapiItem => ({
  properties,
  recipients: [],
  attachments: [],
  associated: false,
  warnings: [],
});
