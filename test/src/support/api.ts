import type { Done, Operation, OperationRow } from '@pstream/api';
import { allPages, apiClient, rowsOf, type ApiClient, type PageQuery } from '@pstream/api/client';
import { systemClock, systemIds } from '@pstream/kernel';
import type { System } from '@pstream/standalone';
import { eventually } from './eventually.js';

/** An answer of the API, whatever its status. */
export type Answer<T = Record<string, unknown>> = { readonly status: number; readonly body: T };

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
  readonly make: (path: string, body: unknown) => Promise<Done>;
  /** Waits until a view shows what was made; a fast clock cuts the gateway's own wait short. */
  readonly shows: (path: string, made: Done) => Promise<void>;
  /** A file as it comes. */
  readonly file: (path: string) => Promise<string>;
  /** Text that comes piece by piece until `signal` aborts. */
  readonly stream: (path: string, signal: AbortSignal) => AsyncIterable<string>;
  /** Every page of a list. */
  readonly all: <T>(path: string) => Promise<T[]>;
};

/** An operation when it has ended and the lists show it, with its rows as `accepted` and `rejected`; a fast clock cuts the gateway's own wait
 *  short. */
const atItsEnd = async (client: ApiClient, { operationId }: Operation): Promise<object> => {
  const ended = await eventually(
    () => client.getOperation({ params: { operationId } }),
    ({ state, shown }) => (state === 'finished' && shown) || state === 'failed',
  );
  const of = async (outcome: OperationRow['outcome']): Promise<object[]> =>
    (await rowsOf(client, ended, outcome)).map(({ reason, ...row }) => ({ ...row, ...reason }));
  return { ...ended, accepted: await of('accepted'), rejected: await of('rejected') };
};

/** Speaks to a running system with its first token. */
export const apiOf = ({ url, firstToken }: Pick<System, 'url' | 'firstToken'>): Api => {
  const client = apiClient({ url, token: firstToken ?? '', fetch, clock: systemClock, ids: systemIds });
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
    return answer.status === 202 ? { status: 202, body: (await atItsEnd(client, answer.body as Operation)) as T } : answer;
  };
  return {
    get: (path) => call('GET', path),
    post,
    request: (path, body) => call('POST', path, body),
    send: (method, path, body) => call(method, path, body),
    make: async (path, body) => {
      const answer = await post<Done>(path, body);
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
      type Page = { readonly items: T[]; readonly next: string | null };
      const page = async ({ limit, cursor }: PageQuery): Promise<Page> =>
        (await call<Page>('GET', `${path}?limit=${limit}${cursor === undefined ? '' : `&cursor=${cursor}`}`)).body;
      return (await allPages(page)).items;
    },
  };
};
