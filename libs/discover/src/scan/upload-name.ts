import { createHash } from 'node:crypto';
import { basename, extname } from 'node:path';
import { checkUploadName } from '@pstream/blob/folder';
import { assert } from '@pstream/kernel';

/** What cannot be in a name at a destination. */
const REFUSED = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Cn}\p{Co}/\\:*?"<>|]+/gu;
/** Names of devices on Windows, which takes what stands before the first dot for one. */
const DEVICE = /^(?:con|prn|aux|nul|clock\$|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])\s*\./i;
const MOST_CHARACTERS = 60;
const MOST_BYTES = 180;
const DIGITS = 8;

/** A name for a store at a destination: that of the file, and digits of where it lies, so that two of one name do not meet and the same file has the
 *  same name in every scan. */
export const uploadName = (computer: string, path: string, kind: string): string => {
  const digits = createHash('sha256').update(`${computer}\0${path}`).digest('hex').slice(0, DIGITS);
  const stem = basename(path, extname(path)).normalize('NFC').replaceAll(REFUSED, '_');
  const short = shortened(stem).replaceAll(/^[.\s]+/gu, '');
  const name = `${short === '' ? 'store' : DEVICE.test(short) ? `_${short}` : short}-${digits}.${kind === 'ost' ? 'ost' : 'pst'}`;
  assert(checkUploadName(name) === null, 'a name that a destination does not take');
  return name;
};

const shortened = (text: string): string => {
  let characters = Array.from(text).slice(0, MOST_CHARACTERS);
  while (Buffer.byteLength(characters.join('')) > MOST_BYTES) characters = characters.slice(0, -1);
  return characters.join('');
};
