import { join } from 'node:path';
import { jest } from '@jest/globals';
import { apiClient, type ApiClient } from '@pstream/api/client';
import { systemClock, systemIds, systemRandom } from '@pstream/kernel';
import { standaloneKeys, startSystem, type System } from '@pstream/standalone';
import { tempDir } from '@pstream/testing';
import { readConfig } from '@pstream/wiring';

jest.setTimeout(300_000);

const dataDir = join(tempDir(), 'data');
let system: System;
let token: string;
let client: ApiClient;

const start = async (): Promise<void> => {
  const config = readConfig(standaloneKeys, {}, { dataDir, port: 0, cards: 'trial' });
  system = await startSystem(
    config,
    { clock: systemClock, ids: systemIds, random: systemRandom, log: { write: () => undefined } },
    'inline',
  );
  token = system.firstToken ?? token;
  client = apiClient({ url: system.url, token, fetch, clock: systemClock, ids: systemIds });
};
const call = (method: string, path: string, headers: Record<string, string> = {}, body?: object): Promise<Response> =>
  fetch(`${system.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });

beforeAll(start);
afterAll(() => system.close());

describe('an Idempotency-Key', () => {
  it('stands for one request: the same again does nothing twice, another body is refused, also after a restart', async () => {
    const first = await client.createCustomer({ body: { name: 'Keyed' }, idempotencyKey: 'k1' });
    expect(await client.createCustomer({ body: { name: 'Keyed' }, idempotencyKey: 'k1' })).toEqual(first);
    const mismatch = { status: 422, code: 'request.idempotency-mismatch' };
    await expect(client.createCustomer({ body: { name: 'Other' }, idempotencyKey: 'k1' })).rejects.toMatchObject(mismatch);
    await system.close();
    await start();
    await expect(client.createCustomer({ body: { name: 'Other' }, idempotencyKey: 'k1' })).rejects.toMatchObject(mismatch);
    expect(await client.createCustomer({ body: { name: 'Keyed' }, idempotencyKey: 'k1' })).toEqual(first);
  });
});

describe('a refused request', () => {
  it('takes no name', async () => {
    await client.createCustomer({ body: { name: 'Accepted' }, idempotencyKey: 'n1' });
    await expect(client.createCustomer({ body: { name: 'Wanted later' }, idempotencyKey: 'n1' })).rejects.toMatchObject({ status: 422 });
    expect((await call('POST', '/v1/customers', { 'if-match': '"7"' }, { name: 'Wanted later' })).status).toBe(412);
    expect((await call('POST', '/v1/customers', {}, { name: 'Wanted later' })).status).toBe(201);
  });
});

describe('a single resource', () => {
  it('has its version as ETag, and is changed only from that version where the caller says so', async () => {
    const customer = await client.createCustomer({ body: { name: 'Tagged' } });
    const params = { customerId: customer.id };
    const endpoint = (name: string) => client.addEndpoint({ params, body: { kind: 'folder', name, path: '/x' } });
    const source = await client.addEndpoint({
      params,
      body: { kind: 'microsoft-365', name: 's', tenantId: 't', clientId: 'c', credential: { kind: 'secret', value: 'v' } },
    });
    const destination = await endpoint('d');
    const project = await client.createProject({
      params,
      body: { name: 'P', type: 'mailbox', sourceEndpointId: source.id, destinationEndpointId: destination.id },
    });
    const inProject = { projectId: project.id };
    const shown = await call('GET', `/v1/projects/${project.id}?atLeast=${project.stream}:${project.version}`);
    const tag = shown.headers.get('etag') ?? '';
    expect([shown.status, tag]).toEqual([200, `"${project.version}"`]);
    const changed = await client.replaceProjectOptions({ params: inProject, body: { itemTypes: ['email'] }, ifMatch: tag });
    expect(changed.version).toBe(project.version + 1);
    await expect(client.replaceProjectOptions({ params: inProject, body: {}, ifMatch: tag })).rejects.toMatchObject({
      status: 412,
      code: 'stream.version-mismatch',
    });
    await expect(client.replaceProjectOptions({ params: inProject, body: {}, ifMatch: 'W/"1"' })).rejects.toMatchObject({ status: 400 });
    expect((await client.replaceProjectOptions({ params: inProject, body: {}, ifMatch: '*' })).version).toBe(changed.version + 1);
  });
});

describe('the door', () => {
  it('names the methods that a path takes', async () => {
    const response = await call('PUT', '/v1/customers');
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, POST']);
    expect(await response.json()).toMatchObject({ code: 'request.method-not-allowed' });
    expect((await call('PUT', '/v1/nothing')).status).toBe(404);
  });

  it('says what is wrong with an empty key', async () => {
    const keyed = await call('POST', '/v1/customers', { 'idempotency-key': '' }, { name: 'Unkeyed' });
    expect([keyed.status, await keyed.json()]).toEqual([
      400,
      expect.objectContaining({ errors: [expect.objectContaining({ column: 'Idempotency-Key' })] }),
    ]);
  });

  it('answers in a media type that the caller takes, or not at all', async () => {
    expect((await call('GET', '/v1/customers', { accept: 'text/html' })).status).toBe(406);
    expect((await call('GET', '/v1/customers', { accept: 'application/json;q=0.5, text/html' })).status).toBe(200);
  });

  it('marks every answer with the id of its request', async () => {
    expect((await call('GET', '/v1/customers', { 'x-request-id': 'mine-1' })).headers.get('x-request-id')).toBe('mine-1');
    const made = (await call('GET', '/v1/nothing', { 'x-request-id': 'not well formed' })).headers.get('x-request-id');
    expect(made).toMatch(/^[0-9A-Z]{26}$/);
  });

  it('compresses what is worth it for a caller that takes it', async () => {
    const response = await call('GET', '/docs-json', { 'accept-encoding': 'gzip' });
    expect(response.headers.get('content-encoding')).toBe('gzip');
    expect((await response.json()) as object).toHaveProperty('openapi', '3.1.0');
  });
});
