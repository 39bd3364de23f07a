import { retryAfterMs, withDeadline, type Clock, type Ids } from '@pstream/kernel';
import { CliError } from '../cli/cli-error.js';
import { DEFAULT_URL, type CliConfig } from '../cli/config.js';
import { EXIT } from '../cli/exit-codes.js';
import { problemError, type Problem } from './problem-error.js';

/** Where a command's events went. */
export type Done = { readonly id: string; readonly stream: string; readonly version: number };

/** A page of a list. */
export type Page<T> = { readonly items: readonly T[]; readonly total: number };

export type Query = Readonly<Record<string, string | number | undefined>>;

type Ports = { readonly clock: Clock; readonly ids: Ids; readonly signal: AbortSignal };
type Sent = {
  readonly method: string;
  readonly path: string;
  readonly body?: string | Uint8Array | undefined;
  readonly type?: string;
  readonly as?: 'text';
};

const TIMEOUT_MS = 120_000;
const TRIES = 3;
const PAGE = 1_000;

/** The gateway's routes over HTTP. Every POST carries an Idempotency-Key, so a lost answer is asked for again without harm.
 *  Fails with CliError: exit 12 for 401, 3 for what is refused, 1 for what does not answer. */
export class Client {
  readonly #ports: Ports;
  readonly #url: string;
  readonly #token: string;

  private constructor(url: string, token: string, ports: Ports) {
    this.#url = url;
    this.#token = token;
    this.#ports = ports;
  }

  static of({ url, token }: Pick<CliConfig, 'url' | 'token'>, ports: Ports): Client {
    if (token === undefined || token === '') {
      throw new CliError(EXIT.signInNeeded, {
        what: 'Sign-in needed.',
        why: `There is no token for ${url}.`,
        advice: `pstream login --url ${url} --token-file FILE, or set PSTREAM_TOKEN`,
        details: { code: 'request.unauthenticated' },
      });
    }
    return new Client(url, token, ports);
  }

  get<T>(path: string, query: Query = {}): Promise<T> {
    return this.#call({ method: 'GET', path: `${path}${queryText(query)}` });
  }

  post<T>(path: string, body: unknown, query: Query = {}): Promise<T> {
    return this.#call({ method: 'POST', path: `${path}${queryText(query)}`, body: JSON.stringify(body), type: 'application/json' });
  }

  postCsv<T>(path: string, body: Uint8Array, query: Query = {}): Promise<T> {
    return this.#call({ method: 'POST', path: `${path}${queryText(query)}`, body, type: 'text/csv' });
  }

  delete(path: string): Promise<void> {
    return this.#call({ method: 'DELETE', path });
  }

  /** The answer as text, for what is no JSON. */
  text(path: string): Promise<string> {
    return this.#call({ method: 'GET', path, as: 'text' });
  }

  /** All pages of a list. */
  async all<T>(path: string, query: Query = {}): Promise<Page<T>> {
    const items: T[] = [];
    for (;;) {
      const page = await this.get<Page<T>>(path, { ...query, limit: PAGE, offset: items.length });
      items.push(...page.items);
      if (page.items.length === 0 || items.length >= page.total) return { items, total: items.length };
    }
  }

  async #call<T>(sent: Sent): Promise<T> {
    const key = sent.method === 'POST' ? this.#ports.ids.ulid() : undefined;
    for (let tries = 1; ; tries++) {
      const reply = await this.#send(sent, key);
      if (reply.ok) return reply.body as T;
      if (reply.status !== 503 || tries === TRIES) throw problemError(reply.status, reply.body as Partial<Problem> | undefined);
      await this.#ports.clock.sleep(reply.retryAfterMs, this.#ports.signal);
    }
  }

  async #send(
    { method, path, body, type, as }: Sent,
    key: string | undefined,
  ): Promise<{ readonly ok: boolean; readonly status: number; readonly body: unknown; readonly retryAfterMs: number }> {
    const headers = {
      authorization: `Bearer ${this.#token}`,
      ...(type === undefined ? {} : { 'content-type': type }),
      ...(key === undefined ? {} : { 'idempotency-key': key }),
    };
    const { clock, signal } = this.#ports;
    const address = `${this.#url}${path}`;
    try {
      return await withDeadline(
        clock,
        TIMEOUT_MS,
        signal,
        () => new Error('timeout'),
        async (until) => {
          // oxlint-disable-next-line eslint/no-restricted-globals -- this file is the adapter to the gateway
          const response = await fetch(address, {
            method,
            headers,
            redirect: 'error',
            signal: until,
            ...(body === undefined ? {} : { body: body as string }),
          });
          // A file is handed on with the byte order mark it begins with.
          const text = new TextDecoder('utf-8', { ignoreBOM: as === 'text' }).decode(await response.arrayBuffer());
          return {
            ok: response.ok,
            status: response.status,
            body: response.ok && as === 'text' ? text : parsed(text),
            retryAfterMs: retryAfterMs(response.headers.get('retry-after'), clock.now()) ?? 1_000,
          };
        },
      );
    } catch (error) {
      if (signal.aborted) throw error;
      throw new CliError(EXIT.failed, {
        what: 'The gateway does not answer.',
        why: `Nothing answers at ${this.#url}, or the connection broke.`,
        advice: this.#url === DEFAULT_URL ? 'npm start' : 'check PSTREAM_URL',
        details: { code: 'gateway.unreachable' },
      });
    }
  }
}

const parsed = (text: string): unknown => {
  try {
    return text === '' ? undefined : (JSON.parse(text) as unknown);
  } catch {
    return undefined;
  }
};

const queryText = (query: Query): string => {
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  return given.length === 0 ? '' : `?${given.map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`).join('&')}`;
};
