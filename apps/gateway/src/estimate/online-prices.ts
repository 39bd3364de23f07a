import { PriceRow } from '@pstream/api';
import { z } from 'zod';
import { fetchBounded } from '../sign-in/bounded-fetch.js';
import { TOO_LONG } from '../sign-in/refusals.js';

/** Most pages of one region: it has a few hundred rows, a hundred on a page. */
const MOST_PAGES = 50;
/** Names of regions as Azure writes them; an endpoint takes any text. */
const REGION = /^[a-z0-9]{1,40}$/;
const DEADLINE_MS = 20_000;

const Page = z.object({ Items: z.array(PriceRow), NextPageLink: z.string().nullish() });

/** Why the price list could not be read, in words. */
export class PricesUnavailable extends Error {}

/** Reads the retail prices of block blobs in a region, page by page. Nothing but the region and the currency is sent, and links lead nowhere but
 *  to the same service. */
export const fetchPrices = async (service: string, region: string, currency: string): Promise<PriceRow[]> => {
  if (!REGION.test(region)) throw new PricesUnavailable(`"${region}" is not the name of a region, such as westeurope`);
  const filter = `serviceName eq 'Storage' and productName eq 'General Block Blob v2' and armRegionName eq '${region}' and priceType eq 'Consumption'`;
  const query = new URLSearchParams({ 'api-version': '2023-01-01-preview', currencyCode: `'${currency}'`, $filter: filter });
  const rows: PriceRow[] = [];
  const seen = new Set<string>();
  const signal = AbortSignal.timeout(DEADLINE_MS);
  const origin = new URL(service).origin;
  for (
    let next: string | null | undefined = `${origin}/api/retail/prices?${query.toString()}`;
    next !== null && next !== undefined && next !== '';

  ) {
    const url: URL | undefined = URL.canParse(next) ? new URL(next) : undefined;
    if (url === undefined || url.origin !== origin) throw new PricesUnavailable('the price list points to another service');
    if (seen.has(url.href) || seen.size === MOST_PAGES) throw new PricesUnavailable('the price list does not end');
    seen.add(url.href);
    const page = Page.safeParse(await jsonAt(url, signal));
    if (!page.success) throw new PricesUnavailable('the price list answered with something else');
    rows.push(...page.data.Items);
    next = page.data.NextPageLink;
  }
  return rows;
};

const jsonAt = async (url: URL, signal: AbortSignal): Promise<unknown> => {
  try {
    const response = await fetchBounded(url.href, { signal, redirect: 'error', headers: { accept: 'application/json' } });
    if (response.status !== 200) throw new PricesUnavailable(`the price list answered with status ${String(response.status)}`);
    return JSON.parse(await response.text());
  } catch (error) {
    if (error instanceof PricesUnavailable) throw error;
    if (error instanceof SyntaxError) throw new PricesUnavailable('the price list answered with something else');
    if (error instanceof Error && error.message === TOO_LONG) throw new PricesUnavailable('the price list answered with too much');
    throw new PricesUnavailable('the price list could not be reached');
  }
};
