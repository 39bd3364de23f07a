import { ANSI, UNICODE, UNICODE_4K, blockBytes } from './file-form.js';
import { HEADER, HEADER_ANSI, ROOT, TCINFO } from './structures.js';
import { PstCorrupt, problemOf } from './corrupt.js';

describe('the layouts of the format', () => {
  it('put the fields that readers jump to where [MS-PST] has them', () => {
    expect(HEADER.offset.root + ROOT.offset.BREFBBT).toBe(232);
    expect([HEADER.offset.bSentinel, HEADER.offset.bidNextB, HEADER.offset.dwCRCFull, HEADER.size]).toEqual([512, 516, 524, 564]);
    expect([HEADER_ANSI.offset.root, HEADER_ANSI.offset.bCryptMethod, HEADER_ANSI.size]).toEqual([164, 461, 512]);
    expect(TCINFO.offset.hnidRows).toBe(14);
  });

  it('derive the geometry of pages and blocks', () => {
    expect([UNICODE.pageMetaAt, ANSI.pageMetaAt, UNICODE_4K.pageMetaAt]).toEqual([488, 496, 4056]);
    expect([UNICODE, ANSI, UNICODE_4K].map((form) => form.maxBlockBytes)).toEqual([8176, 8180, 65512]);
    expect([1, 48, 49, 8176].map((cb) => blockBytes(UNICODE, cb))).toEqual([64, 64, 128, 8192]);
  });
});

describe('PstCorrupt', () => {
  it('names the field in the words of the specification, with place, expected and actual', () => {
    const error = new PstCorrupt('crc-mismatch', 'BLOCKTRAILER/dwCRC', { ib: 0x5400, bid: 0x14, expected: 0x9c1f02aa, actual: 0 });
    expect(error.message).toBe('pst.crc-mismatch: BLOCKTRAILER/dwCRC, ib 0x5400, bid 0x14, expected 0x9c1f02aa, actual 0x0');
    expect(error).toMatchObject({
      name: 'Fault',
      code: 'pst.crc-mismatch',
      retry: 'never',
      facts: { field: 'BLOCKTRAILER/dwCRC', ib: 0x5400 },
    });
    expect(problemOf(error, 'table 0x12d')).toEqual({
      code: 'pst.crc-mismatch',
      where: 'table 0x12d BLOCKTRAILER/dwCRC ib 0x5400 bid 0x14',
      expected: 0x9c1f02aa,
      actual: 0,
    });
  });
});
