import { ATTACH_METHOD, ID, type Attachment, type MapiItem } from '@pstream/mapi';
import type { Draw } from './draw.js';
import { attachmentBytes } from './pools.js';
import { bag, binary, flag, int, text, time } from './props.js';

type FileKind = { readonly extension: string; readonly mime: string; readonly head: Uint8Array };

const KINDS: readonly FileKind[] = [
  { extension: '.pdf', mime: 'application/pdf', head: Buffer.from('%PDF-1.7\n%') },
  {
    extension: '.docx',
    mime: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
    head: Buffer.from('504b0304140006000800', 'hex'),
  },
  {
    extension: '.xlsx',
    mime: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
    head: Buffer.from('504b0304140006000800', 'hex'),
  },
  { extension: '.zip', mime: 'application/zip', head: Buffer.from('504b0304', 'hex') },
  { extension: '.jpg', mime: 'image/jpeg', head: Buffer.from('ffd8ffe000104a46494600', 'hex') },
  { extension: '', mime: 'application/octet-stream', head: new Uint8Array(0) },
];

const PNG: FileKind = { extension: '.png', mime: 'image/png', head: Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex') };

/** A file by value, named after `stem`. */
export const file = (number: number, stem: string, bytes: number, atMs: number, draw: Draw): Attachment => {
  const kind = draw.pick(KINDS);
  return { properties: fileProperties(number, `${stem}${kind.extension}`, kind, attachmentBytes(bytes, kind.head, draw), atMs) };
};

/** A picture that the HTML body shows by its content id. */
export const inlineImage = (number: number, contentId: string, bytes: number, atMs: number, draw: Draw): Attachment => {
  const plain = fileProperties(
    number,
    `image${String(number + 1).padStart(3, '0')}.png`,
    PNG,
    attachmentBytes(bytes, PNG.head, draw),
    atMs,
  );
  return { properties: bag([...plain, text(ID.AttachContentId, contentId), int(ID.AttachFlags, 4), flag(ID.AttachmentHidden, true)]) };
};

/** An attachment of exactly these bytes and type, such as smime.p7m. */
export const exactFile = (number: number, name: string, mime: string, bytes: Uint8Array, atMs: number): Attachment => ({
  properties: fileProperties(number, name, { extension: name.slice(name.lastIndexOf('.')), mime, head: bytes }, bytes, atMs),
});

const fileProperties = (number: number, name: string, kind: FileKind, bytes: Uint8Array, atMs: number): Attachment['properties'] =>
  bag([
    int(ID.AttachNumber, number),
    int(ID.AttachMethod, ATTACH_METHOD.byValue),
    int(ID.RenderingPosition, -1),
    text(ID.DisplayName, name),
    text(ID.AttachLongFilename, name),
    ...(kind.extension === '' ? [] : [text(ID.AttachExtension, kind.extension)]),
    text(ID.AttachMimeTag, kind.mime),
    time(ID.CreationTime, atMs),
    time(ID.LastModificationTime, atMs),
    binary(ID.AttachData, bytes),
  ]);

/** A message within a message. */
export const embedded = (number: number, name: string, item: MapiItem, atMs: number, more: Attachment['properties'] = []): Attachment => ({
  properties: bag([
    int(ID.AttachNumber, number),
    int(ID.AttachMethod, ATTACH_METHOD.embedded),
    int(ID.RenderingPosition, -1),
    text(ID.DisplayName, name),
    time(ID.CreationTime, atMs),
    time(ID.LastModificationTime, atMs),
    ...more,
  ]),
  embedded: item,
});
