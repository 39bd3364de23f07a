import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { countingIds, type Clock } from '@pstream/kernel';
import { FakeClock, tempDir } from '@pstream/testing';
import { runCli } from './cli/run-cli.js';

/** A request as the fake gateway got it. */
export type Got = {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
};
/** What it answers; a status below 300 unless said otherwise. */
export type Answer = {
  readonly status?: number;
  readonly body?: unknown;
  /** In place of JSON. */ readonly text?: string;
  readonly headers?: Readonly<Record<string, string>>;
};

/** A gateway that answers what it has been given, by `METHOD /path`. */
export class FakeGateway {
  readonly routes = new Map<string, Answer | ((got: Got) => Answer)>();
  readonly got: Got[] = [];
  /** Clients of `GET /v1/events`, which is answered without a route. */
  readonly listeners = new Set<ServerResponse>();
  #events = 0;
  #server: Server | undefined;

  async start(): Promise<string> {
    this.#server = createServer((request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
      request.on('end', () => {
        const url = new URL(request.url ?? '/', 'http://gateway');
        const got: Got = { method: request.method ?? '', path: url.pathname, query: url.searchParams, headers: request.headers, body };
        this.got.push(got);
        if (got.method === 'GET' && got.path === '/v1/events' && !this.routes.has('GET /v1/events')) return this.#listen(response);
        const route = this.routes.get(`${got.method} ${got.path}`) ?? {
          status: 404,
          body: { status: 404, code: 'request.not-found', title: 'No such address', detail: 'Not in this test.' },
        };
        const answer = typeof route === 'function' ? route(got) : route;
        response.writeHead(answer.status ?? 200, {
          'content-type': answer.text === undefined ? 'application/json' : 'text/csv',
          ...answer.headers,
        });
        response.end(answer.text ?? (answer.body === undefined ? '' : JSON.stringify(answer.body)));
      });
    });
    await new Promise<void>((resolve) => this.#server?.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Sends everyone who listens an event; returns its id. */
  send(event: 'changed' | 'reset'): string {
    const id = `0.${++this.#events}`;
    for (const listener of this.listeners) listener.write(`id: ${id}\nevent: ${event}\ndata: {}\n\n`);
    return id;
  }

  #listen(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
    response.write(`id: 0.${this.#events}\nevent: ready\ndata: {}\n\n`);
    this.listeners.add(response);
    response.once('close', () => this.listeners.delete(response));
  }

  /** Answers a list with these items. */
  list(path: string, items: readonly unknown[]): void {
    this.routes.set(`GET ${path}`, { body: { items, total: items.length, limit: 1_000, next: null } });
  }

  /** Requests that changed something. */
  get changes(): readonly Got[] {
    return this.got.filter(({ method }) => method !== 'GET');
  }

  async stop(): Promise<void> {
    this.#server?.closeAllConnections();
    await new Promise((resolve) => this.#server?.close(resolve));
  }
}

/** How a command line ended. */
export type Ended = { readonly exitCode: number; readonly stdout: string; readonly stderr: string };
export type RunOptions = {
  readonly tty?: boolean;
  readonly stdin?: string;
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly clock?: Clock;
  readonly signal?: AbortSignal;
};

/** Runs a command line in this process, with a token for the gateway at `url` unless the environment says otherwise. */
export const runner =
  (url: string) =>
  async (
    argv: readonly string[],
    { tty = false, stdin = '', environment = {}, clock = new FakeClock(), signal = new AbortController().signal }: RunOptions = {},
  ): Promise<Ended> => {
    const told = { stdout: '', stderr: '' };
    const exitCode = await runCli(argv, {
      clock,
      ids: countingIds(),
      stdout: { isTTY: tty, write: (text) => (told.stdout += text) },
      stderr: { isTTY: false, write: (text) => (told.stderr += text) },
      readStdin: () => Promise.resolve(new TextEncoder().encode(stdin)),
      environment: { XDG_CONFIG_HOME: tempDir(), PSTREAM_URL: url, PSTREAM_TOKEN: 'pstream_test', ...environment },
      signal,
    });
    return { exitCode, ...told };
  };

/** A clock whose short sleeps are over at once, and whose long ones never end: deadlines stay away from real sockets. */
export class HastyClock extends FakeClock {
  override async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    if (ms > LONGEST_HASTE_MS) return super.sleep(ms, signal);
    await this.advance(ms);
  }
}
const LONGEST_HASTE_MS = 60_000;
