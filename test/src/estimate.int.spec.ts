import { jest } from '@jest/globals';
import type { Estimate } from '@pstream/api';
import { systemClock } from '@pstream/kernel';
import { generatedTenant, startTenant, type RunningTenant, type TenantOptions } from '@pstream/tenant-sim';
import { azuriteServer, tempDir } from '@pstream/testing';
import { countingProxy, type CountingProxy } from './support/counting-proxy.js';
import { eventually } from './support/eventually.js';
import { accessOf, startFleet, type Fleet } from './support/fleet.js';
import { EUR, priceService, type PriceService } from './support/price-service.js';

jest.setTimeout(600_000);
/** A storage account behind a proxy, and perhaps a busy machine. */
const PASS_MS = 240_000;

const azurite = await azuriteServer();
const onAzurite = 'skipped' in azurite ? describe.skip : describe;
const USERS = [1, 2, 3].map((n) => `user${String(n)}@fabrikam.test`);
const REGION = 'westeurope';

let prices: PriceService;
const closing: { close(): Promise<void> }[] = [];
beforeAll(async () => void (prices = await priceService()));
afterAll(async () => {
  for (const one of closing.reverse()) await one.close();
  await prices.close();
  if (!('skipped' in azurite)) await azurite.close();
});

type World = { readonly sim: RunningTenant; readonly fleet: Fleet; readonly projectId: string; readonly proxy: CountingProxy | undefined };

/** A tenant of three mailboxes and a project over them, which writes to a storage account where one is there. */
const worldOf = async (
  { size, items, ...more }: { readonly size: 'mail' | 'small' | 'large'; readonly items: number } & Partial<TenantOptions>,
  users: readonly string[] = USERS,
): Promise<World> => {
  const sim = await startTenant({ tenant: generatedTenant({ seed: 5, mailboxes: 3, itemsPerMailbox: items, sizeProfile: size }), ...more });
  const fleet = await startFleet(tempDir(), USERS, { clock: systemClock, env: { PSTREAM_PRICES_URL: prices.url } });
  closing.push(sim, fleet);
  const { projectId } = await fleet.addAll(users, accessOf(sim));
  if ('skipped' in azurite) return { sim, fleet, projectId, proxy: undefined };
  const proxy = await countingProxy(azurite.endpoint);
  closing.push(proxy);
  const { body: project } = await fleet.get<{ customerId: string }>(`/projects/${projectId}`);
  const { body: target } = await fleet.post<{ id: string }>(`/customers/${project.customerId}/endpoints`, {
    name: 'account',
    kind: 'azure-blob',
    account: azurite.account,
    endpoint: proxy.endpoint,
    region: REGION,
    credential: { kind: 'key', value: azurite.key },
  });
  const change = { destinationEndpointId: target.id, container: `estimate-${String(process.pid)}-${String(closing.length)}` };
  await eventually(
    () => fleet.send('PATCH', `/projects/${projectId}`, change),
    ({ status }) => status === 200,
  );
  await eventually(
    () => fleet.get<{ destinationEndpointId: string }>(`/projects/${projectId}`),
    ({ body }) => body.destinationEndpointId === target.id,
  );
  return { sim, fleet, projectId, proxy };
};

const estimate = async ({ fleet, projectId }: World, body: object = {}): Promise<Estimate> => {
  const answer = await fleet.post<Estimate>(`/projects/${projectId}/estimate`, body);
  expect([answer.status, answer.body]).toEqual([200, expect.anything()]);
  return answer.body;
};

type Row = { readonly status: string; readonly pass: { readonly kind: string; readonly endedAt: string | null } | null };
const run = async ({ fleet, projectId }: World, kind: string): Promise<void> => {
  await fleet.post(`/projects/${projectId}/passes`, { kind, mailboxes: 'all' });
  await eventually(
    () => fleet.get<{ items: Row[] }>(`/projects/${projectId}/mailboxes`),
    ({ body }) => body.items.every(({ status, pass }) => status === 'Completed' && pass?.kind === kind && pass.endedAt !== null),
    PASS_MS,
    200,
  );
  type Part = { readonly passId: string; readonly state: string };
  await eventually(
    () => fleet.get<{ items: Part[] }>(`/projects/${projectId}/parts`),
    ({ body }) => body.items.every(({ state }) => state === 'verified'),
  );
};

const within = (share: number, expected: number, found: number): void => {
  expect(Math.abs(expected - found) / found).toBeLessThanOrEqual(share);
};

