import { request } from 'node:http';
import { apiDocument } from '@pstream/api';
import { Fault } from '@pstream/kernel';
import { startGateway, type Reply, type RunningGateway } from './gateway.fixture.js';

let gateway: RunningGateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.close());

const call: RunningGateway['call'] = (...given) => gateway.call(...given);
const items = ({ body }: Reply): Record<string, unknown>[] => body['items'] as Record<string, unknown>[];

describe('signing in', () => {
  it('is asked of every route but health and the description of the routes', async () => {
    const paths = (await call('GET', '/docs-json')).body['paths'] as Record<string, Record<string, unknown>>;
    const routes = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => [method.toUpperCase(), path.replaceAll(/\{\w+\}/g, 'x')] as const),
    );
    expect(routes.length).toBeGreaterThanOrEqual(30);
    for (const [method, path] of routes) {
      const reply = await call(method, path, undefined, { authorization: 'Bearer wrong' });
      const isOpen = ['GET /v1/health', 'GET /v1/version'].includes(`${method} ${path}`);
      const asksForCode = `${method} ${path}` === 'POST /v1/sessions';
      const asksForLink = path === '/v1/shared-reports/x';
      expect([method, path, reply.status]).toEqual([method, path, isOpen ? 200 : asksForCode ? 400 : asksForLink ? 404 : 401]);
    }
    for (const path of ['/v1/customers', '/V1/customers', '/v1/nothing', '/', '/v1/health/']) {
      const { status, body } = await call('GET', path, undefined, { authorization: '' });
      expect([path, status, body['code']]).toEqual([path, 401, 'request.unauthenticated']);
    }
  });

  it('works with tokens that can be made, listed and revoked', async () => {
    const created = await call('POST', '/v1/tokens', { name: 'ci', expiresInDays: 30 });
    expect(created).toMatchObject({ status: 201, body: { name: 'ci', lastUsedAt: null } });
    const other = { authorization: `Bearer ${String(created.body['token'])}` };
    expect((await call('GET', '/v1/customers', undefined, other)).status).toBe(200);
    const listed = await call('GET', '/v1/tokens');
    expect(items(listed).map((token) => token['name'])).toEqual(['first', 'ci']);
    expect(JSON.stringify(listed.body)).not.toContain(String(created.body['token']));
    expect((await call('DELETE', `/v1/tokens/${String(created.body['tokenId'])}`)).status).toBe(204);
    expect((await call('GET', '/v1/customers', undefined, other)).status).toBe(401);
    expect((await call('DELETE', '/v1/tokens/unknown')).body).toMatchObject({ status: 404, code: 'token.unknown' });
    const first = String(items(listed)[0]?.['tokenId']);
    expect((await call('DELETE', `/v1/tokens/${first}`)).body).toMatchObject({ status: 409, code: 'token.last' });
  });

  it('does not help a page that has rebound its name, or one of another origin', async () => {
    const withHost = await new Promise<number | undefined>((resolve, reject) => {
      const sent = request(`${gateway.url}/v1/health`, { headers: { host: 'evil.example' } }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      sent.on('error', reject);
      sent.end();
    });
    expect(withHost).toBe(403);
    const reply = await call('GET', '/v1/customers', undefined, { origin: 'http://evil.example' });
    expect(reply.body).toMatchObject({ status: 403, code: 'request.foreign-origin' });
    expect(reply.headers.get('access-control-allow-origin')).toBeNull();
    expect(reply.headers.get('set-cookie')).toBeNull();
  });
});

