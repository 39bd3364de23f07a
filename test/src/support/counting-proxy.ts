import { Agent, createServer, request } from 'node:http';

/** Operations of a storage account as it bills them. Deletions cost nothing, and leases and the like are `other`. */
export type Operations = { writes: number; reads: number; other: number };

/** A server before a storage account that counts what is asked of it. */
export type CountingProxy = { readonly endpoint: string; readonly counted: Operations; close(): Promise<void> };

const kindOf = (method: string, query: URLSearchParams): keyof Operations | undefined => {
  const comp = query.get('comp');
  if (method === 'DELETE') return undefined;
  if (query.get('restype') === 'container') return 'other';
  if (method === 'PUT') return comp === null || comp === 'block' || comp === 'blocklist' ? 'writes' : 'other';
  return method === 'GET' && comp === null ? 'reads' : 'other';
};

/** Starts a proxy to an endpoint such as http://127.0.0.1:10000/account. */
export const countingProxy = async (endpoint: string): Promise<CountingProxy> => {
  const target = new URL(endpoint);
  const agent = new Agent({ keepAlive: true });
  const counted: Operations = { writes: 0, reads: 0, other: 0 };
  const server = createServer((incoming, outgoing) => {
    const { method = '', url = '', headers } = incoming;
    const kind = kindOf(method, new URL(url, endpoint).searchParams);
    const onward = request({ agent, host: target.hostname, port: target.port, method, path: url, headers }, (answer) => {
      if (kind !== undefined && (answer.statusCode ?? 500) < 400) counted[kind]++;
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    onward.on('error', () => incoming.socket.destroy());
    incoming.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    endpoint: `http://127.0.0.1:${port}${target.pathname}`,
    counted,
    close: async () => {
      agent.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
