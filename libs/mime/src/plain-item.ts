import type { FallbackKind } from './kinds.js';

/** An object of a Graph reply. It is read field by field; a wrong type counts as absent. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** What Graph tells of an item besides its export stream.
 *
 *  `item` is the mailboxItem with the extended properties that `extendedIds` names; `resource` the message, contact, event or todoTask of the
 *  same id (times in UTC, attachments of an event expanded); `mime` the message's RFC 5322 bytes, with kind `message` only;
 *  `photo` the picture of a contact that has one. */
export type PlainItem = {
  readonly kind: FallbackKind;
  /** Message class as the listing gave it. */
  readonly itemType: string;
  readonly item: JsonObject;
  readonly resource: JsonObject;
  readonly mime?: Uint8Array;
  readonly photo?: Uint8Array;
};
