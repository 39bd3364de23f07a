import { ANSI, HEADER, HEADER_ANSI, PstCorrupt, UNICODE, UNICODE_4K, type FileForm } from '../format/index.js';
import { CRYPT, pstCrc } from '../shared/index.js';
import type { Strictness } from './strictness.js';

/** A page or block reference. [MS-PST] 2.2.2.4. `ib` in bytes from the start of the file. */
export type Ref = { readonly bid: number; readonly ib: number };

/** What the rest of the reader needs of HEADER and ROOT; sizes and offsets in bytes. */
export type Header = {
  readonly form: FileForm;
  readonly wVer: number;
  readonly bCryptMethod: number;
  readonly bidNextP: number;
  readonly bidNextB: number;
  readonly rgnid: readonly number[];
  readonly ibFileEof: number;
  readonly ibAMapLast: number;
  readonly cbAMapFree: number;
  readonly fAMapValid: number;
  readonly nbt: Ref;
  readonly bbt: Ref;
};

/** CRC coverage of HEADER. [MS-PST] 2.2.2.6. */
const PARTIAL = [8, 479] as const;
const FULL = [8, 524] as const;

/** A 64-bit field as a number. No sound file needs more than 53 bits. */
const safe = (value: bigint | number, field: string): number => {
  if (value > Number.MAX_SAFE_INTEGER) throw new PstCorrupt('number-out-of-range', field, { actual: `0x${value.toString(16)}` });
  return Number(value);
};

/** Forms by wVer. 37 is what 23 is, written by an Outlook with Windows Information Protection. [MS-PST] 2.2.2.6. */
const FORMS: ReadonlyMap<number, FileForm> = new Map([
  [14, ANSI],
  [15, ANSI],
  [21, UNICODE],
  [23, UNICODE],
  [36, UNICODE_4K],
  [37, UNICODE],
]);

/** Which of the three forms the first bytes announce. Throws PstCorrupt 'pst.not-a-pst', 'pst.unsupported-version' or 'pst.truncated'. */
export const formOf = (head: Uint8Array, strictness: Strictness): { form: FileForm; wVer: number } => {
  if (head.length < 12 || String.fromCharCode(...head.subarray(0, 4)) !== '!BDN') {
    const actual = head.length < 12 ? `${head.length} bytes` : Buffer.from(head.subarray(0, 4)).toString('hex');
    throw new PstCorrupt('not-a-pst', 'HEADER/dwMagic', { expected: '!BDN', actual });
  }
  const wVer = (head[10] as number) | ((head[11] as number) << 8);
  const form = FORMS.get(wVer);
  if (form === undefined || (strictness.picky && wVer !== 23)) {
    throw new PstCorrupt('unsupported-version', 'HEADER/wVer', {
      expected: strictness.picky ? 23 : '14, 15, 21, 23, 36 or 37',
      actual: wVer,
    });
  }
  const need = form === ANSI ? HEADER_ANSI.size : HEADER.size;
  if (head.length < need) throw new PstCorrupt('truncated', 'HEADER', { expected: need, actual: head.length });
  return { form, wVer };
};

/** Decodes and judges HEADER. [MS-PST] 2.2.2.6. `head` is the start of the file, `fileBytes` its whole length. */
export const readHeader = (head: Uint8Array, fileBytes: number, strictness: Strictness): Header => {
  const { form, wVer } = formOf(head, strictness);
  const ansi = form === ANSI;
  const raw = ansi ? HEADER_ANSI.decode(head) : HEADER.decode(head);
  const crc = (field: string, expected: number, [from, to]: readonly [number, number]): void => {
    const actual = pstCrc(head.subarray(from, to));
    strictness.expect(actual === expected, () => new PstCorrupt('crc-mismatch', field, { ib: 0, expected, actual }));
  };
  crc('HEADER/dwCRCPartial', raw.dwCRCPartial, PARTIAL);
  if ('dwCRCFull' in raw) crc('HEADER/dwCRCFull', raw.dwCRCFull, FULL);
  if (strictness.picky && 'dwCRCFull' in raw) {
    for (const name of HEADER.mismatches(raw))
      strictness.flaw(new PstCorrupt('unexpected-value', `HEADER/${name}`, { ib: HEADER.offset[name] }));
  }
  if (raw.bCryptMethod > CRYPT.cyclic) throw new PstCorrupt('unsupported-encoding', 'HEADER/bCryptMethod', { actual: raw.bCryptMethod });
  const { root } = raw;
  const ref = (bref: { bid: bigint | number; ib: bigint | number }, field: string): Ref => ({
    bid: safe(bref.bid, `${field}/bid`),
    ib: safe(bref.ib, `${field}/ib`),
  });
  const header: Header = {
    form,
    wVer,
    bCryptMethod: raw.bCryptMethod,
    bidNextP: safe(raw.bidNextP, 'HEADER/bidNextP'),
    bidNextB: safe(raw.bidNextB, 'HEADER/bidNextB'),
    rgnid: raw.rgnid,
    ibFileEof: safe(root.ibFileEof, 'ROOT/ibFileEof'),
    ibAMapLast: safe(root.ibAMapLast, 'ROOT/ibAMapLast'),
    cbAMapFree: safe(root.cbAMapFree, 'ROOT/cbAMapFree'),
    fAMapValid: root.fAMapValid,
    nbt: ref(root.BREFNBT, 'ROOT/BREFNBT'),
    bbt: ref(root.BREFBBT, 'ROOT/BREFBBT'),
  };
  strictness.expect(
    header.ibFileEof === fileBytes,
    () => new PstCorrupt('file-size-mismatch', 'ROOT/ibFileEof', { expected: header.ibFileEof, actual: fileBytes }),
  );
  return header;
};
