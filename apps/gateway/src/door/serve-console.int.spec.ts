import { createServer, type Server } from 'node:http';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { systemRandom } from '@pstream/kernel';
import { tempDir } from '@pstream/testing';
import { readConsole } from './console-files.js';
import type { HttpRequest, Middleware } from './http.js';
import { secureHeaders } from './secure-headers.js';
import { serveConsole } from './serve-console.js';

const SCRIPT = `console.log(${JSON.stringify('x'.repeat(2_000))});`;
const HTML = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };

const bundle = (): string => {
  const folder = tempDir();
  mkdirSync(join(folder, 'assets'));
  writeFileSync(join(folder, 'index.html'), '<!doctype html><script nonce="NONCE" src="/assets/console-AB12.js"></script>');
  writeFileSync(join(folder, 'assets', 'console-AB12.js'), SCRIPT);
  writeFileSync(join(folder, 'assets', 'console-AB12.js.gz'), gzipSync(SCRIPT));
  writeFileSync(join(folder, 'assets', 'console-AB12.js.map'), '{}');
  return folder;
};

/** A door with the console behind its headers; what is left over is refused, as sign-in would. */
const doorWith = async (folder: string): Promise<{ readonly server: Server; readonly url: string }> => {
  const chain: readonly Middleware[] = [secureHeaders, serveConsole(() => readConsole(folder), systemRandom)];
  const server = createServer((incoming, response) => {
    const request = Object.assign(incoming, { path: new URL(incoming.url ?? '/', 'http://x').pathname }) as unknown as HttpRequest;
    const step = (at: number): void => {
      const middleware = chain[at];
      if (middleware !== undefined) return middleware(request, response, () => step(at + 1));
      response.statusCode = 401;
      response.end();
    };
    step(0);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, url: `http://127.0.0.1:${(server.address() as { port: number }).port}` };
};

let server: Server;
let url: string;
beforeAll(async () => {
  ({ server, url } = await doorWith(bundle()));
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

const get = async (path: string, headers: Record<string, string> = HTML, method = 'GET') => fetch(`${url}${path}`, { method, headers });

describe('the console', () => {
  it.each(['/', '/projects/01J8ZQ4N5W9K7C1B2D3E4F5G6B', '/sign-in'])(
    'is served to browsers at %s, before anybody signs in',
    async (path) => {
      const response = await get(path);
      expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
      expect(response.headers.get('cache-control')).toBe('no-store');
      expect(await response.text()).toContain('/assets/console-AB12.js');
    },
  );

  it('has a policy that lets run what carries the nonce of this very page, and nothing from elsewhere', async () => {
    const pages = await Promise.all([get('/'), get('/')]);
    const nonces = await Promise.all(pages.map(async (page) => /nonce="([\w+/=]+)"/.exec(await page.text())?.[1]));
    expect(nonces[0]).not.toBe(nonces[1]);
    const policy = pages[0]!.headers.get('content-security-policy') ?? '';
    expect(policy).toContain(`script-src 'self' 'nonce-${nonces[0]}'`);
    expect(policy).toContain("require-trusted-types-for 'script'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/unsafe|https?:/);
    expect(pages[0]!.headers.get('x-content-type-options')).toBe('nosniff');
    expect(pages[0]!.headers.get('referrer-policy')).toBe('no-referrer');
  });

  it('has files that are kept for ever, compressed, and known again by their tag', async () => {
    const response = await get('/assets/console-AB12.js', { 'accept-encoding': 'gzip' });
    expect(response.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect(response.headers.get('content-encoding')).toBe('gzip');
    expect(Number(response.headers.get('content-length'))).toBeLessThan(SCRIPT.length);
    expect(await response.text()).toBe(SCRIPT);
    const etag = response.headers.get('etag') ?? '';
    const again = await get('/assets/console-AB12.js', { 'if-none-match': `W/${etag}` });
    expect([again.status, await again.text()]).toEqual([304, '']);
    const plain = await get('/assets/console-AB12.js', { 'accept-encoding': 'identity' });
    expect([plain.headers.get('content-encoding'), await plain.text()]).toEqual([null, SCRIPT]);
    const head = await get('/assets/console-AB12.js', {}, 'HEAD');
    expect([head.status, await head.text()]).toEqual([200, '']);
  });

  it.each(['/assets/console-AB12.js.map', '/assets/..%2findex.html', '/assets/none.js'])('has no file %s', async (path) => {
    expect((await get(path, {})).status).toBe(401);
  });

  it('leaves the addresses of the API, and callers that take no page, to the API', async () => {
    for (const path of ['/v1/customers', '/v1', '/v1/nothing']) expect([path, (await get(path)).status]).toEqual([path, 401]);
    expect((await get('/', { accept: '*/*' })).status).toBe(401);
    expect((await get('/', HTML, 'POST')).status).toBe(401);
  });

  it('is not there without a bundle, and the API goes on', async () => {
    const bare = await doorWith(join(tempDir(), 'nothing'));
    expect((await fetch(`${bare.url}/`, { headers: HTML })).status).toBe(401);
    await new Promise((resolve) => bare.server.close(resolve));
  });
});
