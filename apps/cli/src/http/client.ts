import type { ArgsOf } from '@pstream/api';
import { apiClient, ApiError, apiOpener, ApiUnreachable, type ApiClient, type ClientOptions, type Opener } from '@pstream/api/client';
import { withDeadline, type Clock, type Ids } from '@pstream/kernel';
import { CliError } from '../cli/cli-error.js';
import type { CliConfig } from '../cli/config.js';
import { EXIT } from '../cli/exit-codes.js';
import { cliError, unreachable } from './problem-error.js';

/** The operations of the gateway. They fail with CliError: exit 12 for 401, 3 for what is refused, 1 for what does not answer. */
export type Client = ApiClient;

type Ports = { readonly clock: Clock; readonly ids: Ids; readonly signal: AbortSignal };

const TIMEOUT_MS = 120_000;

type Gateway = Pick<CliConfig, 'url' | 'token'>;

/** A client of the gateway at `url`. CliError with exit 12 without a token. */
export const clientOf = (gateway: Gateway, ports: Ports): Client => clientWith(optionsOf(gateway, ports), ports, {});

/** A client that has signed in with a one-time code. CliError as above; exit 12 if the code does not work. */
export const signedInBy = async (url: string, code: string, ports: Ports): Promise<Client> => {
  let cookie = '';
  const { clock, ids, signal } = ports;
  const options = { url, clock, ids, signal };
  await clientWith(options, ports, {
    seen: (headers) => (cookie = (headers.get('set-cookie') ?? '').split(';', 1)[0] ?? ''),
  }).createSession({
    body: { code },
  });
  return clientWith(options, ports, { cookie });
};

const clientWith = (
  options: Omit<ClientOptions, 'fetch'>,
  ports: Ports,
  { cookie, seen }: { readonly cookie?: string; readonly seen?: (headers: Headers) => void },
): Client =>
  apiClient({
    ...options,
    failed: (error) => cliError(error, options.url),
    // The deadline holds for the body as well, so it is read here.
    fetch: (address, init) =>
      withDeadline(
        ports.clock,
        TIMEOUT_MS,
        ports.signal,
        () => new Error('timeout'),
        async (until) => {
          const headers = { ...(init.headers as Record<string, string>), ...(cookie === undefined ? {} : { cookie }) };
          const response = await get(address, { ...init, headers, signal: until });
          seen?.(response.headers);
          const body = await response.arrayBuffer();
          return new Response(response.status === 204 ? null : body, { status: response.status, headers: response.headers });
        },
      ),
  });

/** Opens the stream of what changes in a project, behind the event with this id; `signal` ends it, there is no deadline. Rejects as the
 *  operations of `clientOf` do. */
export const openEvents = async (
  gateway: Gateway,
  ports: Ports,
  { project, lastEventId }: { readonly project: string; readonly lastEventId: string | undefined },
): Promise<AsyncIterable<Uint8Array>> => {
  return bodyOf(gateway, ports, (open) => open('listenToEvents', { query: { project }, lastEventId }));
};

/** Opens a file that may be too long to be held whole. Rejects as the operations of `clientOf` do. */
export const openFile = <Id extends 'downloadAuditCsv' | 'downloadAuditRecords'>(
  gateway: Gateway,
  ports: Ports,
  id: Id,
  args: ArgsOf<Id>,
): Promise<AsyncIterable<Uint8Array>> => bodyOf(gateway, ports, (open) => open(id, args));

const bodyOf = async (gateway: Gateway, ports: Ports, request: (open: Opener) => Promise<Response>): Promise<AsyncIterable<Uint8Array>> => {
  try {
    const { body } = await request(apiOpener({ ...optionsOf(gateway, ports), fetch: get }));
    if (body === null) throw unreachable(gateway.url);
    return body;
  } catch (error) {
    throw error instanceof ApiError || error instanceof ApiUnreachable ? cliError(error, gateway.url) : error;
  }
};

// oxlint-disable-next-line eslint/no-restricted-globals -- this file is the adapter to the gateway
const get = (address: string, init: RequestInit): Promise<Response> => fetch(address, init);

const optionsOf = ({ url, token }: Gateway, { clock, ids, signal }: Ports): Omit<ClientOptions, 'fetch'> => {
  if (token === undefined || token === '') {
    throw new CliError(EXIT.signInNeeded, {
      what: 'Sign-in needed.',
      why: `There is no token for ${url}.`,
      advice: `pstream login --url ${url} --token-file FILE, or set PSTREAM_TOKEN`,
      details: { code: 'request.unauthenticated' },
    });
  }
  return { url, token, clock, ids, signal };
};
