import { assert } from '@pstream/kernel';
import {
  FIRST_NAMED_ID,
  fixedSize,
  makeTag,
  MESSAGE_FLAG,
  MULTIPLE,
  PT,
  utf16,
  type Attachment,
  type MapiItem,
  type Property,
} from '@pstream/mapi';
import { BodyWriter } from './body-writer.js';
import { encodePage, isUtf16, UTF16, WINDOWS_1252 } from '@pstream/mapi/code-pages';
import { EMPTY } from './spans.js';
import {
  BODY_BYTES,
  CONFIG,
  COPY_TO,
  IID_IMESSAGE,
  INTERFACE_FLAGS,
  IS_INTERFACE_OK,
  isForeignMeta,
  isMarker,
  MARKER,
  META,
  OPCODE,
  RECORD_HEADER,
  SECTION,
  TAG,
  tagText,
  TELL_PARTNER_VERSION,
} from './wire.js';
import { pageType } from './wire-type.js';

/** How to write an export stream. */
export type EncodeOptions = {
  /** Bytes of a TransferBuffer body; 31680 if absent, as Exchange fills them. */
  readonly bodyBytes?: number;
  /** The three words of TellPartnerVersion; 15.20.4608.6018 if absent. */
  readonly version?: readonly [number, number, number];
  /** Common start of legacy DNs, written first as Exchange 2010 did; none if absent. */
  readonly dnPrefix?: string;
  /** Wire form of strings: type 84B0 ('page-1200', the default, as Exchange Online writes), plain 001F ('unicode'), or a code page number.
   *  A string that the page cannot hold is written as 84B0. */
  readonly strings?: 'page-1200' | 'unicode' | number;
};

const VERSION = [0x0f14, 0x9200, 0x1782] as const;

/** Encodes an item as an export stream: the same item and options give the same bytes. Both FXDelProp are written at the top level, none in
 *  embedded messages; properties keep their order, but AttachNumber comes first in an attachment and is added where it is missing. Warnings
 *  are not encoded. Throws a Defect for an item that the format cannot hold (a named id without name, a value of the wrong size). */
export const encodeExportStream = (item: MapiItem, options: EncodeOptions = {}): Uint8Array => {
  const bodyBytes = options.bodyBytes ?? BODY_BYTES;
  const content = contentBytes(item);
  const writer = new BodyWriter(bodyBytes, content + 1024 + RECORD_HEADER * Math.ceil((content / bodyBytes) * 1.1));
  writeHead(writer, options.version ?? VERSION);
  const encoder = new ItemEncoder(writer, options.strings ?? 'page-1200');
  // An item is associated by its flags; without them only the wrapper says so.
  const wrapped = item.associated && !flaggedAssociated(item);
  if (wrapped) writer.u32(MARKER.StartFAIMsg);
  if (options.dnPrefix !== undefined) encoder.dnPrefix(options.dnPrefix);
  encoder.message(item, true);
  if (wrapped) writer.u32(MARKER.EndMessage);
  return writer.finish();
};

const writeHead = (writer: BodyWriter, version: readonly [number, number, number]): void => {
  const config = new DataView(new ArrayBuffer(CONFIG.bytes));
  config.setUint32(CONFIG.method, COPY_TO, true);
  writer.record(OPCODE.Config, new Uint8Array(config.buffer));
  const isInterfaceOk = new DataView(new ArrayBuffer(IS_INTERFACE_OK.bytes));
  isInterfaceOk.setUint32(IS_INTERFACE_OK.method, COPY_TO, true);
  new Uint8Array(isInterfaceOk.buffer).set(IID_IMESSAGE, IS_INTERFACE_OK.iid);
  isInterfaceOk.setUint32(IS_INTERFACE_OK.flags, INTERFACE_FLAGS, true);
  writer.record(OPCODE.IsInterfaceOk, new Uint8Array(isInterfaceOk.buffer));
  const tellPartnerVersion = new DataView(new ArrayBuffer(TELL_PARTNER_VERSION.bytes));
  version.forEach((word, index) => tellPartnerVersion.setUint16(index * 2, word, true));
  writer.record(OPCODE.TellPartnerVersion, new Uint8Array(tellPartnerVersion.buffer));
};

class ItemEncoder {
  readonly #writer: BodyWriter;
  readonly #strings: 'page-1200' | 'unicode' | number;

  constructor(writer: BodyWriter, strings: 'page-1200' | 'unicode' | number) {
    this.#writer = writer;
    this.#strings = strings;
  }

  dnPrefix(prefix: string): void {
    const bytes = encodePage(WINDOWS_1252, utf16(prefix));
    assert(bytes !== undefined, 'a DN prefix is text of code page 1252');
    this.#writer.u32(makeTag(META.DnPrefixId, 0x8000 | WINDOWS_1252));
    this.#counted(bytes, 1, 1);
  }

  message(item: MapiItem, top: boolean): void {
    for (const property of item.properties) this.#property(property);
    if (top) this.#section(SECTION.recipients);
    for (const recipient of item.recipients) {
      this.#writer.u32(MARKER.StartRecip);
      for (const property of recipient.properties) this.#property(property);
      this.#writer.u32(MARKER.EndToRecip);
    }
    if (top) this.#section(SECTION.attachments);
    item.attachments.forEach((attachment, index) => this.#attachment(attachment, index));
  }

  #attachment({ properties, embedded }: Attachment, index: number): void {
    this.#writer.u32(MARKER.NewAttach);
    const number = properties.find((property) => headOf(property) === TAG.AttachNumber);
    this.#property(number ?? { id: TAG.AttachNumber >>> 16, type: PT.Integer32, value: u32Bytes(index) });
    for (const property of properties) if (property !== number) this.#property(property);
    if (embedded !== undefined) {
      this.#writer.u32(MARKER.StartEmbed);
      this.message(embedded, false);
      this.#writer.u32(MARKER.EndEmbed);
    }
    this.#writer.u32(MARKER.EndAttach);
  }

