import type { System } from '@pstream/standalone';
import { eventually } from './eventually.js';

/** An answer of the API, whatever its status. */
export type Answer<T = Record<string, unknown>> = { readonly status: number; readonly body: T };

/** What the API says of something that it made: its id, and the position that shows it. */
export type Made = { readonly id: string; readonly stream: string; readonly version: number };

/** The API of a running system; paths are those after `/v1`. */
export type Api = {
  readonly get: <T = Record<string, unknown>>(path: string) => Promise<Answer<T>>;
  /** An operation is answered at its end, with its rows. */
  readonly post: <T = Record<string, unknown>>(path: string, body: unknown) => Promise<Answer<T>>;
  /** The same, answered at once: an operation as it is then. */
  readonly request: <T = Record<string, unknown>>(path: string, body: unknown) => Promise<Answer<T>>;
  /** Sends a change other than a POST: `PATCH`, `DELETE`. */
  readonly send: <T = Record<string, unknown>>(method: string, path: string, body?: unknown) => Promise<Answer<T>>;
  /** Posts what must be accepted; throws where it is refused. */
  readonly make: (path: string, body: unknown) => Promise<Made>;
  /** Waits until a view shows what was made; a fast clock cuts the gateway's own wait short. */
  readonly shows: (path: string, made: Made) => Promise<void>;
  /** A file as it comes. */
  readonly file: (path: string) => Promise<string>;
  /** Text that comes piece by piece until `signal` aborts. */
  readonly stream: (path: string, signal: AbortSignal) => AsyncIterable<string>;
  /** Every page of a list. */
  readonly all: <T>(path: string) => Promise<T[]>;
};

type Operation = { readonly operationId: string; readonly state: string; readonly shown: boolean };
type Row = { readonly outcome: 'accepted' | 'rejected'; readonly reason: { readonly code: string } | null };
type Call = <T>(method: string, path: string) => Promise<Answer<T>>;

/** An operation when it has ended and the lists show it, with its rows as `accepted` and `rejected`. */
const atItsEnd = async (call: Call, requested: Operation): Promise<object> => {
  const path = `/operations/${requested.operationId}`;
  const { body } = await eventually(
    () => call<Operation>('GET', path),
    ({ body: now }) => (now.state === 'finished' && now.shown) || now.state === 'failed',
  );
  const rows = await call<{ readonly items: readonly Row[] }>('GET', `${path}/rows?limit=1000`);
  const of = (outcome: Row['outcome']) =>
    rows.body.items.filter((row) => row.outcome === outcome).map(({ reason, ...row }) => ({ ...row, ...reason }));
  return { ...body, accepted: of('accepted'), rejected: of('rejected') };
};

/** Speaks to a running system with its first token. */
export const apiOf = ({ url, firstToken }: Pick<System, 'url' | 'firstToken'>): Api => {
  const call = async <T>(method: string, path: string, body?: unknown, wait = false): Promise<Answer<T>> => {
    const response = await fetch(`${url}/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${firstToken}`,
        ...(wait ? { prefer: 'wait=20' } : {}),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as T };
  };
  const post = async <T>(path: string, body: unknown): Promise<Answer<T>> => {
    const answer = await call<T>('POST', path, body, true);
    return answer.status === 202 ? { status: 202, body: (await atItsEnd(call, answer.body as Operation)) as T } : answer;
  };
  return {
    get: (path) => call('GET', path),
    post,
    request: (path, body) => call('POST', path, body),
    send: (method, path, body) => call(method, path, body),
    make: async (path, body) => {
      const answer = await post<Made>(path, body);
      if (answer.status >= 300) throw new Error(`${path}: ${JSON.stringify(answer.body)}`);
      return answer.body;
    },
    shows: async (path, { stream, version }) => {
      await eventually(
        () => call('GET', `${path}?atLeast=${stream}:${version}`),
        ({ status }) => status === 200,
      );
    },
    file: async (path) => {
      const response = await fetch(`${url}/v1${path}`, { headers: { authorization: `Bearer ${firstToken}` } });
      return new TextDecoder('utf-8', { ignoreBOM: true }).decode(await response.arrayBuffer());
    },
    stream: async function* (path, signal) {
      const response = await fetch(`${url}/v1${path}`, { headers: { authorization: `Bearer ${firstToken}` }, signal });
      if (response.body !== null) yield* response.body.pipeThrough(new TextDecoderStream());
    },
    all: async <T>(path: string): Promise<T[]> => {
      const found: T[] = [];
      for (let cursor: string | null = ''; cursor !== null; ) {
        const { body }: Answer<{ items: T[]; next: string | null }> = await call(
          'GET',
          `${path}?limit=1000${cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`}`,
        );
        found.push(...body.items);
        cursor = body.next;
      }
      return found;
    },
  };
};
