import type { ConfidentialClientApplication, INetworkModule, NetworkRequestOptions, NetworkResponse } from '@azure/msal-node';
import { Fault, isFault, retryAfterMs, untilAborted, withDeadline, type Clock } from '@pstream/kernel';
import { resolveAuthority } from './authority.js';
import { classifySignIn, signInUnreachable } from './classify-sign-in.js';
import type { TenantConnection } from '../client.js';
import { readBody, type HttpTransport } from '../http/http.js';

/** A bearer token with its life in seconds from now. Never logged, never part of an error. */
export type Token = { readonly value: string; readonly expiresInS: number };

/** Hands out app-only tokens of one tenant from msal's cache; a new one is asked for once, however many wait for it.
 *  Faults `entra.*`; none carries the secret, the assertion or msal's own message. */
export interface TokenSource {
  /** `refusedToken` is one that Graph did not take: if it is still the cached one, it is replaced. */
  token(signal?: AbortSignal, refusedToken?: Token): Promise<Token>;
}

// msal's request for the scope is fixed: this client reads Graph and nothing else.
const SCOPES = ['https://graph.microsoft.com/.default'];
const SIGN_IN_MS = 60_000;
/** msal renews a token that has less than five minutes left. */
const FRESH_MS = 300_000;
const REPLY_BYTES = 1024 * 1024;

/** Builds the token source of a connection. Faults of `resolveAuthority`; `token` has 'entra.credential-unusable' for a broken key (never). */
export const tokenSource = (connection: TenantConnection, clock: Clock, transport: HttpTransport): TokenSource => {
  const authority = resolveAuthority(connection.tenantId, connection.authorityUrl);
  const seen: Seen = { fault: undefined, issued: undefined, expiresAtMs: 0 };
  let app: ConfidentialClientApplication | undefined;
  let current: Token | undefined;
  let asking: Promise<Token> | undefined;
  let renewing: Promise<Token> | undefined;

  const acquire = async (skipCache: boolean): Promise<Token> => {
    seen.fault = undefined;
    // Loaded with the first token: processes that call no tenant start earlier. If it cannot be, no credential is to blame.
    const msal = await import('@azure/msal-node');
    try {
      app ??= application(msal, connection, authority, tokenNetwork(transport, authority.tokenOrigin, clock, seen));
      const result = await app.acquireTokenByClientCredential({ scopes: SCOPES, skipCache });
      if (result === null || result.accessToken === '') throw signInUnreachable('no token in the reply');
      const lifeMs = seen.issued === result.accessToken ? seen.expiresAtMs - clock.monotonicMs() : 0;
      return (current = { value: result.accessToken, expiresInS: Math.max(0, Math.round(lifeMs / 1000)) });
    } catch (error) {
      // The network module has seen the reply and said what it means; msal's own errors repeat text that is not ours to show.
      throw seen.fault ?? (isFault(error) ? error : unusable(error));
    }
  };

  return {
    token: async (signal, refusedToken) => {
      signal?.throwIfAborted();
      // What msal would hand out of its cache too, without asking it for every call.
      const leftMs = seen.expiresAtMs - clock.monotonicMs();
      if (refusedToken === undefined && current !== undefined && current.value === seen.issued && leftMs > FRESH_MS)
        return { ...current, expiresInS: Math.round(leftMs / 1000) };
      if (refusedToken !== undefined && refusedToken.value === current?.value) {
        renewing ??= acquire(true).finally(() => {
          renewing = undefined;
        });
      }
      if (renewing === undefined) {
        asking ??= acquire(false).finally(() => {
          asking = undefined;
        });
      }
      // The shared request goes on for the others when one caller gives up.
      return untilAborted((renewing ?? asking)!, signal);
    },
  };
};

/** What the network module saw of the last exchange with the sign-in service. */
type Seen = { fault: Fault | undefined; issued: string | undefined; /** Monotonic. */ expiresAtMs: number };

