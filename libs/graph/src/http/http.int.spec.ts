import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { httpTransport, readBody, type HttpReply, type HttpTransport } from './http.js';

describe('a reply over the network', () => {
  const content = randomBytes(3_000_000);
  let server: Server;
  let transport: HttpTransport;
  let answer: (response: ServerResponse) => void;
  let connections: number;

  beforeEach(async () => {
    connections = 0;
    server = createServer((request, response) => (request.url === '/small' ? response.end('small') : answer(response)));
    server.on('connection', () => connections++);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    transport = httpTransport({ maxSockets: 4 });
  });
  afterEach(() => {
    transport.close();
    server.closeAllConnections();
    server.close();
  });

  const get = (path = '/', signal = new AbortController().signal): Promise<HttpReply> =>
    transport.send({ method: 'GET', url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`, headers: {} }, signal);
  const small = async (): Promise<string> => String(await readBody(await get('/small'), 100));

  it.each(['with its length', 'in chunks'])(
    'is read to its end byte for byte, sent %s and read slowly, and its connection serves the next',
    async (how) => {
      answer = (response) => {
        if (how === 'in chunks') for (let at = 0; at < content.length; at += 10_000) response.write(content.subarray(at, at + 10_000));
        response.end(how === 'in chunks' ? undefined : content);
      };
      const reply = await get();
      const pieces: Buffer[] = [];
      for await (const piece of reply.body) {
        pieces.push(piece);
        // Time for more to arrive than may wait.
        for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
      }
      expect(Buffer.concat(pieces).equals(content)).toBe(true);
      expect(await small()).toBe('small');
      expect(connections).toBe(1);
    },
  );

  it('that is cut gives what arrived, then the error', async () => {
    answer = (response) => {
      response.writeHead(200, { 'content-length': content.length });
      response.write(content.subarray(0, 100_000), () => response.socket?.destroy());
    };
    const reply = await get();
    let bytes = 0;
    const reading = (async () => {
      for await (const piece of reply.body) bytes += piece.length;
    })();
    await expect(reading).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(bytes).toBeLessThanOrEqual(100_000);
  });

  it('that is cut before anybody reads fails when it is read', async () => {
    answer = (response) => {
      response.writeHead(200, { 'content-length': content.length });
      response.write('x', () => response.socket?.destroy());
    };
    const reply = await get();
    expect(await small()).toBe('small');
    await expect(readBody(reply, content.length)).rejects.toThrow();
  });

  it('that is left early is not waited for', async () => {
    answer = (response) => response.end(content);
    for await (const piece of (await get()).body) {
      expect(piece.length).toBeGreaterThan(0);
      break;
    }
    expect(await small()).toBe('small');
  });

  it('ends with its signal', async () => {
    answer = (response) => response.writeHead(200, { 'content-length': content.length }).write('x');
    const stop = new AbortController();
    const reply = await get('/', stop.signal);
    const reading = (async () => {
      for await (const piece of reply.body) {
        expect(String(piece)).toBe('x');
        stop.abort(new Error('enough'));
      }
    })();
    await expect(reading).rejects.toThrow();
  });
});
