import { ASCII, HZ, isKnownPage, ISO_2022_KR, JOHAB, LATIN_1, PLATFORM, STAND_INS, UTF16, UTF16_BE, UTF7 } from './pages.js';

/** A page that `decodePage` knows. `isGuess`: nothing here has the page that was asked for, and this one is near to it. */
export type FoundPage = { readonly page: number; readonly isGuess: boolean };

/** The page that decodes text of a code page number (PidTagInternetCodepage, PidTagMessageCodepage) or of a charset name (RFC 2978, and the
 *  spellings in use); undefined where none is near. */
export const findPage = (asked: number | string): FoundPage | undefined => {
  const page = typeof asked === 'number' ? asked : pageOfCharset(asked);
  if (page === undefined) return undefined;
  if (isKnownPage(page)) return { page, isGuess: false };
  const near = STAND_INS.get(page);
  return near === undefined ? undefined : { page: near, isGuess: true };
};

/** Names without a number in them, or with one that is no page; without signs between letters and digits. */
const NAMES: ReadonlyMap<string, number> = new Map([
  ['usascii', ASCII],
  ['ascii', ASCII],
  ['ansix341968', ASCII],
  ['iso646us', ASCII],
  ['iso88591', LATIN_1],
  ['latin1', LATIN_1],
  ['l1', LATIN_1],
  ['iso88599', 28599],
  ['iso885911', 28601],
  ['tis620', 874],
  ['utf7', UTF7],
  ['unicode11utf7', UTF7],
  ['csunicode11utf7', UTF7],
  ['utf16', UTF16],
  ['utf16le', UTF16],
  ['utf16be', UTF16_BE],
  ['iso2022kr', ISO_2022_KR],
  ['csiso2022kr', ISO_2022_KR],
  ['iso2022jp1', 50220],
  ['iso2022jp2', 50220],
  ['euckr', 949],
  ['hzgb2312', HZ],
  ['hz', HZ],
  ['johab', JOHAB],
  ['xmacjapanese', 10001],
  ['asmo708', 708],
]);

/** Names of DOS, Windows and IBM pages: `cp-850`, `IBM437`, `x-cp1251`, `windows-936`, `ms949`. */
const NUMBERED = /^(?:x?cp|x?ibm|csibm|csp?cp|dos|oem|ms|win|windows|xwindows|codepage)0*(\d{3,5})(?:latin\d+multilingual)?$/;

/** Pages by the Encoding Standard's names: the first that has it, since later ones are forms of it. */
const BY_LABEL: ReadonlyMap<string, number> = new Map([...PLATFORM].toReversed().map(([page, label]) => [label, page]));

const pageOfCharset = (name: string): number | undefined => {
  const bare = name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
  const named = NAMES.get(bare);
  if (named !== undefined) return named;
  const numbered = Number(NUMBERED.exec(bare)?.[1] ?? Number.NaN);
  if (isKnownPage(numbered) || STAND_INS.has(numbered)) return numbered;
  try {
    const { encoding } = new TextDecoder(name.trim());
    return encoding === 'euc-kr' ? 949 : BY_LABEL.get(encoding);
  } catch {
    return undefined; // no label of the Encoding Standard
  }
};
