import { Fault } from '@pstream/kernel';
import { startGateway, type Reply, type RunningGateway } from './gateway.fixture.js';
import { projectIn } from './project.fixture.js';

let gateway: RunningGateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.close());

const call: RunningGateway['call'] = (...given) => gateway.call(...given);
const idOf = ({ body }: Reply): string => String(body['id']);
const items = ({ body }: Reply): Record<string, unknown>[] => body['items'] as Record<string, unknown>[];
const TENANT = { tenantId: 't', clientId: 'c' };

describe('endpoints', () => {
  it('keep their secret to the secret store', async () => {
    const { customerId } = await projectIn(gateway);
    const path = `/v1/customers/${customerId}/endpoints`;
    const azure = {
      name: 'azure',
      kind: 'azure-blob',
      account: 'contosopst',
      region: 'westeurope',
      credential: { kind: 'key', value: 'canary-key-1' },
    };
    const added = await call('POST', path, azure);
    expect(added.status).toBe(201);
    const listed = await call('GET', path);
    expect(items(listed).map((endpoint) => endpoint['name'])).toEqual(['azure', 'disk', 'tenant']);
    expect(items(listed)[0]).toMatchObject({
      kind: 'azure-blob',
      settings: { account: 'contosopst', credential: 'key' },
      secretRotatedAt: null,
    });
    expect(JSON.stringify(listed.body)).not.toContain('secret:');
    expect((await call('POST', `${path}/${idOf(added)}/secret`, { value: 'canary-key-2' })).status).toBe(200);
    const values = await gateway.sealed();
    expect(values).toContain('canary-key-2');
    expect(values).not.toContain('canary-key-1');
    expect([...gateway.messages, ...gateway.logged, JSON.stringify(listed.body)].join()).not.toContain('canary-key');
  });

  it('leave no secret behind when they are refused, and seal it once when sent twice', async () => {
    const { customerId } = await projectIn(gateway);
    const path = `/v1/customers/${customerId}/endpoints`;
    const before = (await gateway.sealed()).length;
    const source = { name: 'tenant', kind: 'microsoft-365', ...TENANT, credential: { kind: 'secret', value: 'x' } };
    expect((await call('POST', path, source)).body).toMatchObject({ status: 409, code: 'endpoint.name-taken' });
    expect(await gateway.sealed()).toHaveLength(before);
    const key = { 'idempotency-key': 'k1' };
    const first = await call('POST', path, { ...source, name: 'free' }, key);
    expect((await call('POST', path, { ...source, name: 'free' }, key)).body).toEqual(first.body);
    const other = { ...source, name: 'free', credential: { kind: 'secret', value: 'z' } };
    expect((await call('POST', path, other, key)).status).toBe(422);
    expect((await call('POST', path, { ...source, name: 'late' }, { 'if-match': '"7"' })).status).toBe(412);
    expect(await gateway.sealed()).toHaveLength(before + 1);
    expect((await gateway.sealed()).at(-1)).toBe('x');
  });

  it('replace a secret only when that is accepted, and finish it when the request is sent again', async () => {
    const { customerId } = await projectIn(gateway);
    const { endpointId } = items(await call('GET', `/v1/customers/${customerId}/endpoints`)).find(({ name }) => name === 'tenant')!;
    const path = `/v1/customers/${customerId}/endpoints/${String(endpointId)}/secret`;
    const rotate = async (secret: string, headers: Record<string, string>): Promise<readonly [number, string | undefined]> => {
      const { status } = await call('POST', path, { value: secret }, headers);
      return [status, (await gateway.sealed()).at(-1)];
    };
    expect(await rotate('stale', { 'if-match': '"7"' })).toEqual([412, 's']);
    gateway.failing.rotate = new Fault('secret.unavailable', { retry: { afterMs: 1_000 } });
    expect(await rotate('second', { 'idempotency-key': 'r1' })).toEqual([503, 's']);
    gateway.failing.rotate = undefined;
    expect(await rotate('other', { 'idempotency-key': 'r1' })).toEqual([422, 's']);
    expect(await rotate('second', { 'idempotency-key': 'r1' })).toEqual([200, 'second']);
    expect(await rotate('third', { 'idempotency-key': 'r2' })).toEqual([200, 'third']);
    expect(await rotate('second', { 'idempotency-key': 'r1' })).toEqual([200, 'third']);
  });

  it('take credentials to encrypted addresses only, and to simulators on loopback', async () => {
    const { customerId } = await projectIn(gateway);
    const source = { name: 'sim', kind: 'microsoft-365', ...TENANT, credential: { kind: 'secret', value: 'x' } };
    for (const graphUrl of [
      'http://graph.example',
      'http://127.0.0.1.evil.example',
      'ftp://127.0.0.1',
      'https://user:pw@graph.example',
      'http://169.254.169.254',
    ]) {
      expect([graphUrl, (await call('POST', `/v1/customers/${customerId}/endpoints`, { ...source, graphUrl })).status]).toEqual([
        graphUrl,
        400,
      ]);
    }
    expect(
      (
        await call('POST', `/v1/customers/${customerId}/endpoints`, {
          ...source,
          graphUrl: 'http://127.0.0.1:9000',
          authorityUrl: 'https://login.example',
        })
      ).status,
    ).toBe(201);
  });

  it('need a region, in the words of the form', async () => {
    const { customerId } = await projectIn(gateway);
    const { body } = await call('POST', `/v1/customers/${customerId}/endpoints`, {
      name: 'a',
      kind: 'azure-blob',
      account: 'abc',
      credential: { kind: 'identity' },
    });
    expect(body['errors']).toEqual([{ column: 'region', code: 'field.invalid-type', message: 'This field cannot be left blank.' }]);
  });

  it('rotate only what can be rotated', async () => {
    const { customerId } = await projectIn(gateway);
    const path = `/v1/customers/${customerId}/endpoints`;
    const certificate = idOf(
      await call('POST', path, {
        name: 'cert',
        kind: 'microsoft-365',
        ...TENANT,
        credential: { kind: 'certificate', thumbprintSha256: 'ab', value: 'pem' },
      }),
    );
    expect((await call('POST', `${path}/${certificate}/secret`, { value: 'y' })).body).toMatchObject({
      status: 409,
      code: 'endpoint.certificate-is-fixed',
    });
    const folder = items(await call('GET', path)).find((endpoint) => endpoint['name'] === 'disk');
    expect((await call('POST', `${path}/${String(folder?.['endpointId'])}/secret`, { value: 'y' })).body).toMatchObject({
      status: 409,
      code: 'endpoint.has-no-secret',
    });
    expect((await call('POST', `/v1/customers/other/endpoints/${certificate}/secret`, { value: 'y' })).body).toMatchObject({
      status: 404,
      code: 'endpoint.unknown',
    });
  });
});
