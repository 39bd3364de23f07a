/** What a named property is called in every store: its property set, and a number (LID) or a string. [MS-OXPROPS] 1.3.2. */
export type PropertyName =
  | { readonly set: Uint8Array; readonly lid: number; readonly name?: undefined }
  | { readonly set: Uint8Array; readonly lid?: undefined; readonly name: string };

/** One property of an item, recipient or attachment.
 *
 *  `id` is the 16-bit property id; for a named property (0x8000 and up) it means nothing outside the stream or file it
 *  came from, and `name` says what it is. `type` is a PT value, with MULTIPLE for lists; strings are always PT.String
 *  (or PT.String | MULTIPLE), code pages having been resolved by the parser.
 *
 *  `value` holds the bytes as a PST stores them, without copying them out of the stream where that is possible:
 *  - fixed-size types: little-endian, exactly `fixedSize(type)` bytes (Boolean: one byte, 0 or 1; Guid: Windows order);
 *  - String: UTF-16LE without terminator; Binary, ServerId, Object: the bytes;
 *  - multi-valued fixed-size: the values one after another (Boolean lists do not exist);
 *  - multi-valued String and Binary: in `values` instead, and `value` is empty.
 *  Views are valid as long as the buffer they look into is not written to. */
export type Property = {
  readonly id: number;
  readonly type: number;
  readonly value: Uint8Array;
  readonly values?: readonly Uint8Array[];
  readonly name?: PropertyName;
};

/** A recipient row. */
export type Recipient = { readonly properties: readonly Property[] };

/** An attachment: its properties, with PidTagAttachDataBinary or PidTagAttachDataObject among them when it has data,
 *  and the message if one is embedded. */
export type Attachment = { readonly properties: readonly Property[]; readonly embedded?: MapiItem };

/** A mailbox item of any class, as parsed from an export stream or read from a PST. */
export type MapiItem = {
  readonly properties: readonly Property[];
  readonly recipients: readonly Recipient[];
  readonly attachments: readonly Attachment[];
  /** A hidden (folder-associated, FAI) item. */
  readonly associated: boolean;
  /** What the parser had to note: codes with places, never content. */
  readonly warnings: readonly string[];
};
