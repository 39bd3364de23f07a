import type { AccountFacts, PartStore } from '@pstream/blob';
import type { GraphClient } from '@pstream/graph';
import { Fault } from '@pstream/kernel';
import { FakeClock } from '@pstream/testing';
import { testEndpoint, type EndpointTestPorts } from './endpoint-test.js';

const GOOD: AccountFacts = { kind: 'StorageV2', sku: 'Standard_LRS', softDeleteDays: 14, publicAccess: 'none' };
const UNSEEN: AccountFacts = { kind: undefined, sku: undefined, softDeleteDays: undefined, publicAccess: undefined };

/** What a test says of an account beyond the probe: name, verdict, code. */
const rowsOf = async (account: () => Promise<AccountFacts>): Promise<readonly (readonly unknown[])[]> => {
  const parts: Partial<PartStore> = { check: () => Promise.resolve(), account };
  const ports: Partial<EndpointTestPorts> = { clock: new FakeClock(), destination: () => Promise.resolve(parts as PartStore) };
  const { steps } = await testEndpoint(
    ports as EndpointTestPorts,
    {
      endpoint: { is: 'given', config: { kind: 'folder', path: '/exports' } },
      container: 'leavers',
    } as never,
  );
  return steps.slice(4).map(({ name, verdict, code }) => [name, verdict, code]);
};

describe('the test of a storage account', () => {
  it('passes a private standard account with soft delete', async () => {
    expect(await rowsOf(() => Promise.resolve(GOOD))).toEqual([
      ['account', 'pass', null],
      ['soft delete', 'pass', null],
      ['public access', 'pass', null],
    ]);
  });

  it.each([
    ['account', { kind: 'Storage' }, 'destination.old-account-kind'],
    ['account', { kind: 'BlobStorage' }, 'destination.old-account-kind'],
    ['account', { kind: 'BlockBlobStorage', sku: 'Premium_LRS' }, 'destination.premium-account'],
    ['account', { sku: 'Premium_LRS' }, 'destination.premium-account'],
    ['soft delete', { softDeleteDays: 0 }, 'destination.no-soft-delete'],
    ['public access', { publicAccess: 'blobs' }, 'destination.public-access'],
    ['public access', { publicAccess: 'blobs and their list' }, 'destination.public-access'],
  ] as const)('warns of %s where it is %j, and of nothing else', async (name, facts, code) => {
    const rows = await rowsOf(() => Promise.resolve({ ...GOOD, ...facts }));
    expect(rows.filter(([, verdict]) => verdict !== 'pass')).toEqual([[name, 'warn', code]]);
  });

  it('skips what the credential does not show', async () => {
    expect((await rowsOf(() => Promise.resolve(UNSEEN))).map(([, verdict]) => verdict)).toEqual(['skipped', 'skipped', 'skipped']);
  });

  it('fails where the account cannot be asked', async () => {
    expect(await rowsOf(() => Promise.reject(new Fault('destination.unavailable', { retry: 'now' })))).toEqual([
      ['account', 'fail', 'destination.unavailable'],
    ]);
  });
});

describe('the test of a tenant', () => {
  it('closes its client, also where the probe ends with a defect', async () => {
    let closed = 0;
    const client: Partial<GraphClient> = {
      signIn: () => Promise.reject(new TypeError('a defect')),
      close: () => Promise.resolve(void closed++),
    };
    const ports: Partial<EndpointTestPorts> = { clock: new FakeClock(), tenant: () => Promise.resolve(client as GraphClient) };
    const config = { kind: 'microsoft-365', tenantId: 't', clientId: 'c' };
    await expect(testEndpoint(ports as EndpointTestPorts, { endpoint: { is: 'given', config } } as never)).rejects.toThrow('a defect');
    expect(closed).toBe(1);
  });
});
