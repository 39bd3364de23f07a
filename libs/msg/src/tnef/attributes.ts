/** One attribute of a TNEF stream: `level` says whether it belongs to the message or to the attachment begun last. */
export type Attribute = { readonly level: number; readonly id: number; readonly value: Uint8Array; readonly isSound: boolean };

/** First bytes of every TNEF stream. [MS-OXTNEF] 2.1.3.2. */
export const TNEF_SIGNATURE = 0x223e9f78;
export const LEVEL = { message: 1, attachment: 2 } as const;

/** Attribute ids, type in the high half. [MS-OXTNEF] 2.1.3.3. */
export const ATT = {
  from: 0x0000_8000,
  subject: 0x0001_8004,
  dateSent: 0x0003_8005,
  dateReceived: 0x0003_8006,
  messageStatus: 0x0006_8007,
  messageClass: 0x0007_8008,
  messageId: 0x0001_8009,
  body: 0x0002_800c,
  priority: 0x0004_800d,
  dateModified: 0x0003_8020,
  attachData: 0x0006_800f,
  attachTitle: 0x0001_8010,
  attachMetaFile: 0x0006_8011,
  attachCreateDate: 0x0003_8012,
  attachModifyDate: 0x0003_8013,
  attachTransportFilename: 0x0006_9001,
  attachRenderData: 0x0006_9002,
  messageProperties: 0x0006_9003,
  recipientTable: 0x0006_9004,
  attachment: 0x0006_9005,
  tnefVersion: 0x0008_9006,
  oemCodePage: 0x0006_9007,
} as const;

const HEAD_BYTES = 6;
const ATTRIBUTE_HEAD_BYTES = 9;
const CHECKSUM_BYTES = 2;

/** The attributes of a TNEF stream in order, up to the first that is cut off or has an unknown level; `isSound` tells whether the checksum
 *  holds. [MS-OXTNEF] 2.1.3.1. */
export function* attributesOf(bytes: Uint8Array): Generator<Attribute, boolean> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let at = HEAD_BYTES;
  while (at + ATTRIBUTE_HEAD_BYTES <= bytes.length) {
    const level = view.getUint8(at);
    const id = view.getUint32(at + 1, true);
    const length = view.getUint32(at + 5, true);
    const from = at + ATTRIBUTE_HEAD_BYTES;
    const to = from + length;
    if ((level !== LEVEL.message && level !== LEVEL.attachment) || to + CHECKSUM_BYTES > bytes.length) return false;
    const value = bytes.subarray(from, to);
    yield { level, id, value, isSound: checksum(value) === view.getUint16(to, true) };
    at = to + CHECKSUM_BYTES;
  }
  return at >= bytes.length;
}

/** The sum of all bytes, in 16 bits. */
const checksum = (value: Uint8Array): number => value.reduce((sum, byte) => (sum + byte) & 0xffff, 0);
