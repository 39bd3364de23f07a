import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a webhook brought. */
export type Posted = {
  /** The same for every attempt to send one notice. */
  readonly id: string;
  readonly counts: Readonly<Record<string, number>>;
  readonly entries: readonly { readonly kind: string; readonly passId?: string; readonly passKind?: string }[];
};

/** Takes webhooks. While it holds them, it reads a notice and gives no answer. */
export class Receiver {
  readonly posted: Posted[] = [];
  /** Ids of notices that got no answer. */
  readonly held: string[] = [];
  isHolding = false;
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const id = String(request.headers['webhook-id']);
        if (this.isHolding) return void this.held.push(id);
        const { data } = JSON.parse(Buffer.concat(chunks).toString()) as { data: Omit<Posted, 'id'> };
        this.posted.push({ id, counts: data.counts, entries: data.entries });
        response.writeHead(204).end();
      });
    });
  }

  static async start(): Promise<Receiver> {
    const receiver = new Receiver();
    await new Promise<void>((resolve) => receiver.#server.listen(0, '127.0.0.1', resolve));
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/hook`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
