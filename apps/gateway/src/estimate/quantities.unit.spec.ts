import { plus, NOTHING, quantitiesOf, ratioOf } from './quantities.js';

const HEADER = 0x4400;
const REGION = 253_952;
const GIB = 1024 ** 3;

describe('what a mailbox becomes', () => {
  it('is at least one PST with one map region', () => {
    expect(quantitiesOf(0, 1.15, 10 * GIB)).toEqual({ pstBytes: HEADER + REGION, parts: 1, writes: 5, reads: 5.7, other: 4 });
  });
  it('is whole map regions, each 32 of them one block', () => {
    const { pstBytes, parts, writes, reads } = quantitiesOf(33 * REGION, 1, 10 * GIB);
    expect([pstBytes, parts, writes]).toEqual([HEADER + 33 * REGION, 1, 1 + 2 + 3]);
    expect(reads).toBeCloseTo(Math.ceil((HEADER + 33 * REGION) / 1024 ** 2) + 4.7);
  });
  it('is split over PSTs that stay below their size', () => {
    const { parts, pstBytes, other } = quantitiesOf(25 * GIB, 1, 10 * GIB);
    expect([parts, other]).toEqual([3, 12]);
    expect(pstBytes).toBeGreaterThanOrEqual(25 * GIB);
    expect(pstBytes).toBeLessThan(25 * GIB + 3 * (HEADER + REGION));
  });
  it('adds up', () => {
    const one = quantitiesOf(GIB, 1, 10 * GIB);
    expect(plus(plus(NOTHING, one), one)).toEqual({
      pstBytes: 2 * one.pstBytes,
      parts: 2,
      writes: 2 * one.writes,
      reads: 2 * one.reads,
      other: 2 * one.other,
    });
  });
});

describe('the ratio of PST bytes to mailbox bytes', () => {
  const file = (regions: number): number => HEADER + regions * REGION;
  it('is assumed until passes have written enough', () => {
    expect(ratioOf([])).toMatchObject({ expected: 1.15, from: 'assumed', sample: null });
    expect(ratioOf([{ listedBytes: 10 * REGION, parts: [file(11)] }])).toMatchObject({ from: 'assumed' });
    expect(ratioOf([{ listedBytes: 0, parts: [file(100)] }])).toMatchObject({ from: 'assumed' });
    expect(ratioOf([{ listedBytes: 100 * REGION, parts: [] }])).toMatchObject({ from: 'assumed' });
  });
  it('is measured without what each file has besides', () => {
    const measured = ratioOf([
      { listedBytes: 20 * REGION, parts: [file(25)] },
      { listedBytes: 40 * REGION, parts: [file(20), file(29)] },
    ]);
    expect(measured).toMatchObject({ from: 'measured', sample: { passes: 2, mailboxBytes: 60 * REGION } });
    expect(measured.expected).toBeCloseTo((24.5 + 19.5 + 28.5) / 60);
    expect(measured.low).toBeLessThan(measured.expected);
    expect(measured.high).toBeGreaterThan(measured.expected);
  });
});
