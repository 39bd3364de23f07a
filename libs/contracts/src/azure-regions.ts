/** Regions of Azure by their names as the management API has them: global, then US Government, then China. `az account list-locations`, November
 *  2026, physical regions. */
export const AZURE_REGIONS: readonly string[] = [
  // cspell:disable
  'australiacentral australiacentral2 australiaeast australiasoutheast austriaeast belgiumcentral brazilsouth',
  'brazilsoutheast canadacentral canadaeast centralindia centralus chilecentral denmarkeast eastasia eastus eastus2',
  'francecentral francesouth germanynorth germanywestcentral indonesiacentral israelcentral italynorth japaneast japanwest',
  'jioindiacentral jioindiawest koreacentral koreasouth malaysiawest mexicocentral newzealandnorth northcentralus',
  'northeurope norwayeast norwaywest polandcentral qatarcentral southafricanorth southafricawest southcentralus',
  'southeastasia southindia spaincentral swedencentral swedensouth switzerlandnorth switzerlandwest uaecentral uaenorth',
  'uksouth ukwest westcentralus westeurope westindia westus westus2 westus3 usdodcentral usdodeast usgovarizona usgovtexas',
  'usgovvirginia chinaeast chinaeast2 chinaeast3 chinanorth chinanorth2 chinanorth3',
  // cspell:enable
].flatMap((names) => names.split(' '));

/** The region as it is on the list, however it is written: `West Europe` is `westeurope`. */
export const regionName = (text: string): string => text.toLowerCase().replaceAll(/[\s()_-]+/g, '');

/** Whether there is such a region, in any way of writing it. */
export const isRegion = (text: string): boolean => AZURE_REGIONS.includes(regionName(text));

/** Names that a wrong one may stand for, nearest first; three at the most. */
export const regionsLike = (text: string): string[] => {
  const wanted = regionName(text);
  const near = (region: string): number =>
    region.includes(wanted) || wanted.includes(region) ? 1 : Math.min(distance(wanted, region), sameWords(wanted, region) ? 1 : Infinity);
  return AZURE_REGIONS.map((region) => ({ region, at: near(region) }))
    .filter(({ at }) => at <= MOST_EDITS)
    .sort((a, b) => a.at - b.at)
    .slice(0, 3)
    .map(({ region }) => region);
};

/** Letters that may be wrong in a name that is still recognised. */
const MOST_EDITS = 3;

/** Directions and countries change places: `europewest` is written for `westeurope`. */
const sameWords = (one: string, other: string): boolean => one.split('').sort().join('') === other.split('').sort().join('');

/** Letters to insert, delete or replace to get from one to the other. */
const distance = (one: string, other: string): number => {
  let above = Array.from({ length: other.length + 1 }, (_, n) => n);
  for (const [row, letter] of one.split('').entries()) {
    const here = [row + 1];
    for (const [at, against] of other.split('').entries())
      here.push(Math.min((here[at] ?? 0) + 1, (above[at + 1] ?? 0) + 1, (above[at] ?? 0) + (letter === against ? 0 : 1)));
    above = here;
  }
  return above.at(-1) ?? 0;
};
