import { jest } from '@jest/globals';
import {
  BlobServiceClient,
  generateAccountSASQueryParameters,
  AccountSASPermissions,
  AccountSASResourceTypes,
  AccountSASServices,
  StorageSharedKeyCredential,
} from '@azure/storage-blob';
import { retryBudget, seededRandom, systemClock, type Clock } from '@pstream/kernel';
import { azuriteServer } from '@pstream/testing';
import { createServer, type OutgoingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { blobStoreContract } from '../blob-store.contract.js';
import { sha256Hex } from '../digest.js';
import { partStoreContract, TEST_LAYOUT, type PartWorld } from '../part-store.contract.js';
import { limited } from '../limited.js';
import { retrying } from '../retrying.js';
import { azureBlobStore } from './azure-blob-store.js';
import type { AzureContainerOptions } from './azure-container.js';
import { leaseIdOf } from './azure-lease.js';
import { azurePartStore } from './azure-part-store.js';
import { lossyProxy, type Loss, type LossyProxy } from './lossy-proxy.fixture.js';

// Hundreds of steps against a real server or disk; the machine may be busy.
jest.setTimeout(300_000);

const server = await azuriteServer();
const suite = 'skipped' in server ? describe.skip : describe;
const { endpoint, account, key } =
  'skipped' in server ? { endpoint: 'http://127.0.0.1:1/devstoreaccount1', account: 'devstoreaccount1', key: '' } : server;
const sha = sha256Hex(Buffer.from('list'));
const bytes = (length: number, fill: number): Uint8Array => new Uint8Array(length).fill(fill);

suite(`Azure adapters${'skipped' in server ? ` (skipped: ${server.skipped})` : ` on ${server.kind}`}`, () => {
  const service = new BlobServiceClient(endpoint, new StorageSharedKeyCredential(account, key));
  const proxies: LossyProxy[] = [];
  let containers = 0;
  const where = (at = endpoint, container = `c${process.pid}-${++containers}`): AzureContainerOptions => ({
    account,
    endpoint: at,
    container,
    credential: { key },
  });
  const losing = async (judge: Parameters<typeof lossyProxy>[1]): Promise<string> => {
    const proxy = await lossyProxy(endpoint, judge);
    proxies.push(proxy);
    return proxy.endpoint;
  };
  afterEach(async () => {
    for (const proxy of proxies.splice(0)) await proxy.close();
  });
  afterAll(async () => {
    if (!('skipped' in server)) await server.close();
  });

  blobStoreContract('a container', () => Promise.resolve(azureBlobStore(where())));
  blobStoreContract('a container behind a bad line, retried and limited', async () => {
    const chance = seededRandom(3);
    const at = await losing(() => (chance.unit() < 0.25 ? 'request-lost' : undefined));
    // Waits between tries pass at once; deadlines do not, since a real server is on the other side.
    const clock: Clock = { ...systemClock, sleep: () => Promise.resolve() };
    const policy = { clock, random: seededRandom(1), tries: 50, budget: retryBudget(clock, { least: 1e9 }) };
    return limited(retrying(azureBlobStore(where(at)), policy), { inFlight: 2 });
  });

  const world = async (): Promise<PartWorld> => {
    const { container } = where();
    // Lives are made while tests run, without waiting: one proxy serves them all, told apart by a part of the path.
    const client = service.getContainerClient(container);
    const failures = new Map<number, { seen: number; failed: boolean; nth: number; how: 'before' | 'after' | 'crash' }>();
    let current = 0;
    const proxy = await lossyProxy(endpoint, (): Loss | undefined => {
      const failure = failures.get(current);
      if (failure === undefined) return undefined;
      failure.seen++;
      if (failure.seen < failure.nth || (failure.failed && failure.how !== 'crash')) return undefined;
      failure.failed = true;
      return failure.how === 'after' ? 'reply-lost' : 'request-lost';
    });
    return {
      life: (failure) => {
        const id = ++current;
        if (failure !== undefined) failures.set(id, { ...failure, seen: 0, failed: false });
        // The life made last is the one that the failure counts for; lives made before are at rest by then.
        const at = failure === undefined ? endpoint : proxy.endpoint;
        return {
          store: azurePartStore({ ...where(at, container), layout: TEST_LAYOUT }),
          reached: () => failures.get(id)?.failed ?? false,
        };
      },
      putForeign: async (name, content) => {
        const blob = client.getBlockBlobClient(name);
        // The builder's lease, if it is still held, would stop a stranger too: the harder case is one where it does not.
        await blob
          .getBlobLeaseClient()
          .breakLease(0)
          .catch(() => undefined);
        await blob.upload(content, content.length);
      },
      visible: async () => {
        const names: string[] = [];
        for await (const { name } of client.listBlobsFlat()) names.push(name);
        return names;
      },
      loseStaged: async (_partId, name) => {
        // A commit throws away what its list does not name. (Put Blob should too, but Azurite keeps the blocks then.)
        const blob = client.getBlockBlobClient(name);
        const id = Buffer.from('z'.repeat(31)).toString('base64');
        await blob.stageBlock(id, 'x', 1);
        await blob.commitBlockList([id]);
        await blob.delete();
      },
      close: () => proxy.close(),
    };
  };
  partStoreContract('a container', world);

  it('creates a blob once although the reply to the first try was lost', async () => {
    const options = where();
    await azureBlobStore(options).putIfAbsent('warm-up', bytes(1, 1));
    let lost = 0;
    const lossy = await losing(({ method, url }) => (method === 'PUT' && url.includes('/x') && lost++ === 0 ? 'reply-lost' : undefined));
    const store = azureBlobStore({ ...options, endpoint: lossy });
    expect(await store.putIfAbsent('x', bytes(10, 1))).toBe('existed');
    expect(lost).toBe(1);
    await expect(store.putIfAbsent('x', bytes(10, 2))).rejects.toMatchObject({ code: 'blob.exists' });
  });

  it('answers blob.unavailable when a request is lost and nothing was put', async () => {
    const options = where();
    await azureBlobStore(options).putIfAbsent('warm-up', bytes(1, 1));
    const lossy = await losing(({ method }) => (method === 'PUT' ? 'request-lost' : undefined));
    await expect(azureBlobStore({ ...options, endpoint: lossy }).putIfAbsent('x', bytes(10, 1))).rejects.toMatchObject({
      code: 'blob.unavailable',
      retry: { afterMs: 1_000 },
    });
  });

  it('finds content that does not match its hash', async () => {
    const options = where();
    const store = azureBlobStore(options);
    await store.putIfAbsent('x', bytes(10, 1));
    await service
      .getContainerClient(options.container)
      .getBlockBlobClient('x')
      .upload(bytes(10, 2), 10, { metadata: { sha256: sha256Hex(bytes(10, 1)) } });
    await expect(store.get('x')).rejects.toMatchObject({ code: 'blob.damaged', retry: 'never' });
  });

  it('publishes once although the reply to the commit was lost', async () => {
    const options = where();
    let lost = 0;
    const lossy = await losing(({ url }) =>
      url.includes('comp=blocklist') && !url.includes('blocklisttype') && lost++ === 0 ? 'reply-lost' : undefined,
    );
    const store = azurePartStore({ ...options, endpoint: lossy, layout: TEST_LAYOUT });
    await store.check();
    const staging = await store.take({ partId: 'p', name: 'p.pst' }, 1, []);
    const list = [await staging.stage(0, bytes(700, 1))];
    expect(await staging.commit(list, sha)).toMatchObject({ name: 'p.pst', bytes: 700 });
    expect(lost).toBe(1);
  });

  it('holds an infinite lease while it builds and none afterwards', async () => {
    const options = where();
    const store = azurePartStore({ ...options, layout: TEST_LAYOUT });
    await store.check();
    const blob = service.getContainerClient(options.container).getBlockBlobClient('p.pst');
    const first = await store.take({ partId: 'p', name: 'p.pst' }, 1, []);
    const list = [await first.stage(0, bytes(700, 1))];
    await expect(blob.stageBlock(Buffer.from(list[0]?.id ?? '').toString('base64'), 'x', 1)).rejects.toMatchObject({ statusCode: 412 });
    const second = await store.take({ partId: 'p', name: 'p.pst' }, 2, list);
    await expect(first.stage(1, bytes(10, 1))).rejects.toMatchObject({ code: 'part.fenced', retry: 'never', facts: { epoch: 1 } });
    await expect(first.commit(list, sha)).rejects.toMatchObject({ code: 'part.fenced' });
    await second.commit(list, sha);
    expect(await blob.getProperties()).toMatchObject({ leaseState: 'available', metadata: { part: 'p', listsha256: sha } });
  });

  it('proposes the same lease id for the same part and epoch only', () => {
    expect(leaseIdOf('p', 1)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(leaseIdOf('p', 1)).toBe(leaseIdOf('p', 1));
    expect(new Set([leaseIdOf('p', 1), leaseIdOf('p', 2), leaseIdOf('q', 1), leaseIdOf('p1', 1)]).size).toBe(4);
  });

  it('says what of a container anybody may read, where the credential shows it', async () => {
    for (const [access, publicAccess] of [
      [undefined, 'none'],
      ['blob', 'blobs'],
      ['container', 'blobs and their list'],
    ] as const) {
      const options = where();
      await service.createContainer(options.container, access === undefined ? {} : { access });
      expect(await azurePartStore(options).account?.()).toMatchObject({ publicAccess });
    }
    expect(await azurePartStore({ ...where(), credential: { key: Buffer.alloc(64, 7).toString('base64') } }).account?.()).toMatchObject({
      publicAccess: undefined,
    });
  });

  it('names what forbids deleting a part: a hold, a policy, a lease, a snapshot', async () => {
    const answers = { delete: { status: 409, code: 'BlobImmutableDueToPolicy' }, blob: {} as OutgoingHttpHeaders, container: {} };
    const part = { partId: 'P', name: 'a.pst', etag: '"1"', bytes: 5 };
    const own = { etag: '"1"', 'content-length': '5', 'x-ms-meta-part': 'P', date: 'Sun, 01 Mar 2026 00:00:00 GMT' };
    const fake = createServer(({ method, url = '' }, response) => {
      const headers = url.includes('restype=container') ? answers.container : { ...own, ...answers.blob };
      if (method === 'DELETE') response.writeHead(answers.delete.status, { 'x-ms-error-code': answers.delete.code }).end();
      else response.writeHead(200, headers).end();
    });
    await new Promise<void>((listening) => fake.listen(0, '127.0.0.1', listening));
    const store = azurePartStore(where(`http://127.0.0.1:${(fake.address() as AddressInfo).port}/devstoreaccount1`));
    const both = async (): Promise<unknown[]> => [await store.removeUnchanged(part, true), await store.removeUnchanged(part, false)];
    const kept = (why: string) => ({ is: 'kept', why });
    try {
      answers.blob = { 'x-ms-legal-hold': 'true' };
      expect(await both()).toEqual([kept('part.legal-hold'), kept('part.legal-hold')]);
      answers.blob = {
        'x-ms-immutability-policy-until-date': 'Mon, 01 Mar 2027 00:00:00 GMT',
        'x-ms-immutability-policy-mode': 'unlocked',
      };
      expect(await both()).toEqual([kept('part.immutability-policy'), kept('part.immutability-policy')]);
      answers.blob = { 'x-ms-immutability-policy-until-date': 'Sun, 01 Feb 2026 00:00:00 GMT' };
      answers.container = { 'x-ms-has-legal-hold': 'true', 'x-ms-has-immutability-policy': 'true' };
      expect(await both()).toEqual([kept('part.legal-hold'), kept('part.legal-hold')]);
      answers.container = { 'x-ms-has-immutability-policy': 'true' };
      expect(await both()).toEqual([kept('part.immutability-policy'), kept('part.immutability-policy')]);
      answers.container = {};
      for (const [status, code, why] of [
        [412, 'LeaseIdMissing', 'part.leased'],
        [409, 'SnapshotsPresent', 'part.has-snapshots'],
        [412, 'ConditionNotMet', 'part.changed'],
      ] as const) {
        answers.delete = { status, code };
        expect(await both()).toEqual([{ is: 'there' }, kept(why)]);
      }
      answers.delete = { status: 404, code: 'BlobNotFound' };
      expect(await both()).toEqual([{ is: 'there' }, { is: 'gone' }]);
    } finally {
      fake.close();
      fake.closeAllConnections();
    }
  });

  it('gives faults with advice for a wrong key, a SAS that may only read, and a container that is missing', async () => {
    const wrong = azurePartStore({ ...where(), credential: { key: Buffer.from('wrong').toString('base64') } });
    await expect(wrong.check()).rejects.toMatchObject({
      code: 'destination.forbidden',
      retry: 'never',
      advice: expect.stringContaining('key'),
    });
    const sas = (permissions: string): string =>
      generateAccountSASQueryParameters(
        {
          permissions: AccountSASPermissions.parse(permissions),
          services: AccountSASServices.parse('b').toString(),
          resourceTypes: AccountSASResourceTypes.parse('sco').toString(),
          expiresOn: new Date('2099-01-01T00:00:00Z'),
          startsOn: new Date('2020-01-01T00:00:00Z'),
        },
        new StorageSharedKeyCredential(account, key),
      ).toString();
    const reader = azurePartStore({ ...where(), credential: { sas: `?${sas('rl')}` } });
    const told = await reader.check().catch((error: unknown) => error);
    expect(told).toMatchObject({ code: 'destination.forbidden', advice: expect.any(String) });
    expect(JSON.stringify(told) + String(told)).not.toContain('sig=');
    const writer = azurePartStore({ ...where(), credential: { sas: sas('rwdlc') }, layout: TEST_LAYOUT });
    await writer.check();
    expect(writer.locate('p.pst')).not.toContain('sig=');
    await expect(azurePartStore(where()).take({ partId: 'p', name: 'p.pst' }, 1, [])).rejects.toMatchObject({
      code: 'destination.not-found',
    });
  });

  it('asks again later with the delay that the service names', async () => {
    const busy = createServer((_, reply) => reply.writeHead(503, { 'retry-after': '7', 'x-ms-error-code': 'ServerBusy' }).end());
    const at = await listening(busy);
    await expect(azureBlobStore(where(at)).get('x')).rejects.toMatchObject({ code: 'blob.unavailable', retry: { afterMs: 7_000 } });
    busy.close();
  });

  it('sends no credential on to where it is redirected', async () => {
    let reached = 0;
    const other = createServer((_, reply) => {
      reached++;
      reply.end('x');
    });
    const there = await listening(other);
    const redirecting = createServer((_, reply) => reply.writeHead(307, { location: `${there}/c/x` }).end());
    const at = await listening(redirecting);
    await expect(azureBlobStore(where(at)).get('x')).rejects.toMatchObject({ code: 'blob.forbidden' });
    expect(reached).toBe(0);
    other.close();
    redirecting.close();
  });

  it('gives a call up at its deadline', async () => {
    const silent = createServer(() => undefined);
    const at = await listening(silent);
    await expect(azureBlobStore({ ...where(at), deadlineMs: 1 }).get('x')).rejects.toMatchObject({
      code: 'blob.unavailable',
      facts: { deadlineMs: 1 },
    });
    silent.closeAllConnections();
    silent.close();
  });

  it.each([
    ['http://storage.example/x', 'account1', 'not-https'],
    ['https://user:pw@storage.example', 'account1', 'more-than-an-address'],
    ['https://storage.example/?sig=1', 'account1', 'more-than-an-address'],
    ['nonsense', 'account1', 'not-a-url'],
    ['https://ok.example', 'Bad_Account', 'account-name'],
  ])('refuses the endpoint %s', (bad, name, reason) => {
    const told = (): unknown => azureBlobStore({ account: name, endpoint: bad, container: 'ccc', credential: { key } });
    expect(told).toThrow(expect.objectContaining({ code: 'destination.bad-endpoint', facts: { reason } }));
  });
});

const listening = async (server: ReturnType<typeof createServer>): Promise<string> => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/devstoreaccount1`;
};