  #section(target: number): void {
    this.#writer.u32(META.FXDelProp);
    this.#writer.u32(target);
  }

  #property(property: Property): void {
    const { type, value, values } = property;
    const base = type & ~MULTIPLE;
    const multiple = base !== type;
    if (base === PT.String) {
      const texts = multiple ? (values ?? []) : [value];
      const { wire, encoded, step } = this.#text(texts, multiple);
      this.#head(property, wire);
      if (multiple) this.#writer.u32(encoded.length);
      for (const text of encoded) this.#counted(text, step, step);
      return;
    }
    this.#head(property, type);
    const size = fixedSize(base);
    if (size === undefined) {
      assert(
        COUNTED.has(base) && (!multiple || base === PT.Binary),
        `property ${tagText(headOf(property))} has a type that a stream can hold`,
      );
      if (multiple) this.#writer.u32(values?.length ?? 0);
      for (const one of multiple ? (values ?? []) : [value]) this.#counted(one, 1, 0);
    } else if (multiple) {
      assert(value.length % size === 0 && base !== PT.Boolean && base !== PT.ErrorCode, `property ${tagText(headOf(property))} is a list`);
      this.#writer.u32(value.length / size);
      for (let at = 0; at < value.length; at += size) this.#writer.field(value.subarray(at, at + size));
    } else {
      assert(value.length === size, `property ${tagText(headOf(property))} has ${size} bytes`);
      this.#writer.field(base === PT.Boolean ? Uint8Array.of(value[0] === 0 ? 0 : 1, 0) : value);
    }
  }

  /** The values of a string property in the wire form asked for, or as 84B0 if that cannot hold them. */
  #text(texts: readonly Uint8Array[], multiple: boolean): { wire: number; encoded: readonly Uint8Array[]; step: 1 | 2 } {
    assert(
      texts.every((text) => text.length % 2 === 0),
      'a string is UTF-16LE',
    );
    if (this.#strings === 'unicode') return { wire: PT.String | (multiple ? MULTIPLE : 0), encoded: texts, step: 2 };
    if (typeof this.#strings === 'number') {
      const page = this.#strings;
      const wire = pageType(page, multiple);
      const encoded = texts.map((text) => encodePage(page, text));
      if (wire !== undefined && !encoded.includes(undefined))
        return { wire, encoded: encoded as Uint8Array[], step: isUtf16(page) ? 2 : 1 };
    }
    return { wire: (multiple ? 0x9000 : 0x8000) | UTF16, encoded: texts, step: 2 };
  }

  /** Type, id and name: one field, as servers never cut it. */
  #head({ id, type, name }: Property, wire: number): void {
    const head = makeTag(id, wire);
    assert(
      (name !== undefined) === id >= FIRST_NAMED_ID,
      `property ${tagText(head)} has a name if its id is 0x8000 or above, and only then`,
    );
    assert(!isMarker(head) && !isMeta(head, id, type), `property ${tagText(head)} is no marker or meta-property`);
    if (name === undefined) return this.#writer.u32(head);
    const text = name.lid === undefined ? utf16(name.name) : EMPTY;
    const field = new Uint8Array(name.lid === undefined ? 23 + text.length : 25);
    const view = new DataView(field.buffer);
    view.setUint32(0, head, true);
    field.set(name.set, 4);
    if (name.lid !== undefined) view.setUint32(21, name.lid, true);
    else {
      assert(!name.name.includes('\0'), 'a property name has no NUL');
      field[20] = 1;
      field.set(text, 21);
    }
    this.#writer.field(field);
  }

  #counted(bytes: Uint8Array, step: 1 | 2, zeros: number): void {
    this.#writer.u32(bytes.length + zeros);
    this.#writer.value(bytes, step, zeros);
  }
}

const COUNTED = new Set<number>([PT.Binary, PT.Object, PT.ServerId]);

const isMeta = (head: number, id: number, type: number): boolean =>
  isForeignMeta(head) || head === META.FXDelProp || head === META.EcWarning || (id === META.DnPrefixId && type === PT.String);

const headOf = ({ id, type }: Property): number => makeTag(id, type);

const u32Bytes = (value: number): Uint8Array => {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
};

const flaggedAssociated = (item: MapiItem): boolean =>
  item.properties.some((property) => headOf(property) === TAG.MessageFlags && (property.value[0]! & MESSAGE_FLAG.associated) !== 0);

/** About how many bytes the inner stream will have, if strings are written as UTF-16. */
const contentBytes = (item: MapiItem): number => {
  let total = 16 + bagBytes(item.properties);
  for (const recipient of item.recipients) total += 8 + bagBytes(recipient.properties);
  for (const attachment of item.attachments) {
    total += 24 + bagBytes(attachment.properties) + (attachment.embedded === undefined ? 0 : contentBytes(attachment.embedded));
  }
  return total;
};

const bagBytes = (properties: readonly Property[]): number => {
  let total = 0;
  for (const { value, values, name } of properties) {
    total += 12 + value.length + (name === undefined ? 0 : 25 + (name.name?.length ?? 0) * 2);
    for (const one of values ?? []) total += 6 + one.length;
  }
  return total;
};
