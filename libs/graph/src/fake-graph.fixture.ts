import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { seededRandom, systemClock, type Clock } from '@pstream/kernel';
import type { FakeClock } from '@pstream/testing';
import type { GraphClient, GraphPorts, TenantConnection, ThrottleEntry } from './client.js';
import { connectTenant } from './connect.js';

/** A request as the fake saw it. */
export type Seen = { readonly method: string; readonly path: string; readonly headers: IncomingMessage['headers']; readonly body: string };

/** A reply: JSON, or whatever `raw` does to the response. */
export type Reply = {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly raw?: (response: ServerResponse) => void;
};

export type FakeServer = { readonly url: string; readonly requests: Seen[]; readonly tokenRequests: Seen[]; close(): Promise<void> };

export const TENANT = '11111111-2222-3333-4444-555555555555';
export const SECRET = 'Canary~secret.value-8Q';
export const ROLES = ['User.Read.All', 'MailboxFolder.Read.All', 'MailboxItem.Read.All', 'MailboxItem.Export.All'];

/** A Graph and a sign-in service in a few lines; tokens are `…-1`, `…-2` in the order they were handed out. */
export const startFake = async (
  reply: (seen: Seen, nth: number) => Reply | Promise<Reply>,
  signIn: (seen: Seen, nth: number) => Reply = (_, nth) => ({ json: tokenReply(nth) }),
): Promise<FakeServer> => {
  const requests: Seen[] = [];
  const tokenRequests: Seen[] = [];
  const server = createServer((request, response) => {
    void (async () => {
      let body = '';
      for await (const piece of request) body += String(piece);
      const seen: Seen = { method: request.method ?? '', path: request.url ?? '', headers: request.headers, body };
      const forToken = seen.path.split('?')[0]?.endsWith('/oauth2/v2.0/token');
      const list = forToken ? tokenRequests : requests;
      list.push(seen);
      const answer = await (forToken ? signIn(seen, list.length) : reply(seen, list.length));
      if (answer.raw !== undefined) return answer.raw(response);
      response.writeHead(answer.status ?? 200, {
        'content-type': 'application/json',
        'request-id': `req-${String(requests.length)}`,
        ...answer.headers,
      });
      response.end(answer.json === undefined ? undefined : JSON.stringify(answer.json));
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    requests,
    tokenRequests,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};

export const tokenReply = (nth: number, expiresIn = 3600, roles: readonly string[] = ROLES): unknown => ({
  token_type: 'Bearer',
  expires_in: expiresIn,
  ext_expires_in: expiresIn,
  access_token: `e30.${Buffer.from(JSON.stringify({ roles })).toString('base64url')}.sig-${String(nth)}`,
});

export const graphError = (status: number, code: string, message = 'told by the fake', headers: Record<string, string> = {}): Reply => ({
  status,
  headers,
  json: { error: { code, message } },
});

export type Connected = { readonly client: GraphClient; readonly ledger: ThrottleEntry[] };

/** A client of the fake; waits are short unless told otherwise. */
export const connectToFake = (
  server: { readonly url: string },
  options: { readonly clock?: Clock; readonly connection?: Partial<TenantConnection>; readonly ports?: Partial<GraphPorts> } = {},
): Connected => {
  const ledger: ThrottleEntry[] = [];
  const client = connectTenant(
    {
      tenantId: TENANT,
      clientId: '99999999-0000-0000-0000-000000000000',
      credential: { kind: 'secret', secret: SECRET },
      authorityUrl: server.url,
      graphUrl: server.url,
      ...options.connection,
    },
    {
      clock: options.clock ?? systemClock,
      random: seededRandom(7),
      ledger: (entry) => ledger.push(entry),
      limits: { passing: { firstMs: 1, mostMs: 8 }, throttled: { firstMs: 1, mostMs: 4 } },
      ...options.ports,
    },
  );
  return { client, ledger };
};

/** Runs work whose waits are on a fake clock: time moves to the next wait of under a minute whenever there is one; deadlines, which
 *  are longer, are left alone. */
export const runThroughWaits = async <T>(clock: FakeClock, work: Promise<T>): Promise<T> => {
  const state = { done: false };
  const end = (): void => {
    state.done = true;
  };
  work.then(end, end);
  while (!state.done) {
    const wait = clock.sleepers.find((one) => one.inMs < 59_000);
    if (wait !== undefined) await clock.advance(wait.inMs);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  return work;
};

export const collect = async <T>(items: AsyncIterable<T>): Promise<T[]> => {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
};

/** The Fault that `work` ends with. */
export const faultOf = async (
  work: Promise<unknown>,
): Promise<{ code: string; retry: unknown; facts: Record<string, unknown>; advice?: string; stack?: string }> => {
  try {
    await work;
  } catch (error) {
    return error as never;
  }
  throw new Error('it did not fail');
};
