import { assert, Fault } from '@pstream/kernel';
import { sha256HexAside } from './digest.js';
import type { PartLayout, StagedExtent } from './part-store.js';

const HIGHEST = 999_999;
const PART_ID = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;

/** HEADER extent of the PST layout, and the size that suits Azure: 45 GiB / 16 MiB is 2,880 of the 50,000 blocks a blob may have. */
export const DEFAULT_LAYOUT: PartLayout = { headerBytes: 0x4400, extentBytes: 16 * 1024 * 1024 };

/** Azure's limit of blocks in one blob; an extent must be at least part limit / this. */
export const MAX_EXTENTS = 50_000;

/** Six digits, so that all ids of a part are equally long, as Azure demands. */
export const padded = (value: number): string => {
  assert(Number.isSafeInteger(value) && value >= 0 && value <= HIGHEST, `${value} does not fit six digits`);
  return String(value).padStart(6, '0');
};

/** Describes an extent under an epoch. `id` is `e<epoch>-<index>-<first 64 bits of SHA-256>`, 31 characters. */
export const describeExtent = async (epoch: number, index: number, bytes: Uint8Array): Promise<StagedExtent> => {
  const sha256 = await sha256HexAside(bytes);
  return { id: `e${padded(epoch)}-${padded(index)}-${sha256.slice(0, 16)}`, index, bytes: bytes.length, sha256 };
};

/** Where an extent lies in the file, in bytes. */
export const positionOf = (layout: PartLayout, index: number): number =>
  index === 0 ? 0 : layout.headerBytes + (index - 1) * layout.extentBytes;

/** A Defect unless an extent of this length may have this index. */
export const assertExtent = (layout: PartLayout, index: number, bytes: number): void => {
  const limit = index === 0 ? layout.headerBytes : layout.extentBytes;
  assert(index >= 0 && index < MAX_EXTENTS, `extent ${index}: a part has at most ${MAX_EXTENTS}`);
  assert(bytes > 0 && bytes <= limit, `extent ${index}: ${bytes} bytes, expected 1..${limit}`);
};

/** A Defect unless the extents are 0, 1, 2, … without a gap and their ids fit. Returns the bytes of all. */
export const assertList = (extents: readonly StagedExtent[]): number => {
  assert(extents.length > 0 && extents.length <= MAX_EXTENTS, `a part has 1..${MAX_EXTENTS} extents, not ${extents.length}`);
  extents.forEach((extent, at) => {
    assert(extent.index === at, `extent ${extent.index} in place ${at} of the list`);
    assertId(extent);
  });
  return extents.reduce((sum, extent) => sum + extent.bytes, 0);
};

/** `assertList`, and a Defect unless each extent but the last has its full length, so that their positions follow from the layout. */
export const assertWholePart = (layout: PartLayout, extents: readonly StagedExtent[]): number => {
  const bytes = assertList(extents);
  let end = 0;
  extents.forEach((extent, at) => {
    assertExtent(layout, at, extent.bytes);
    assert(positionOf(layout, at) === end, `extent ${at} begins at ${positionOf(layout, at)}, the one before ends at ${end}`);
    end += extent.bytes;
  });
  return bytes;
};

/** A Defect unless an id fits the rest of its extent. */
export const assertId = ({ id, index, sha256 }: StagedExtent): void => {
  const match = /^e\d{6}-(\d{6})-([0-9a-f]{16})$/.exec(id);
  assert(match !== null && Number(match[1]) === index && sha256.startsWith(match[2] ?? '-'), `extent ${index}: id and hash differ`);
};

/** A Defect unless a part's id can be a file name and a header value. */
export const assertPartId = (partId: string): void => assert(PART_ID.test(partId), 'a part id is 1..64 of [A-Za-z0-9_-]');

/** The metadata that tells whose blob this is. */
export const partMetadata = (partId: string, listSha256: string, fileSha256: string | undefined): Record<string, string> => {
  assert(/^[0-9a-f]{64}$/.test(listSha256), 'listSha256 is 64 hex digits');
  assert(fileSha256 === undefined || /^[0-9a-f]{64}$/.test(fileSha256), 'fileSha256 is 64 hex digits');
  return { part: partId, listSha256, ...(fileSha256 === undefined ? {} : { fileSha256 }) };
};

/** Another blob has our name. */
export const foreignBlob = (name: string, etag: string): Fault =>
  new Fault('part.foreign-blob', {
    retry: 'never',
    facts: { name, etag },
    advice:
      'A file that is not this part has its name and is left as it is. Move it away and resume the pass; or resume it with --rename, which writes what is left under a free name; or, where nothing was written yet, give the mailbox another name, or the project another container, and start again.',
  });

/** A listed extent is gone. */
export const extentsLost = (index: number, missing: number): Fault =>
  new Fault('part.extents-lost', {
    retry: 'never',
    facts: { index, missing },
    advice: 'Staged bytes have expired or were removed. The part is built again from what is kept.',
  });

/** Somebody else owns the part now. */
export const fenced = (epoch: number, why: string): Fault => new Fault('part.fenced', { retry: 'never', facts: { epoch, why } });

/** True if a blob with this metadata is that very part, published from that very list. */
export const samePart = (there: Readonly<Record<string, string>>, wanted: Readonly<Record<string, string>>): boolean =>
  there['part'] === wanted['part'] && there['listSha256'] === wanted['listSha256'];
