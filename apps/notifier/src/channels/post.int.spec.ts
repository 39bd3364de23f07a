import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { post } from './post.js';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

let server: Server;
let port: number;
let answer: Answer;
const got: { readonly headers: IncomingMessage['headers']; readonly body: string }[] = [];
beforeAll(async () => {
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      got.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
      answer(request, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ({ port } = server.address() as AddressInfo);
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});
beforeEach(() => {
  got.length = 0;
});

const allowed = { privateHosts: new Set(['127.0.0.1', 'localhost']) };
const message = (host = '127.0.0.1') => ({
  url: `http://${host}:${port}/hook?sig=hunter2`,
  headers: { 'webhook-id': 'N' },
  body: '{"a":1}',
});
const status =
  (code: number, headers: Record<string, string> = {}): Answer =>
  (_request, response) =>
    response.writeHead(code, headers).end('some text');

describe('a webhook', () => {
  it.each([200, 202, 204])('is taken with status %i', async (code) => {
    answer = status(code);
    await post(allowed, message());
    expect(got).toMatchObject([
      { body: '{"a":1}', headers: { 'webhook-id': 'N', 'content-type': 'application/json', 'content-length': '7' } },
    ]);
  });

  it.each([
    [500, { code: 'notice.refused', retry: { afterMs: 60_000 } }],
    [503, { code: 'notice.refused', retry: { afterMs: 60_000 } }],
    [429, { code: 'notice.refused', retry: { afterMs: 60_000 } }],
    [400, { code: 'notice.refused', retry: 'never' }],
    [410, { code: 'notice.refused', retry: 'never' }],
  ])('that is answered with %i is tried again or not, as the receiver says', async (code, fault) => {
    answer = status(code);
    await expect(post(allowed, message())).rejects.toMatchObject({ ...fault, facts: { status: code } });
  });

  it.each([301, 302, 307, 308])('follows no redirect (%i)', async (code) => {
    answer = status(code, { location: `http://127.0.0.1:${port}/elsewhere` });
    await expect(post(allowed, message())).rejects.toMatchObject({ code: 'notice.redirected', retry: 'never' });
    expect(got.length).toBe(1);
  });

  it('that hangs ends with the signal, and can be sent again', async () => {
    const over = new AbortController();
    answer = () => over.abort();
    await expect(post(allowed, message(), over.signal)).rejects.toMatchObject({ code: 'notice.no-answer', facts: { reason: 'time-out' } });
  });

  it('whose connection breaks can be sent again', async () => {
    answer = (request) => request.socket.destroy();
    await expect(post(allowed, message())).rejects.toMatchObject({ code: 'notice.no-answer', facts: { reason: 'ECONNRESET' } });
  });

  it('does not wait for the end of an answer that never ends', async () => {
    answer = (_request, response) => response.writeHead(200).write('endless');
    await post(allowed, message());
    expect(got.length).toBe(1);
  });

  it.each(['127.0.0.1', 'localhost', '[::1]', '0x7f.1', '2130706433'])('goes to no private address: %s', async (host) => {
    const { url, ...rest } = message(host);
    const closed = { privateHosts: new Set<string>() };
    await expect(post(closed, { ...rest, url: url.replace('http:', 'https:') })).rejects.toMatchObject({
      code: 'notice.address-private',
      retry: 'never',
    });
    await expect(post(closed, message(host))).rejects.toMatchObject({ code: 'notice.not-encrypted', retry: 'never' });
    expect(got).toEqual([]);
  });

  it('says nothing of its address in a fault', async () => {
    for (const one of [status(500), status(301), status(404)]) {
      answer = one;
      const error: unknown = await post(allowed, message()).catch((thrown: unknown) => thrown);
      expect(`${JSON.stringify(error)}${String(error)}`).not.toMatch(/hunter2|127\.0\.0\.1/);
    }
  });
});
