import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterTheFile } from '../jest-globals.js';

/** A TCP proxy in front of a broker that plays an unreliable network. Clients that begin at `brokers` never see the broker's own address:
 *  the broker has a listener that is advertised as this proxy. */
export type KafkaProxy = {
  readonly brokers: readonly string[];
  /** The next `count` produce requests reach the broker, which carries them out; instead of the reply the client gets a closed connection. */
  loseReplies(count: number): void;
  /** Replies lost so far. */
  readonly lost: number;
  /** Connections are closed, and new ones too: a broker that went away. */
  cut(): void;
  /** Connections stay open and nothing passes: a network that drops every packet. */
  silence(): void;
  /** Ends `cut` and `silence`; what was under way arrives late. */
  restore(): void;
  close(): void;
};

/** A proxy that listens before it knows its broker, whose settings need the proxy's port. */
export type WaitingProxy = KafkaProxy & { readonly port: number; to(host: string, port: number): void };

const PRODUCE = 0;

type Pair = { readonly client: Socket; readonly broker: Socket };

/** Starts a proxy on a free port of 127.0.0.1. */
export const kafkaProxy = async (): Promise<WaitingProxy> => {
  const proxy = new BrokerProxy();
  await proxy.listen();
  afterTheFile(() => proxy.close());
  return proxy;
};

class BrokerProxy implements WaitingProxy {
  port = 0;
  lost = 0;
  readonly #pairs = new Set<Pair>();
  readonly #server: Server;
  #target = { host: '127.0.0.1', port: 0 };
  #state: 'open' | 'cut' | 'silent' = 'open';
  #toLose = 0;

  constructor() {
    this.#server = createServer((client) => this.#accept(client));
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    const address = this.#server.address();
    if (address !== null && typeof address === 'object') this.port = address.port;
  }

  get brokers(): readonly string[] {
    return [`127.0.0.1:${this.port}`];
  }

  to(host: string, port: number): void {
    this.#target = { host, port };
  }

  loseReplies(count: number): void {
    this.#toLose = count;
  }

  cut(): void {
    this.#state = 'cut';
    for (const pair of this.#pairs) this.#end(pair);
  }

  silence(): void {
    this.#state = 'silent';
    for (const { client, broker } of this.#pairs) for (const socket of [client, broker]) socket.pause();
  }

  restore(): void {
    this.#state = 'open';
    for (const { client, broker } of this.#pairs) for (const socket of [client, broker]) socket.resume();
  }

  close(): void {
    this.cut();
    this.#server.close();
  }

  #accept(client: Socket): void {
    if (this.#state === 'cut') {
      client.destroy();
      return;
    }
    const broker = connect(this.#target);
    const pair: Pair = { client, broker };
    this.#pairs.add(pair);
    const awaited = new Set<number>();
    // A request is: size, api key, api version, correlation id. A reply is: size, correlation id.
    const requests = framesOf((frame) => {
      if (frame.readInt16BE(4) === PRODUCE && this.#toLose > 0) {
        this.#toLose--;
        awaited.add(frame.readInt32BE(8));
      }
      broker.write(frame);
    });
    const replies = framesOf((frame) => {
      if (!awaited.delete(frame.readInt32BE(4))) {
        client.write(frame);
        return;
      }
      this.lost++;
      this.#end(pair);
    });
    client.on('data', requests);
    broker.on('data', replies);
    for (const socket of [client, broker]) {
      socket.on('error', () => this.#end(pair));
      socket.on('close', () => this.#end(pair));
      if (this.#state === 'silent') socket.pause();
    }
  }

  #end(pair: Pair): void {
    if (!this.#pairs.delete(pair)) return;
    pair.client.destroy();
    pair.broker.destroy();
  }
}

/** Takes bytes as they arrive and hands over whole frames: four bytes of size, then as many bytes. */
const framesOf = (frame: (bytes: Buffer) => void): ((chunk: Buffer) => void) => {
  let pending: Buffer = Buffer.alloc(0);
  return (chunk) => {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    while (pending.length >= 4) {
      const end = 4 + pending.readInt32BE(0);
      if (pending.length < end) return;
      frame(pending.subarray(0, end));
      pending = pending.subarray(end);
    }
  };
};
