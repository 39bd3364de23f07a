import {
  ATTACH_METHOD,
  filetimeOf,
  ID,
  PT,
  utf16,
  utf16Text,
  type Attachment,
  type MapiItem,
  type Property,
  type Recipient,
} from '@pstream/mapi';
import { WINDOWS_1252 } from '@pstream/mapi/code-pages';
import { Fault } from '@pstream/kernel';
import { ATT, attributesOf, LEVEL, TNEF_SIGNATURE, type Attribute } from './attributes.js';
import { textOf, TnefReader, type TnefProperty } from './property-list.js';

/** An item of a TNEF stream, and what of it could not be read: codes, never content. */
export type TnefFile = { readonly item: MapiItem; readonly damage: readonly string[] };

/** Messages within messages that are taken apart; a deeper one stays the bytes it is. */
const MAX_DEPTH = 50;
/** AttachType of attAttachRendData for an OLE object. [MS-OXTNEF] 2.1.3.3.15. */
const RENDERED_OLE = 2;
const MAIL_CLASS = /^IPM\.Microsoft Mail\./i;

/** Whether bytes begin as a TNEF stream (winmail.dat) does. */
export const isTnef = (bytes: Uint8Array): boolean =>
  bytes.length >= 6 && new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true) === TNEF_SIGNATURE;

/** Reads a TNEF stream: properties, recipients, attachments, embedded messages. [MS-OXTNEF]. Damage ends what it is in, and is reported.
 *  Fault 'tnef.unreadable' (never) for what is no such stream. */
export const readTnef = (bytes: Uint8Array): TnefFile => {
  if (!isTnef(bytes)) {
    throw new Fault('tnef.unreadable', {
      retry: 'never',
      advice: 'The file does not begin as a TNEF stream (winmail.dat) does. Leave it out.',
    });
  }
  const damage = new Set<string>();
  const item = new TnefMessage(damage, 0).read(bytes);
  return { item, damage: [...damage] };
};

type Draft = { readonly properties: Property[]; embedded?: MapiItem };

class TnefMessage {
  readonly #damage: Set<string>;
  readonly #depth: number;
  readonly #own: Property[] = [];
  readonly #fromAttributes: Property[] = [];
  readonly #recipients: Recipient[] = [];
  readonly #attachments: Draft[] = [];
  #codePage = WINDOWS_1252;

  constructor(damage: Set<string>, depth: number) {
    this.#damage = damage;
    this.#depth = depth;
  }

