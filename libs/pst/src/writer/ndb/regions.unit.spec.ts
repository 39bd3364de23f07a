import { PAGE_TYPE } from '../../shared/index.js';
import { Placement, mapPages, regionStart } from './regions.js';

const types = (region: number): number[] => mapPages(region).map(({ type }) => type);

describe('the map pages of a region', () => {
  it('are an AMap everywhere and a PMap in every eighth', () => {
    expect(types(0)).toEqual([PAGE_TYPE.amap, PAGE_TYPE.pmap]);
    expect(types(1)).toEqual([PAGE_TYPE.amap]);
    expect(types(8)).toEqual([PAGE_TYPE.amap, PAGE_TYPE.pmap]);
  });

  it('have an FMap from region 128 on, every 496', () => {
    const withFMap = Array.from({ length: 3000 }, (_, i) => i).filter((i) => types(i).includes(PAGE_TYPE.fmap));
    expect(withFMap).toEqual([128, 624, 1120, 1616, 2112, 2608]);
  });

  it('have the FPMap at both places that readers look at, first at 0x7C004A00', () => {
    expect(types(8192)).toEqual([PAGE_TYPE.amap, PAGE_TYPE.pmap, PAGE_TYPE.fpmap, PAGE_TYPE.fpmap]);
    expect(regionStart(8192) + (mapPages(8192)[3]?.offset ?? 0)).toBe(0x7c00_4a00);
    expect(types(8192 + 31_744)).toContain(PAGE_TYPE.fpmap);
    expect(types(8192 + 496)).not.toContain(PAGE_TYPE.fpmap);
  });
});

describe('placement', () => {
  it('begins behind the map pages of the first region and goes on behind those of the next', () => {
    const placement = new Placement();
    expect(placement.next).toBe(0x4800);
    placement.next = placement.regionEnd - 64;
    expect(placement.fits(64)).toBe(true);
    expect(placement.fits(128)).toBe(false);
    placement.turn();
    expect(placement.next).toBe(regionStart(1) + 512);
  });
});
