import { apiClient, type ApiClient } from '@pstream/api/client';
import { withDeadline, type Clock, type Ids } from '@pstream/kernel';
import { CliError } from '../cli/cli-error.js';
import type { CliConfig } from '../cli/config.js';
import { EXIT } from '../cli/exit-codes.js';
import { cliError } from './problem-error.js';

/** The operations of the gateway. They fail with CliError: exit 12 for 401, 3 for what is refused, 1 for what does not answer. */
export type Client = ApiClient;

type Ports = { readonly clock: Clock; readonly ids: Ids; readonly signal: AbortSignal };

const TIMEOUT_MS = 120_000;

/** A client of the gateway at `url`. CliError with exit 12 without a token. */
export const clientOf = ({ url, token }: Pick<CliConfig, 'url' | 'token'>, { clock, ids, signal }: Ports): Client => {
  if (token === undefined || token === '') {
    throw new CliError(EXIT.signInNeeded, {
      what: 'Sign-in needed.',
      why: `There is no token for ${url}.`,
      advice: `pstream login --url ${url} --token-file FILE, or set PSTREAM_TOKEN`,
      details: { code: 'request.unauthenticated' },
    });
  }
  return apiClient({
    url,
    token,
    clock,
    ids,
    signal,
    failed: (error) => cliError(error, url),
    // The deadline holds for the body as well, so it is read here.
    fetch: (address, init) =>
      withDeadline(
        clock,
        TIMEOUT_MS,
        signal,
        () => new Error('timeout'),
        async (until) => {
          // oxlint-disable-next-line eslint/no-restricted-globals -- this file is the adapter to the gateway
          const response = await fetch(address, { ...init, signal: until });
          const body = await response.arrayBuffer();
          return new Response(response.status === 204 ? null : body, { status: response.status, headers: response.headers });
        },
      ),
  });
};