describe('problems', () => {
  it('list every field at fault and no value', async () => {
    const { status, headers, body } = await call('POST', '/v1/orders', { quantity: 0, payment: 'gold-bars', extra: 'canary' });
    expect(status).toBe(400);
    expect(headers.get('content-type')).toContain('application/problem+json');
    expect(body['code']).toBe('request.invalid');
    expect((body['errors'] as { column: string }[]).map(({ column }) => column).sort()).toEqual(['extra', 'payment', 'quantity']);
    expect(JSON.stringify(body)).not.toMatch(/canary|gold-bars/);
  });

  it('say what to do about a rejection', async () => {
    await call('POST', '/v1/customers', { name: 'Twice' });
    expect((await call('POST', '/v1/customers', { name: 'Twice' })).body).toMatchObject({ status: 409, code: 'customer.name-taken' });
    expect((await call('POST', '/v1/orders', { quantity: 5, payment: 'wire' })).body).toMatchObject({
      status: 409,
      code: 'order.wire-below-minimum',
      detail: expect.stringContaining('100'),
      facts: { minimum: 100 },
    });
    expect((await call('POST', '/v1/orders/x/payment', { reference: 'r' })).body).toMatchObject({
      status: 400,
      code: 'command.malformed',
      errors: [{ column: 'orderId' }],
    });
  });

  it('tell a fault of the world from a fault of ours, and no internals of either', async () => {
    gateway.failing.append = new Fault('storage.full', { retry: { afterMs: 2_500 }, advice: 'Free space on the file system.' });
    const full = await call('POST', '/v1/customers', { name: 'Unlucky' });
    expect(full.body).toMatchObject({ status: 503, code: 'storage.full', detail: 'Free space on the file system.' });
    expect(full.headers.get('retry-after')).toBe('3');
    gateway.failing.append = new TypeError('/home/somebody/secret.ts broke');
    const bug = await call('POST', '/v1/customers', { name: 'Unlucky' });
    gateway.failing.append = undefined;
    expect((await call('POST', '/v1/customers', { name: 'Unlucky' })).status).toBe(201);
    expect(bug.body).toMatchObject({ status: 500, code: 'handler.failed' });
    expect(JSON.stringify([full.body, bug.body])).not.toMatch(/somebody|TypeError|stack|\.ts/);
    expect(gateway.logged.join()).toContain('storage.full');
  });

  it('answer what is not there or cannot be read', async () => {
    expect((await call('GET', '/v1/nothing')).body).toMatchObject({ status: 404, code: 'request.not-found' });
    expect((await call('GET', '/v1/projects/x')).body).toMatchObject({ status: 404, code: 'project.unknown' });
    expect(
      (await call('POST', '/v1/customers', new TextEncoder().encode('{"name": can'), { 'content-type': 'application/json' })).body,
    ).toMatchObject({ status: 400, code: 'request.malformed' });
    expect((await call('POST', '/v1/customers', '<name/>', { 'content-type': 'application/xml' })).body).toMatchObject({ status: 415 });
    const deep = `${'{"name":'.repeat(100)}1${'}'.repeat(100)}`;
    expect((await call('POST', '/v1/customers', deep, { 'content-type': 'application/json' })).body).toMatchObject({
      status: 400,
      code: 'request.malformed',
    });
    expect(
      (
        await call('POST', '/v1/customers', new Uint8Array(33 * 1024 * 1024), { 'content-type': 'application/json' }).catch(() => ({
          body: { status: 413 },
        }))
      ).body,
    ).toMatchObject({ status: 413 });
    const polluted = await call('POST', '/v1/customers', '{"name":"P","__proto__":{"admin":true}}', { 'content-type': 'application/json' });
    expect(polluted.status).toBe(400);
  });

  it('come with headers that let no browser guess', async () => {
    const { headers } = await call('GET', '/v1/health');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(headers.get('x-powered-by')).toBeNull();
  });
});

describe('the description of the routes', () => {
  it('is served without a token', async () => {
    const { status, body } = await call('GET', '/docs-json', undefined, { authorization: '' });
    expect(status).toBe(200);
    expect(body['paths']).toEqual(apiDocument('0.1.0').paths);
  });

  it('is shown by pages that load from nowhere else', async () => {
    const page = await fetch(`${gateway.url}/docs`);
    expect(page.headers.get('content-security-policy')).toContain("default-src 'self'");
    const html = await page.text();
    for (const [, source = ''] of html.matchAll(/(?:src|href)="([^"]+)"/g)) {
      expect(source).toMatch(/^\.\/docs\//);
      const file = await fetch(`${gateway.url}/${source}`);
      expect([source, file.status]).toEqual([source, 200]);
      await file.arrayBuffer();
    }
    expect(html).not.toMatch(/<script>[^<]/);
  });
});
