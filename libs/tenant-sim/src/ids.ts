import { createHash } from 'node:crypto';

/** 32 bytes that follow from the parts: the root of every id that must be the same in each run. */
export const digest = (...parts: readonly (string | number)[]): Buffer => {
  const hash = createHash('sha256').update('tenant-sim');
  for (const part of parts) hash.update(`\u0000${String(part)}`);
  return hash.digest();
};

/** A guid made of 16 bytes, with the version and variant bits of a random one. */
export const guidOf = (bytes: Uint8Array): string => {
  const copy = Buffer.from(bytes.subarray(0, 16));
  copy[6] = ((copy[6] ?? 0) & 0x0f) | 0x40;
  copy[8] = ((copy[8] ?? 0) & 0x3f) | 0x80;
  const hex = copy.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
};

/** A guid that follows from the parts. */
export const deriveGuid = (...parts: readonly (string | number)[]): string => guidOf(digest(...parts));

/** The id of a mailbox in Graph's admin/exchange paths. */
export const mailboxIdOf = (guid: string, tenantId: string): string => `MBX:${guid}@${tenantId}`;

/** True for the form of a mailbox id, known or not. */
export const isMailboxId = (text: string): boolean => /^MBX:[0-9a-f-]{36}@[0-9a-f-]{36}$/i.test(text);

/** URL-safe base64 with its padding, as Exchange writes ids. */
export const toEntryId = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64').replaceAll('+', '-').replaceAll('/', '_');

/** The bytes of an id, or undefined if it is not URL-safe base64 with padding, or too short for an entry id. */
export const fromEntryId = (text: string): Buffer | undefined => {
  if (text.length < 32 || text.length % 4 !== 0 || !/^[A-Za-z0-9_-]+={0,2}$/.test(text)) return undefined;
  return Buffer.from(text.replaceAll('-', '+').replaceAll('_', '/'), 'base64');
};

// Exchange ids begin with AAMk; the rest here says where the generated item is, so that none has to be remembered.
const PREFIX = Buffer.from([0x00, 0x03, 0x24, 0x00]);
const ID_BYTES = 47;
const BODY_BYTES = ID_BYTES - 8;

/** A place in a generated mailbox: kind 0 for a folder, 1 for an item. */
export type Place = { readonly guid: string; readonly kind: 0 | 1; readonly folder: number; readonly ordinal: number };

const seal = (body: Uint8Array, key: string): Buffer => createHash('sha1').update(key).update(body).digest().subarray(0, 8);

/** Packs a place into an id of 64 characters that ends in `=`; `key` is the mailbox seed, so that ids cannot be guessed across seeds. */
export const placeToId = (place: Place, key: string): string => {
  const bytes = Buffer.alloc(ID_BYTES);
  PREFIX.copy(bytes);
  bytes.write(place.guid.replaceAll('-', ''), 4, 'hex');
  bytes[20] = place.kind;
  bytes.writeUInt32BE(place.folder, 21);
  bytes.writeUInt32BE(place.ordinal, 25);
  seal(bytes.subarray(0, BODY_BYTES), key).copy(bytes, BODY_BYTES);
  return toEntryId(bytes);
};

/** Unpacks an id, or undefined if it is not one of this key's. */
export const idToPlace = (id: string, key: string): Place | undefined => {
  const bytes = fromEntryId(id);
  if (bytes === undefined || bytes.length !== ID_BYTES || !bytes.subarray(0, 4).equals(PREFIX)) return undefined;
  if (!seal(bytes.subarray(0, BODY_BYTES), key).equals(bytes.subarray(BODY_BYTES))) return undefined;
  const hex = bytes.subarray(4, 20).toString('hex');
  const kind = bytes[20];
  if (kind !== 0 && kind !== 1) return undefined;
  return {
    guid: `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`,
    kind,
    folder: bytes.readUInt32BE(21),
    ordinal: bytes.readUInt32BE(25),
  };
};
