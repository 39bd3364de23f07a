import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ProcessHealth } from '@pstream/wiring';
import { listening } from './start-faults.js';

/** A small HTTP endpoint for probes: `GET /health` answers 200 while the process runs and 503 before, after, and from the moment on at
 *  which it has failed, with the code of the cause; `GET /live` answers 200 as long as the process does. */
export type HealthServer = { readonly port: number; close(): Promise<void> };

/** Opens the endpoint. Faults 'health.port-in-use', 'health.port-forbidden', 'health.bad-host' (never). */
export const openHealthServer = async (service: string, health: ProcessHealth, host: string, port: number): Promise<HealthServer> => {
  const server = createServer((request, response) => {
    const path = request.url?.split('?')[0];
    const status =
      request.method !== 'GET' ? 405 : path === '/live' ? 200 : path !== '/health' ? 404 : health.state === 'running' ? 200 : 503;
    response
      .writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' })
      .end(`${JSON.stringify({ service, ...health.report() })}\n`);
  });
  await listening(server, { of: 'health', host, port, hostVariable: 'PSTREAM_HEALTH_HOST', portVariable: 'PSTREAM_HEALTH_PORT' });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
