import { Fault, type Rejection } from '@pstream/kernel';

const BLOB_SEGMENT = /^[A-Za-z0-9._-]{1,128}$/;
const DEVICE = /^(con|prn|aux|nul|clock\$|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])$/i;
// Characters that change how the rest of a name is shown, or are not shown at all: bidi controls, zero-width marks,
// line and paragraph separators, the byte order mark, tags, variation selectors' language tags and unpaired surrogates.
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Cn}\p{Co}]/u;
const PATH_CHARACTER = /[/\\:*?"<>|]/;

/** True for what `requireBlobName` lets pass. */
export const isBlobName = (name: string): boolean => {
  const segments = name.split('/');
  return name.length <= 900 && segments.length <= 16 && segments.every((s) => BLOB_SEGMENT.test(s) && s !== '.' && s !== '..');
};

/** Throws Fault 'blob.bad-name' (never) unless a blob name is 1 to 16 `/`-separated segments of 1..128 characters of
 *  [A-Za-z0-9._-], none of them `.` or `..`, at most 900 characters in all. */
export const requireBlobName = (name: string): void => {
  if (!isBlobName(name)) {
    throw new Fault('blob.bad-name', { retry: 'never', facts: { characters: name.length, segments: name.split('/').length } });
  }
};

/** The same for the prefix of a list: empty, or a name that may end in `/`. */
export const requireBlobPrefix = (prefix: string): void => {
  if (prefix !== '') requireBlobName(prefix.replace(/\/$/, ''));
};

/** Judges a part's file name: 1..120 characters (code points) and at most 240 bytes, NFC, no control, format or bidi characters,
 *  none of / \ : * ? " < > |, no dot or space at either end, no device name, ending in `.pst`. Returns null if it is fine, else the Rejection 'part-name.<condition>'. Uniqueness regardless of case is the caller's to hold: see `foldPartName`. */
export const checkPartName = (name: string): Rejection | null => judgeName(name, '.pst');

/** The same for a file that was found somewhere and is copied as it is, which may also be an `.ost`. */
export const checkUploadName = (name: string): Rejection | null => judgeName(name, name.endsWith('.ost') ? '.ost' : '.pst');

const judgeName = (name: string, ending: '.pst' | '.ost'): Rejection | null => {
  const no = (condition: string, facts: Rejection['facts'] = {}): Rejection => ({ code: `part-name.${condition}`, facts });
  const characters = Array.from(name).length;
  if (characters === 0) return no('empty');
  // 240 bytes leave room for the sidecar's suffix within the 255 bytes of common file systems.
  if (characters > 120) return no('too-long', { characters, limit: 120 });
  if (Buffer.byteLength(name, 'utf8') > 240) return no('too-long', { bytes: Buffer.byteLength(name, 'utf8'), limitBytes: 240 });
  if (INVISIBLE.test(name)) return no('control-character');
  if (name !== name.normalize('NFC')) return no('not-normalized');
  if (PATH_CHARACTER.test(name)) return no('path-character');
  if (/^[.\s]|[.\s]$/u.test(name)) return no('edge-character');
  if (!name.endsWith(ending)) return no('wrong-ending', { expected: '.pst' });
  const stem = name.slice(0, -ending.length);
  if (/[.\s]$/u.test(stem)) return no('edge-character');
  // Windows takes the part before the first dot for the device, and ignores spaces before it.
  const device = (name.split('.')[0] ?? '').trimEnd();
  if (DEVICE.test(device)) return no('device-name');
  return null;
};

/** The form under which two part names are the same to file systems that ignore case. */
export const foldPartName = (name: string): string => name.normalize('NFC').toUpperCase().toLowerCase();

/** Folders of a destination in which parts may be, besides its top. */
const PART_FOLDERS: readonly string[] = ['trial'];

/** The folder of the destination that a part is in ('' for its top), and its file name there: `trial/ann.pst`. Throws Fault 'part.bad-name'
 *  (never; facts reason) where `checkUploadName` refuses the file name, or the folder is no folder for parts. */
export const splitPartName = (name: string): { readonly folder: string; readonly file: string } => {
  const slash = name.indexOf('/');
  const folder = name.slice(0, Math.max(0, slash));
  const file = name.slice(slash + 1);
  const refusal = slash >= 0 && !PART_FOLDERS.includes(folder) ? { code: 'part-name.path-character', facts: {} } : checkUploadName(file);
  if (refusal !== null) throw new Fault('part.bad-name', { retry: 'never', facts: { reason: refusal.code, ...refusal.facts } });
  return { folder, file };
};

/** Judges a container's name by Azure's rule, which is fine for a folder too: 3..63 of a-z, 0-9 and single hyphens, a letter or digit
 *  at both ends. Returns null if it is fine, else the Rejection 'container-name.<condition>'. */
export const checkContainerName = (name: string): Rejection | null => {
  if (name.length < 3 || name.length > 63)
    return { code: 'container-name.wrong-length', facts: { characters: name.length, from: 3, to: 63 } };
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name)) return { code: 'container-name.wrong-character', facts: {} };
  return DEVICE.test(name) ? { code: 'container-name.device-name', facts: {} } : null;
};
