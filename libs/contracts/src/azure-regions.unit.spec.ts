// cspell:words westeurop europewest erope germanynorth centralindia uksouth
import { AZURE_REGIONS, isRegion, regionName, regionsLike } from './azure-regions.js';

describe('a region of Azure', () => {
  it.each(['westeurope', 'West Europe', 'WESTEUROPE', 'west-europe', 'USGov Virginia', 'China East 2'])('may be written as %s', (text) =>
    expect(isRegion(text)).toBe(true),
  );
  it.each(['', 'europe', 'westeurop', 'mars', 'eu-west-1'])('is not %j', (text) => expect(isRegion(text)).toBe(false));
  it.each([
    ['westeurop', 'westeurope'],
    ['West Erope', 'westeurope'],
    ['Europe West', 'westeurope'],
    ['germany', 'germanynorth'],
    ['Central India 1', 'centralindia'],
    ['uk', 'uksouth'],
  ])('that is written %s is suggested as %s', (text, region) => expect(regionsLike(text)).toContain(region));
  it('is not suggested for anything', () => expect(regionsLike('Atlantis and beyond')).toEqual([]));
  it('is on the list once, in the form of the list', () => {
    expect(new Set(AZURE_REGIONS).size).toBe(AZURE_REGIONS.length);
    expect(AZURE_REGIONS.map(regionName)).toEqual(AZURE_REGIONS);
  });
});
