import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A price list as Azure's answers: in pages, with the same meter under other products and under several skus, with volume tiers and old prices. */
export type PriceService = { readonly url: string; readonly asked: readonly string[]; close(): Promise<void> };

/** What the made-up list asks for in EUR. */
export const EUR = { capacity: [0.02, 0.019], writes: 0.06, reads: 0.005, other: 0.005, coldCapacity: 0.004, coldWrites: 0.2 } as const;

const rowsOf = (region: string, currencyCode: string): object[] => {
  const row = (skuName: string, meterName: string, retailPrice: number, unitOfMeasure: string, more: object = {}): object => ({
    currencyCode,
    tierMinimumUnits: 0,
    retailPrice,
    unitPrice: retailPrice,
    armRegionName: region,
    location: 'Somewhere',
    effectiveStartDate: '2026-01-01T00:00:00Z',
    meterId: meterName,
    meterName,
    productId: 'P',
    skuId: `P/${skuName}`,
    productName: 'General Block Blob v2',
    skuName,
    serviceName: 'Storage',
    serviceFamily: 'Storage',
    unitOfMeasure,
    type: 'Consumption',
    isPrimaryMeterRegion: true,
    armSkuName: '',
    ...more,
  });
  const rows = [
    row('Hot LRS', 'Hot LRS Data Stored', EUR.capacity[0], '1 GB/Month'),
    row('Hot LRS', 'Hot LRS Data Stored', EUR.capacity[1], '1 GB/Month', { tierMinimumUnits: 51_200 }),
    row('Hot LRS', 'Hot LRS Data Stored', 0.5, '1 GB/Month', { effectiveStartDate: '2019-01-01T00:00:00Z' }),
    row('Hot LRS', 'Hot LRS Write Operations', EUR.writes, '10K'),
    row('Hot LRS', 'Hot Read Operations', EUR.reads, '10K'),
    row('Hot LRS', 'All Other Operations', EUR.other, '10K'),
    row('Cold LRS', 'Cold LRS Data Stored', EUR.coldCapacity, '1 GB/Month'),
    row('Cold LRS', 'Cold LRS Write Operations', EUR.coldWrites, '10K'),
    // The same meter at another price.
    row('Hot LRS', 'Hot LRS Data Stored', 9, '1 GB/Month', { productName: 'Blob Storage' }),
    row('Hot LRS', 'Hot LRS Data Stored', 8, '1 GB', { productName: 'Files v2' }),
    row('Hot LRS', 'Hot LRS Data Stored', 7, '1 GB/Month', { type: 'Reservation' }),
    row('Hot ZRS', 'Hot ZRS Data Stored', 0.03, '1 GB/Month'),
  ];
  // Rows repeat under several skus.
  return [...rows, ...rows.map((one) => ({ ...one, skuId: 'Q' }))];
};

const PAGE = 5;

/** Starts it. Filters are compared as Azure does: with the case as it is. */
export const priceService = async (): Promise<PriceService> => {
  const asked: string[] = [];
  const server = createServer(({ url = '' }, response) => {
    asked.push(url);
    const { port } = server.address() as AddressInfo;
    const query = new URL(url, 'http://x').searchParams;
    const filter = query.get('$filter') ?? '';
    const region = /armRegionName eq '([a-z0-9]+)'/.exec(filter)?.[1] ?? '';
    const isRight = filter.includes("serviceName eq 'Storage'") && filter.includes("priceType eq 'Consumption'");
    const all = isRight && region === 'westeurope' ? rowsOf(region, (query.get('currencyCode') ?? "'USD'").replaceAll("'", '')) : [];
    const skip = Number(query.get('$skip') ?? '0');
    query.set('$skip', String(skip + PAGE));
    const next = skip + PAGE < all.length ? `http://127.0.0.1:${port}/api/retail/prices?${query.toString()}` : null;
    response.setHeader('content-type', 'application/json');
    response.end(
      JSON.stringify({
        BillingCurrency: 'EUR',
        CustomerEntityId: 'Default',
        CustomerEntityType: 'Retail',
        Items: all.slice(skip, skip + PAGE),
        NextPageLink: next,
        Count: PAGE,
      }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
};
