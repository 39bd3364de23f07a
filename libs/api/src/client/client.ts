import type { Clock, Ids } from '@pstream/kernel';
import { ADDRESSES, type OperationId } from '../addresses.js';
import type { Problem } from '../problems/problem.js';
import type { AnswerOf, ArgsOf } from '../routes.js';
import { ApiError, ApiUnreachable } from './api-error.js';

/** Where the gateway is and how it is called. */
export type ClientOptions = {
  /** Address without a path, such as `http://127.0.0.1:4321`. */
  readonly url: string;
  /** Absent in a browser, whose cookie says who is calling. */
  readonly token?: string;
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  readonly clock: Pick<Clock, 'sleep'>;
  readonly ids: Pick<Ids, 'ulid'>;
  /** Ends every call. */
  readonly signal?: AbortSignal;
  /** What a failed call throws instead of ApiError and ApiUnreachable. */
  readonly failed?: (error: ApiError | ApiUnreachable) => Error;
};

/** What every call may be given beside what its operation takes. */
export type CallOptions = {
  /** Makes a change safe to send again; each call has a new one unless it is given. */
  readonly idempotencyKey?: string;
  /** ETag of what is changed; another version is refused (412). */
  readonly ifMatch?: string;
  /** Seconds that the answer may wait for the end of an operation; at most 30. */
  readonly waitSeconds?: number;
  /** The id of the last event that was heard, to go on listening behind it. */
  readonly lastEventId?: string | undefined;
  /** Ends this call, and the reading of its answer. */
  readonly signal?: AbortSignal;
};

type Method<Id extends OperationId> =
  Record<never, never> extends ArgsOf<Id>
    ? (args?: ArgsOf<Id> & CallOptions) => Promise<AnswerOf<Id>>
    : (args: ArgsOf<Id> & CallOptions) => Promise<AnswerOf<Id>>;

/** A method for each operation. */
export type ApiClient = { readonly [Id in OperationId]: Method<Id> };

/** Sends a request and hands its answer on unread, once it is not a problem. */
export type Opener = <Id extends OperationId>(id: Id, args: ArgsOf<Id> & CallOptions) => Promise<Response>;

/** Arguments as the client reads them, whatever the operation. */
type PlainArgs = CallOptions & {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
  readonly csv?: Uint8Array | string;
};

const TRIES = 3;
const DEFAULT_RETRY_MS = 1_000;

/** Calls operations. A change carries an Idempotency-Key, and what is unavailable (503) is tried again under the same key.
 *  Throws ApiError for a refusal, ApiUnreachable where nothing answers, and the signal's reason when aborted. */
export const apiOpener = (options: ClientOptions): Opener => {
  const { url, fetch, clock } = options;
  return async (id, args) => {
    const signal = eitherOf(options.signal, args.signal);
    const { target, init } = requestOf(options, id, args, signal);
    for (let tries = 1; ; tries++) {
      const response = await fetch(target, init).catch((error: unknown) => {
        if (signal?.aborted === true) throw error;
        throw new ApiUnreachable(url, error);
      });
      if (response.ok) return response;
      if (response.status !== 503 || tries === TRIES) throw new ApiError(id, response.status, problemIn(await textOf(response, url)));
      await response.body?.cancel();
      await clock.sleep(retryMs(response), signal);
    }
  };
};

const eitherOf = (every?: AbortSignal, one?: AbortSignal): AbortSignal | undefined =>
  every === undefined || one === undefined ? (every ?? one) : AbortSignal.any([every, one]);

/** A client with a method for each operation: `client.getMailbox({ params: { mailboxJobId } })`. */
export const apiClient = (options: ClientOptions): ApiClient => {
  const open = apiOpener(options);
  const method = async <Id extends OperationId>(id: Id, args: ArgsOf<Id> & CallOptions): Promise<unknown> => {
    const response = await open(id, args);
    // A file is handed on with the byte order mark it begins with.
    const bytes = await bytesOf(response, options.url);
    const type = response.headers.get('content-type') ?? '';
    if (type.startsWith('application/octet-stream')) return new Uint8Array(bytes);
    const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
    if (text === '') return undefined;
    return type.startsWith('application/json') ? jsonOf(text) : text;
  };
  const call = async (id: OperationId, args: object): Promise<unknown> => {
    try {
      return await method(id, args as never);
    } catch (error) {
      if (options.failed === undefined || !(error instanceof ApiError || error instanceof ApiUnreachable)) throw error;
      throw options.failed(error);
    }
  };
  const methods = (Object.keys(ADDRESSES) as OperationId[]).map((id) => [id, (args: object = {}) => call(id, args)]);
  // One function serves all; `Method` states what each takes and gives.
  return Object.fromEntries(methods) as ApiClient;
};

const requestOf = (
  { url, token, ids }: ClientOptions,
  id: OperationId,
  { params = {}, query = {}, body, csv, idempotencyKey, ifMatch, waitSeconds, lastEventId }: PlainArgs,
  signal: AbortSignal | undefined,
): { readonly target: string; readonly init: RequestInit } => {
  const [method = '', path = ''] = ADDRESSES[id].split(' ');
  const type = csv !== undefined ? 'text/csv' : body === undefined ? undefined : 'application/json';
  const headers = {
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    // What a page of another site cannot send along.
    ...(token === undefined && method !== 'GET' ? { 'x-pstream-csrf': '1' } : {}),
    ...(type === undefined ? {} : { 'content-type': type }),
    ...(ifMatch === undefined ? {} : { 'if-match': ifMatch }),
    ...(waitSeconds === undefined ? {} : { prefer: `wait=${waitSeconds}` }),
    ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
    ...(method !== 'GET' ? { 'idempotency-key': idempotencyKey ?? ids.ulid() } : {}),
  };
  const filled = path.replaceAll(/\{(\w+)\}/g, (_whole, name: string) => encodeURIComponent(params[name] ?? ''));
  return {
    target: `${url}${filled}${queryText(query)}`,
    init: {
      method,
      headers,
      redirect: 'error',
      ...(signal === undefined ? {} : { signal }),
      // The bytes are never shared memory, which alone the types of fetch rule out.
      ...(type === undefined ? {} : { body: csv === undefined ? JSON.stringify(body) : (csv as string) }),
    },
  };
};

const queryText = (query: Readonly<Record<string, unknown>>): string => {
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  return given.length === 0 ? '' : `?${given.map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`).join('&')}`;
};

const bytesOf = async (response: Response, url: string): Promise<ArrayBuffer> => {
  try {
    return await response.arrayBuffer();
  } catch (error) {
    throw new ApiUnreachable(url, error);
  }
};

const textOf = async (response: Response, url: string): Promise<string> => new TextDecoder().decode(await bytesOf(response, url));

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
};

const problemIn = (text: string): Problem | undefined => {
  const value = jsonOf(text);
  return typeof value === 'object' && value !== null && 'code' in value && 'title' in value ? (value as Problem) : undefined;
};

const retryMs = (response: Response): number => {
  const seconds = Number(response.headers.get('retry-after') ?? NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1_000 : DEFAULT_RETRY_MS;
};