const application = (
  {
    ConfidentialClientApplication: Application,
    LogLevel,
  }: Pick<typeof import('@azure/msal-node'), 'ConfidentialClientApplication' | 'LogLevel'>,
  connection: TenantConnection,
  authority: ReturnType<typeof resolveAuthority>,
  networkClient: INetworkModule,
): ConfidentialClientApplication => {
  const { credential } = connection;
  try {
    return new Application({
      auth: {
        clientId: connection.clientId,
        authority: authority.authority,
        knownAuthorities: authority.knownAuthorities,
        ...(authority.metadata === undefined ? {} : { authorityMetadata: authority.metadata }),
        ...(credential.kind === 'secret'
          ? { clientSecret: credential.secret }
          : { clientCertificate: { thumbprintSha256: credential.thumbprintSha256, privateKey: credential.privateKeyPem } }),
      },
      system: {
        networkClient,
        disableInternalRetries: true,
        loggerOptions: { piiLoggingEnabled: false, logLevel: LogLevel.Error, loggerCallback: () => undefined },
      },
    });
  } catch (error) {
    throw unusable(error);
  }
};

/** msal's network: one POST to the token end point of the configured authority, through our transport and with our deadline. Whatever
 *  is not 200 is classified here and passed on as a plain 400, so that msal keeps no throttling ledger of its own. */
const tokenNetwork = (transport: HttpTransport, origin: string, clock: Clock, seen: Seen): INetworkModule => {
  const send = async <T>(method: 'GET' | 'POST', url: string, options: NetworkRequestOptions | undefined): Promise<NetworkResponse<T>> => {
    if (!url.startsWith(`${origin}/`)) {
      seen.fault = signInUnreachable('an address other than the token end point');
      throw seen.fault;
    }
    try {
      return await withDeadline(
        clock,
        SIGN_IN_MS,
        undefined,
        () => signInUnreachable('no answer in time'),
        async (signal) => {
          const request = { method, url, headers: { ...options?.headers }, ...(options?.body === undefined ? {} : { body: options.body }) };
          const reply = await transport.send(request, signal);
          const body = parse(await readBody(reply, REPLY_BYTES));
          if (reply.status === 200 && typeof body['access_token'] === 'string') {
            seen.issued = body['access_token'];
            seen.expiresAtMs = clock.monotonicMs() + (Number(body['expires_in']) || 0) * 1000;
          }
          if (seen.issued !== undefined && seen.issued === body['access_token']) return { status: 200, headers: {}, body: body as T };
          seen.fault = refused(reply.status, body, retryAfterMs(reply.headers['retry-after'], clock.now()));
          return { status: 400, headers: {}, body: { error: 'invalid_request', error_description: seen.fault.code } as T };
        },
      );
    } catch (error) {
      seen.fault ??= isFault(error) ? error : signInUnreachable(errorCode(error));
      throw error;
    }
  };
  return {
    sendGetRequestAsync: (url, options) => send('GET', url, options),
    sendPostRequestAsync: (url, options) => send('POST', url, options),
  };
};

const refused = (status: number, body: Readonly<Record<string, unknown>>, afterMs: number | undefined): Fault => {
  const text = (name: string): string => (typeof body[name] === 'string' ? body[name] : '');
  const listed = Array.isArray(body['error_codes']) ? body['error_codes'].filter((code): code is number => typeof code === 'number') : [];
  const spelled = [...text('error_description').matchAll(/AADSTS(\d{4,9})/g)].map((match) => Number(match[1]));
  const traceId = /^[\w-]{1,64}$/.exec(text('trace_id'))?.[0] ?? null;
  // A 200 without a token or a redirect is no answer of Entra's.
  if (status < 400) return signInUnreachable(`status ${String(status)} without a token`);
  const codes = [...new Set(listed.length > 0 ? listed : spelled)];
  return classifySignIn({ status, error: text('error'), codes, traceId, ...(afterMs === undefined ? {} : { retryAfterMs: afterMs }) });
};

const parse = (body: Buffer | undefined): Readonly<Record<string, unknown>> => {
  try {
    const value: unknown = JSON.parse(body?.toString('utf8') ?? '');
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
};

/** A key or setting that msal or the crypto library cannot use. Their messages may quote it, so only the code is kept. */
const unusable = (error: unknown): Fault =>
  new Fault('entra.credential-unusable', {
    retry: 'never',
    facts: { because: errorCode(error) },
    advice:
      'The credential cannot be used as it stands. A certificate needs its SHA-256 thumbprint in hex and its private key as unencrypted PEM.',
  });

const errorCode = (error: unknown): string => {
  const { code, errorCode: msalCode } = error as { code?: unknown; errorCode?: unknown };
  const text = typeof code === 'string' ? code : typeof msalCode === 'string' ? msalCode : '';
  return /^[\w.-]{1,60}$/.test(text) ? text : 'unknown';
};
