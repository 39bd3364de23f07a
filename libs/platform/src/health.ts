import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Fault } from '@pstream/kernel';

/** What a process is doing. */
export type ServiceState = 'starting' | 'running' | 'stopping';

/** A small HTTP endpoint for probes: `GET /health` answers 200 while the service runs and 503 before and after, `GET /live` answers 200 as
 *  long as the process does. */
export type Health = { readonly port: number; state: ServiceState; close(): Promise<void> };

/** Opens the endpoint. Fault 'health.port-in-use' (never). */
export const openHealth = async (service: string, host: string, port: number): Promise<Health> => {
  const server = createServer((request, response) => {
    const path = request.url?.split('?')[0];
    const status =
      request.method !== 'GET' ? 405 : path === '/live' ? 200 : path !== '/health' ? 404 : health.state === 'running' ? 200 : 503;
    response
      .writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' })
      .end(`${JSON.stringify({ service, status: health.state })}\n`);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) =>
      reject(
        new Fault('health.port-in-use', {
          retry: 'never',
          facts: { port, reason: cause.code ?? 'unknown' },
          advice: 'Set PSTREAM_HEALTH_PORT to a free port, or to 0, and PSTREAM_HEALTH_HOST to an address of this machine.',
          cause,
        }),
      ),
    );
    server.listen(port, host, resolve);
  });
  const health: Health = {
    port: (server.address() as AddressInfo).port,
    state: 'starting',
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return health;
};
