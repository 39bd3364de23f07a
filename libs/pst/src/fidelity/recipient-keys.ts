import { utf16Text } from '@pstream/mapi';

/** PidTagSearchKey of a recipient: "TYPE:ADDRESS" in upper case, with a NUL. [MS-OXOABK] 2.2.3.5. */
export const recipientSearchKey = (addressType: Uint8Array, address: Uint8Array): Uint8Array => {
  const typeLength = addressType.length >>> 1;
  const length = typeLength + (address.length >>> 1);
  const key = new Uint8Array(length + 2);
  if (putUpperAscii(addressType, key, 0) && putUpperAscii(address, key, typeLength + 1)) {
    key[typeLength] = COLON;
    return key;
  }
  return Buffer.from(`${utf16Text(addressType)}:${utf16Text(address)}\0`.toUpperCase(), 'utf8');
};

const COLON = 0x3a;

/** Writes UTF-16LE text in upper case, a byte a character; false if one of them is not ASCII. */
const putUpperAscii = (text: Uint8Array, to: Uint8Array, at: number): boolean => {
  for (let i = 0, out = at; i + 1 < text.length; i += 2) {
    const unit = text[i] as number;
    if (text[i + 1] !== 0 || unit >= 0x80) return false;
    to[out++] = unit >= 0x61 && unit <= 0x7a ? unit - 0x20 : unit;
  }
  return true;
};

/** Provider uid of one-off entry ids. [MS-OXCDATA] 2.2.5.1. */
const ONE_OFF_UID = Uint8Array.of(0x81, 0x2b, 0x1f, 0xa4, 0xbe, 0xa3, 0x10, 0x19, 0x9d, 0x6e, 0x00, 0xdd, 0x01, 0x0f, 0x54, 0x02);

/** One-off entry id: flags, uid, version 0, Unicode without rich-text flag, then name, type and address with NULs. [MS-OXCDATA] 2.2.5.1. */
export const oneOffEntryId = (name: Uint8Array, addressType: Uint8Array, address: Uint8Array): Uint8Array => {
  const out = new Uint8Array(24 + name.length + addressType.length + address.length + 6);
  out.set(ONE_OFF_UID, 4);
  out[22] = 0x01; // M: no rich text
  out[23] = 0x80; // U: strings are Unicode
  let at = 24;
  for (const text of [name, addressType, address]) {
    out.set(text, at);
    at += text.length + 2;
  }
  return out;
};
