import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** How the usage report answers: with addresses, with names concealed as the tenant's privacy setting has it, or not at all, as in a national cloud. */
export type ReportOptions = 'shown' | 'concealed' | 'absent';

/** The host that reports are fetched from: another one than Graph's. An address of a report is good by itself and refuses whoever sends a token along. */
export class ReportHost {
  readonly options: ReportOptions;
  readonly #reports = new Map<string, string>();
  #server: Promise<Server> | undefined;

  constructor(options: ReportOptions) {
    this.options = options;
  }

  /** Keeps a report; returns its address. */
  async keep(csv: string): Promise<string> {
    const path = `/data/download/${randomBytes(12).toString('base64url')}`;
    this.#reports.set(path, csv);
    const server = await (this.#server ??= this.#listen());
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`;
  }

  async #listen(): Promise<Server> {
    const server = createServer(({ url = '', headers }, response) => {
      const csv = this.#reports.get(url);
      if (headers.authorization !== undefined) response.writeHead(400).end('a token has no business here');
      else if (csv === undefined) response.writeHead(404).end();
      else response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(csv);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return server;
  }

  async close(): Promise<void> {
    const server = await this.#server;
    if (server === undefined) return;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeAllConnections();
    await closed;
  }
}