onAzurite('an estimate', () => {
  it.each([
    ['mail', 60],
    ['small', 300],
    ['large', 30],
  ] as const)('of a project with %s items is within 10 % of what a Full then writes and asks for', async (size, items) => {
    const world = await worldOf({ size, items });
    await run(world, 'trial');
    const before = await estimate(world, { prices: 'online', currency: 'EUR' });
    expect(before).toMatchObject({
      sizes: { known: 3, unknown: 0, problem: null, concealed: false },
      ratio: { from: 'measured', passes: 3 },
      complete: true,
    });
    expect(before.sizes.asOf).toMatch(/^\d{4}-\d\d-\d\d$/);
    const { counted } = world.proxy!;
    Object.assign(counted, { writes: 0, reads: 0, other: 0 });
    const { pstBytes: ofTrials } = before.written;
    await run(world, 'full');
    const after = await eventually(
      () => estimate(world),
      ({ mailboxes }) => mailboxes.every(({ writtenParts }) => writtenParts === 2),
    );
    within(0.1, before.pstBytes!.expected, after.written.pstBytes - ofTrials);
    within(0.1, before.operations.writes!.expected, counted.writes);
    within(0.1, before.operations.reads!.expected, counted.reads);
    within(
      0.1,
      before.operations.writes!.expected + before.operations.reads!.expected + before.operations.other!.expected,
      counted.writes + counted.reads + counted.other,
    );
    expect(before.licences).toEqual({ users: 3, covered: 3, needed: 0 });
    expect(before.duration).toMatchObject({ from: expect.stringContaining('pace'), shortestSeconds: expect.any(Number) });
  });

  it('has the prices of Azure, whatever else stands in their list', async () => {
    const world = await worldOf({ size: 'small', items: 30 });
    const hot = await estimate(world, { prices: 'online', currency: 'EUR', months: 10 });
    expect(prices.asked.length).toBeGreaterThan(3);
    const gib = hot.pstBytes!.expected / 1024 ** 3;
    const line = (of: Estimate, what: string) => of.lines.find((one) => one.what === what)!;
    expect(line(hot, 'capacity').monthly!.expected).toBeCloseTo(gib * EUR.capacity[0], 4);
    expect(line(hot, 'writes').once!.expected).toBeCloseTo((hot.operations.writes!.expected / 10_000) * EUR.writes, 4);
    expect(hot.total!.expected).toBeCloseTo(hot.once!.expected + 10 * hot.monthly!.expected, 3);
    expect(hot).toMatchObject({
      currency: 'EUR',
      region: REGION,
      complete: true,
      ratio: { from: 'assumed', expected: 1.15 },
      prices: { asOf: '2026-01-01' },
    });
    const cold = await estimate(world, { prices: 'online', currency: 'EUR', tier: 'cold', months: 1 });
    expect(line(cold, 'capacity').monthly!.expected).toBeCloseTo(gib * EUR.coldCapacity, 4);
    expect(line(cold, 'tiering').once!.expected).toBeCloseTo((cold.parts!.expected / 10_000) * EUR.coldWrites, 4);
    expect(cold.notes.join()).toContain('90 days');

    const zrs = await estimate(world, { prices: 'online', currency: 'EUR', redundancy: 'ZRS' });
    expect(zrs.complete).toBe(false);
    expect(line(zrs, 'writes')).toMatchObject({ once: null, unknown: expect.stringContaining('Hot ZRS Write Operations') });
    expect(zrs.monthly).not.toBeNull();
    expect(zrs.once).toBeNull();

    const table = await estimate(world);
    expect(table).toMatchObject({ complete: false, currency: 'USD', prices: { from: expect.stringContaining('ships with pstream') } });
    expect(line(table, 'capacity').monthly!.low).toBeLessThan(line(table, 'capacity').monthly!.high);
    expect(line(table, 'other')).toMatchObject({ once: null, unknown: expect.any(String) });
    const inEuro = await estimate(world, { currency: 'EUR' });
    expect(inEuro).toMatchObject({ once: null, monthly: null, total: null, complete: false });
  });

  it('goes by what a Trial counted where the report conceals names or is not there, and knows nothing before', async () => {
    for (const [usageReport, problem] of [
      ['concealed', 'conceals names'],
      ['absent', 'usage-report.absent'],
    ] as const) {
      const world = await worldOf({ size: 'small', items: 100, usageReport });
      const nothing = await estimate(world);
      expect(nothing).toMatchObject({
        sizes: { known: 0, unknown: 3, problem: expect.stringContaining(problem), concealed: usageReport === 'concealed' },
        mailboxBytes: null,
        pstBytes: null,
        operations: { writes: null },
        once: null,
        total: null,
        complete: false,
        duration: { shortestSeconds: null },
      });
      expect(nothing.mailboxes[0]).toMatchObject({ mailboxBytes: null, pstBytes: null, from: null, writtenBytes: 0 });
      await run(world, 'trial');
      const counted = await estimate(world);
      expect(counted).toMatchObject({ sizes: { known: 3, unknown: 0 } });
      for (const { from, items } of counted.mailboxes) expect([from, items]).toEqual(['folder-counts', 100]);
    }
  });

  it('leaves mailboxes that the report does not name out of its sums, and says so', async () => {
    const world = await worldOf({ size: 'small', items: 30 }, [USERS[0]!, 'nobody@fabrikam.test']);
    const { sizes, complete, mailboxes, licences } = await estimate(world);
    expect({ ...sizes, asOf: null }).toMatchObject({ known: 1, unknown: 1, problem: null });
    expect(complete).toBe(false);
    expect(mailboxes.map(({ mailboxBytes }) => mailboxBytes === null)).toEqual(expect.arrayContaining([true, false]));
    expect(licences).toEqual({ users: 2, covered: 1, needed: 1 });
  });
});