  read(bytes: Uint8Array): MapiItem {
    const attributes = attributesOf(bytes);
    for (let next = attributes.next(); ; next = attributes.next()) {
      if (next.done === true) {
        if (!next.value) this.#damage.add('tnef.cut-off');
        break;
      }
      if (!next.value.isSound) this.#damage.add('tnef.checksum');
      if (next.value.level === LEVEL.message) this.#ofMessage(next.value);
      else this.#ofAttachment(next.value);
    }
    return {
      properties: merged(this.#own, this.#fromAttributes),
      recipients: this.#recipients,
      attachments: this.#attachments.map(({ properties, embedded }, number): Attachment => {
        const all = merged(properties, [integer(ID.AttachNumber, number), integer(ID.RenderingPosition, -1)]);
        return embedded === undefined ? { properties: all } : { properties: all, embedded };
      }),
      associated: false,
      warnings: [],
    };
  }

  #ofMessage({ id, value }: Attribute): void {
    switch (id) {
      case ATT.oemCodePage:
        if (value.length >= 4) this.#codePage = new DataView(value.buffer, value.byteOffset, 4).getUint32(0, true);
        return;
      case ATT.messageProperties:
        this.#own.push(...this.#list(new TnefReader(value)).map(({ property }) => property));
        return;
      case ATT.recipientTable:
        return this.#rows(value);
      case ATT.messageClass: {
        const name = utf16Text(this.#text(value));
        this.#fromAttributes.push({
          id: ID.MessageClass,
          type: PT.String,
          value: utf16(MAIL_CLASS.test(name) ? name.replace(MAIL_CLASS, 'IPM.') : name),
        });
        return;
      }
      case ATT.subject:
        return this.#put(ID.Subject, value);
      case ATT.body:
        return this.#put(ID.Body, value);
      case ATT.dateSent:
        return this.#time(this.#fromAttributes, ID.ClientSubmitTime, value);
      case ATT.dateReceived:
        return this.#time(this.#fromAttributes, ID.MessageDeliveryTime, value);
      case ATT.dateModified:
        return this.#time(this.#fromAttributes, ID.LastModificationTime, value);
    }
  }

  #ofAttachment({ id, value }: Attribute): void {
    if (id === ATT.attachRenderData) {
      const isOle = value.length >= 2 && new DataView(value.buffer, value.byteOffset, 2).getUint16(0, true) === RENDERED_OLE;
      this.#attachments.push({ properties: [integer(ID.AttachMethod, isOle ? ATTACH_METHOD.ole : ATTACH_METHOD.byValue)] });
      return;
    }
    const draft = this.#attachments.at(-1);
    if (draft === undefined) {
      this.#damage.add('tnef.attachment-without-beginning');
      return;
    }
    const { properties } = draft;
    if (id === ATT.attachData) properties.push({ id: ID.AttachData, type: PT.Binary, value });
    else if (id === ATT.attachTitle) properties.push({ id: ID.AttachLongFilename, type: PT.String, value: this.#text(value) });
    else if (id === ATT.attachMetaFile) properties.push({ id: ID.AttachRendering, type: PT.Binary, value });
    else if (id === ATT.attachCreateDate) this.#time(properties, ID.CreationTime, value);
    else if (id === ATT.attachModifyDate) this.#time(properties, ID.LastModificationTime, value);
    else if (id === ATT.attachment) this.#ofAttachmentList(draft, value);
  }

  /** The attachment's own list stands above what the attributes said before it. */
  #ofAttachmentList(draft: Draft, value: Uint8Array): void {
    const own: Property[] = [];
    for (const { property, object } of this.#list(new TnefReader(value))) {
      if (object?.kind === 'message' && this.#depth < MAX_DEPTH && isTnef(property.value)) {
        draft.embedded = new TnefMessage(this.#damage, this.#depth + 1).read(property.value);
        own.push(integer(ID.AttachMethod, ATTACH_METHOD.embedded));
      } else own.push(property);
    }
    const before = draft.properties.splice(0);
    // What a message was for readers that do not know messages within messages.
    const left = draft.embedded === undefined ? before : before.filter(({ id }) => id !== ID.AttachData);
    draft.properties.push(...merged(own, left));
  }

  #rows(value: Uint8Array): void {
    const reader = new TnefReader(value);
    if (value.length < 4) return;
    for (let rows = reader.uint32(); rows > 0; rows--) {
      const properties = this.#list(reader).map(({ property }) => property);
      if (properties.length === 0) return;
      this.#recipients.push({ properties });
    }
  }

  #list(reader: TnefReader): readonly TnefProperty[] {
    const { properties, isWhole } = reader.list(this.#codePage);
    if (!isWhole) this.#damage.add('tnef.property-list');
    return properties;
  }

  #text(value: Uint8Array): Uint8Array {
    return textOf(PT.String8, value, this.#codePage);
  }

  #put(id: number, value: Uint8Array): void {
    this.#fromAttributes.push({ id, type: PT.String, value: this.#text(value) });
  }

  /** Six numbers and the day of the week. [MS-OXTNEF] 2.1.3.3, DTR. */
  #time(into: Property[], id: number, value: Uint8Array): void {
    if (value.length < 12) return;
    const view = new DataView(value.buffer, value.byteOffset, value.length);
    const [year = 0, month = 0, day = 0, hour, minute, second] = Array.from({ length: 6 }, (_, i) => view.getUint16(2 * i, true));
    const ms = Date.UTC(year, month - 1, day, hour, minute, second);
    if (year > 1601 && year < 9999 && month > 0 && day > 0) into.push({ id, type: PT.Time, value: filetimeOf(new Date(ms).toISOString()) });
  }
}

const integer = (id: number, number: number): Property => {
  const value = new Uint8Array(4);
  new DataView(value.buffer).setInt32(0, number, true);
  return { id, type: PT.Integer32, value };
};

/** The properties of `above`, and those of `below` that it has not. */
const merged = (above: readonly Property[], below: readonly Property[]): Property[] => {
  const seen = new Set<number>();
  const out: Property[] = [];
  for (const property of [...above, ...below]) {
    if (property.name === undefined) {
      if (seen.has(property.id)) continue;
      seen.add(property.id);
    }
    out.push(property);
  }
  return out;
};
