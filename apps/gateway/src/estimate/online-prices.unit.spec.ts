import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fetchPrices } from './online-prices.js';

const item = {
  meterName: 'Hot LRS Data Stored',
  productName: 'General Block Blob v2',
  skuName: 'Hot LRS',
  serviceName: 'Storage',
  armRegionName: 'westeurope',
  currencyCode: 'EUR',
  retailPrice: 0.02,
  tierMinimumUnits: 0,
  unitOfMeasure: '1 GB/Month',
};

describe('the price list of Azure', () => {
  let server: Server;
  let answer: (url: string, own: string) => { readonly status?: number; readonly body: string };
  beforeEach(async () => {
    server = createServer(({ url = '' }, response) => {
      const { status = 200, body } = answer(url, own());
      response.writeHead(status, { 'content-type': 'application/json' }).end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });
  const own = (): string => `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  const page = (next: string | null): { body: string } => ({ body: JSON.stringify({ Items: [item], NextPageLink: next }) });
  const failure = (): Promise<string> =>
    fetchPrices(own(), 'westeurope', 'EUR').then(
      () => 'none',
      (error: unknown) => (error as Error).message,
    );

  it('is read page by page', async () => {
    answer = (url, at) => (url.includes('$skip=2') ? page(null) : page(`${at}/api/retail/prices?$skip=${url.includes('$skip') ? 2 : 1}`));
    expect(await fetchPrices(own(), 'westeurope', 'EUR')).toEqual([item, item, item]);
  });
  it.each([
    ['leads elsewhere', () => page('http://127.0.0.1:1/api/retail/prices'), 'another service'],
    ['leads in a circle', (url: string, at: string) => page(`${at}${url}`), 'does not end'],
    ['has no end', (_url: string, at: string) => page(`${at}/api/retail/prices?x=${String(Math.random())}`), 'does not end'],
    ['is no list', () => ({ body: '{"Items":[{"meterName":"x"}]}' }), 'something else'],
    ['is no JSON', () => ({ body: '<html>' }), 'something else'],
    ['fails', () => ({ status: 500, body: '' }), 'status 500'],
    ['is too long', () => ({ body: `{"Items":[],"x":"${'x'.repeat(5 * 1024 * 1024)}"}` }), 'too much'],
  ])('is not used where it %s', async (_what, given, why) => {
    answer = given;
    expect(await failure()).toContain(why);
  });
  it('is not asked for what is no region', async () => {
    answer = () => page(null);
    await expect(fetchPrices(own(), "west' or 1 eq 1", 'EUR')).rejects.toThrow('not the name of a region');
  });
  it('is not used where nobody answers', async () => {
    const at = own();
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
    await expect(fetchPrices(at, 'westeurope', 'EUR')).rejects.toThrow('could not be reached');
  });
});
