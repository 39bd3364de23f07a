import { startGateway, type Reply, type RunningGateway } from './gateway.fixture.js';

let gateway: RunningGateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.close());

const base64 = (length: number): string => Buffer.alloc(length, 0xa7).toString('base64');
const SIGNATURE = encodeURIComponent(base64(32));
const SAS = `sv=2024-11-04&ss=b&srt=sco&sp=rwl&se=2027-01-01T00:00:00Z&sig=${SIGNATURE}`;
const ADDRESS = 'https://contosopst.blob.core.windows.net';
const KEY = base64(64);

let made = 0;
const customer = async (): Promise<string> =>
  `/v1/customers/${String((await gateway.call('POST', '/v1/customers', { name: `Customer ${++made}` })).body['id'])}`;
const add = async (more: object): Promise<{ readonly path: string; readonly reply: Reply }> => {
  const path = `${await customer()}/endpoints`;
  const body = { kind: 'azure-blob', name: 'Azure', account: 'contosopst', region: 'westeurope', ...more };
  return { path, reply: await gateway.call('POST', path, body) };
};
const newest = async (): Promise<string | undefined> => (await gateway.sealed()).at(-1);

describe('what the portal hands out', () => {
  it.each([
    ['a SAS URL', 'sas', `${ADDRESS}/?${SAS}`, SAS],
    ['a SAS token', 'sas', `?${SAS}`, SAS],
    ['a connection string with a SAS', 'sas', `BlobEndpoint=${ADDRESS}/;SharedAccessSignature=${SAS}`, SAS],
    ['a connection string with a key', 'key', `AccountName=contosopst;AccountKey=${KEY};EndpointSuffix=core.windows.net`, KEY],
  ])('is sealed as what it is made for: %s', async (_title, kind, value, kept) => {
    const { path, reply } = await add({ credential: { kind, value } });
    expect(reply.status).toBe(201);
    expect(await newest()).toBe(kept);
    expect((await gateway.call('POST', `${path}/${String(reply.body['id'])}/secret`, { value: `${value}` })).status).toBe(200);
    expect(await newest()).toBe(kept);
    expect(JSON.stringify((await gateway.call('GET', path)).body)).not.toMatch(/sig=|AccountKey|\?/);
  });

  it('is refused as the address of an endpoint, and nothing is sealed or repeated', async () => {
    const before = (await gateway.sealed()).length;
    const { path, reply } = await add({ endpoint: `${ADDRESS}/?${SAS}`, credential: { kind: 'identity' } });
    expect(reply).toMatchObject({ status: 400, body: { code: 'request.invalid', errors: [{ column: 'endpoint' }] } });
    expect(JSON.stringify(reply.body)).not.toContain(SIGNATURE);
    expect(await gateway.sealed()).toHaveLength(before);
    expect((await gateway.call('GET', path)).body['items']).toEqual([]);
  });

  it('is refused in place of the signature when it is none', async () => {
    const { path, reply } = await add({ credential: { kind: 'sas', value: SAS } });
    const kept = await newest();
    const rotated = await gateway.call('POST', `${path}/${String(reply.body['id'])}/secret`, { value: KEY });
    expect(rotated).toMatchObject({ status: 400, body: { errors: [{ column: 'value' }] } });
    expect(await newest()).toBe(kept);
  });
});

describe('the secret of an endpoint', () => {
  const tenant = {
    kind: 'microsoft-365',
    name: 'Tenant',
    tenantId: 'contoso.example',
    clientId: '00000000-0000-0000-0000-000000000001',
    credential: { kind: 'secret', value: 'of the tenant' },
  };

  it('outlives its removal, for the passes that started with it', async () => {
    const { path, reply } = await add({ credential: { kind: 'key', value: KEY } });
    const before = await gateway.sealed();
    expect((await gateway.call('DELETE', `${path}/${String(reply.body['id'])}`)).status).toBe(200);
    expect([await gateway.sealed(), await newest()]).toEqual([before, KEY]);
  });

  it('is sealed again when its request is, which had been given up for lost', async () => {
    const path = `${await customer()}/endpoints`;
    const key = { 'idempotency-key': 'endpoint once' };
    const { body } = await gateway.call('POST', path, tenant, key);
    const { ref = '' } = (await gateway.secrets.list()).find(({ purpose }) => purpose === `endpoint:${String(body['id'])}`) ?? {};
    await gateway.secrets.delete(ref);
    expect((await gateway.call('POST', path, tenant, key)).status).toBe(201);
    expect((await gateway.secrets.use(ref)).reveal()).toBe('of the tenant');
  });
});

describe('the region of a storage account', () => {
  it('is one of Azure, in whatever way it is written', async () => {
    const { path, reply } = await add({ region: 'West Europe', credential: { kind: 'identity' } });
    expect(reply.status).toBe(201);
    expect((await gateway.call('GET', path)).body['items']).toMatchObject([{ settings: { region: 'westeurope' } }]);
    const messages = async (region: string): Promise<unknown> =>
      (await add({ region, credential: { kind: 'identity' } })).reply.body['errors'];
    expect(await messages('westerope')).toMatchObject([{ column: 'region', message: expect.stringContaining('Did you mean westeurope?') }]);
    expect(await messages('Atlantis and beyond')).toMatchObject([{ message: expect.stringContaining('such as westeurope') }]);
    expect(await messages('')).toMatchObject([{ message: 'This field cannot be left blank.' }]);
  });
});

describe('free text', () => {
  it('with a secret in it is refused wherever it enters, and not repeated', async () => {
    const path = await customer();
    const secrets = [`?sig=${SIGNATURE}`, KEY, `abc8Q~${'x'.repeat(34)}`];
    for (const secret of secrets) {
      const replies = [
        [await gateway.call('POST', '/v1/customers', { name: secret }), 'name'],
        [await gateway.call('POST', `${path}/endpoints`, { kind: 'folder', name: secret, path: '/exports' }), 'name'],
        [await gateway.call('POST', `${path}/endpoints`, { kind: 'folder', name: 'disk', path: `/exports/${secret}` }), 'path'],
        [await gateway.call('POST', '/v1/tokens', { name: secret }), 'name'],
        [await gateway.call('POST', '/v1/projects/p/options', { folderFilter: ['^Inbox', secret.replace('?', '.')] }), 'folderFilter.1'],
      ] as const;
      for (const [reply, column] of replies) {
        expect(reply).toMatchObject({ status: 400, body: { code: 'request.invalid', errors: [{ column, code: 'field.secret' }] } });
        expect(JSON.stringify(reply.body)).not.toContain(secret.slice(1));
      }
    }
    expect(gateway.logged.join('\n')).not.toContain(SIGNATURE);
  });
});
