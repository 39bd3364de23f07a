import { Fault, isFault, retryAfterMs, systemClock, type Facts, type Retry } from '@pstream/kernel';
import type { Noun } from '../noun.js';

type Foreign = {
  readonly status: number | undefined;
  readonly code: string;
  readonly name: string;
  readonly retryAfterMs: number | undefined;
  readonly requestId: string | undefined;
};

const field = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null && name in value ? (value as Record<string, unknown>)[name] : undefined;
const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

/** No answer makes a caller wait for longer than an hour. */
const LONGEST_WAIT_MS = 3_600_000;

/** What counts of an error of the Azure SDK, of Node's sockets or of @azure/identity. Not by `instanceof`: the SDK makes its own. */
const foreign = (error: unknown): Foreign => {
  const status = field(error, 'statusCode');
  const headers = field(field(error, 'response'), 'headers');
  const get = field(headers, 'get');
  const header = (name: string): string | undefined => (typeof get === 'function' ? text(get.call(headers, name)) : undefined);
  // The SDK has no clock of ours to give; a date in the header is compared with the machine's.
  const told = retryAfterMs(header('retry-after'), systemClock.now());
  const detail = text(field(field(error, 'details'), 'errorCode')) ?? header('x-ms-error-code');
  return {
    status: typeof status === 'number' ? status : undefined,
    code: detail ?? text(field(error, 'code')) ?? text(field(field(error, 'cause'), 'code')) ?? '',
    name: text(field(error, 'name')) ?? '',
    retryAfterMs: told === undefined ? undefined : Math.min(told, LONGEST_WAIT_MS),
    requestId: header('x-ms-request-id'),
  };
};

/** The service's own code, such as 'BlobAlreadyExists'; '' where there is none. */
export const serviceCode = (error: unknown): string => foreign(error).code;

/** HTTP status, or undefined where there was no answer. */
export const statusOf = (error: unknown): number | undefined => foreign(error).status;

/** True where the answer does not tell whether the call took effect: no answer, a time-out, an error of the server. */
export const outcomeUnknown = (error: unknown): boolean => {
  const status = statusOf(error);
  return isFault(error) ? error.retry !== 'never' : status === undefined || status >= 500 || status === 408;
};

/** True where a lease of somebody else, or the loss of ours, stopped the call. */
export const leaseRefused = (error: unknown): boolean => serviceCode(error).startsWith('Lease');

type Verdict = { readonly code: (noun: Noun) => string; readonly retry: Retry; readonly advice: string };
const forbidden = (advice: string): Verdict => ({ code: (noun) => `${noun}.forbidden`, retry: 'never', advice });
const unavailable = (afterMs: number, advice: string): Verdict => ({ code: (noun) => `${noun}.unavailable`, retry: { afterMs }, advice });

const BUSY = unavailable(
  1_000,
  'The storage account does not answer, or asks for patience. If this goes on, look at its health and its limits.',
);
const REFUSED = forbidden('The storage service refuses this kind of request. Is the endpoint that of the blob service of this account?');
const IDENTITY = forbidden(
  'No token could be had for the configured identity. Check the managed identity or the AZURE_* settings, and give it the role "Storage Blob Data Contributor" on the container.',
);

// Circumstances: AuthenticationFailed for a wrong key, an altered or expired SAS and a clock more than 15 minutes off; the
// Authorization… family for a SAS or role that lacks a right, AuthorizationFailure also for the account's firewall, and from Azurite for a wrong key; 409
// BlobImmutableDueToPolicy for delete and overwrite under retention or legal hold (creating works); 503 ServerBusy with Retry-After;
// ECONNRESET for a connection cut in the middle of an answer.
const BY_CODE: Readonly<Record<string, Verdict>> = {
  AuthenticationFailed: forbidden("The account key or SAS is wrong, has expired, or this machine's clock is off by more than 15 minutes."),
  InvalidAuthenticationInfo: forbidden('The credential is not of a form that the service accepts. Check key, SAS or identity.'),
  AuthorizationFailure: forbidden(
    'The account refuses the credential: its firewall may not admit this address, a right is missing, or the key is that of another account.',
  ),
  AuthorizationPermissionMismatch: forbidden(
    'The SAS or role lacks a right: read, create, write, delete and list on the container are needed.',
  ),
  AuthorizationProtocolMismatch: forbidden('The SAS allows https only: use an https endpoint.'),
  AuthorizationSourceIPMismatch: forbidden('The SAS is limited to other addresses than the one this machine has.'),
  AuthorizationServiceMismatch: forbidden('The SAS is not for the blob service.'),
  AuthorizationResourceTypeMismatch: forbidden('The account SAS must cover objects, and containers too if the container is to be made.'),
  InsufficientAccountPermissions: forbidden(
    'The credential may only read: read, create, write, delete and list on the container are needed.',
  ),
  KeyBasedAuthenticationNotPermitted: forbidden('The account does not allow keys: use an identity or a user delegation SAS.'),
  AccountIsDisabled: forbidden('The storage account is disabled.'),
  BlobImmutableDueToPolicy: forbidden('A retention policy or legal hold on the container does not let this blob be changed or deleted.'),
  BlobArchived: forbidden('The blob has been moved to the archive tier: rehydrate it before it can be read.'),
  ContainerNotFound: {
    code: (noun) => `${noun}.not-found`,
    retry: 'never',
    advice: 'The container is not there. Verify the destination again to have it made, or make it by hand.',
  },
  ContainerDisabled: forbidden('The container is disabled.'),
  ContainerBeingDeleted: unavailable(
    30_000,
    'A container of this name is being deleted; the name is free again after about half a minute.',
  ),
  CredentialUnavailableError: IDENTITY,
  AuthenticationError: IDENTITY,
  AuthenticationRequiredError: IDENTITY,
  AggregateAuthenticationError: IDENTITY,
  ENOTFOUND: unavailable(5_000, 'The host name does not resolve. Is the name of the account right, and does this machine resolve names?'),
  Md5Mismatch: unavailable(0, 'Bytes were damaged on their way to the service; they are sent again.'),
};
const TLS = /^(CERT_|ERR_TLS_|ERR_SSL_|SELF_SIGNED|DEPTH_ZERO|UNABLE_TO_)/;

const judge = ({ status, code, name }: Foreign): Verdict => {
  const known = BY_CODE[code] ?? BY_CODE[name];
  if (known !== undefined) return known;
  if (TLS.test(code))
    return forbidden(
      'The certificate of the endpoint is not trusted. Check the endpoint, and NODE_EXTRA_CA_CERTS for an inspecting proxy.',
    );
  if (status === 401 || status === 403)
    return forbidden("The storage account refuses the credential. Check key, SAS or role, and the account's firewall.");
  if (status !== undefined && status >= 300 && status < 400)
    return forbidden('The endpoint redirects elsewhere; credentials are not sent on. Configure the final address.');
  // 409 and 412 that no caller has expected: the state of the blob is changing; the same call again meets a settled one.
  if (status === undefined || status >= 500 || [408, 409, 412, 429].includes(status)) return BUSY;
  return REFUSED;
};

/** Turns an error of the Azure SDK into a Fault of the port. Nothing of the request goes with it: its URL may hold a SAS and its headers
 *  a token. Faults, Defects and aborts pass unchanged. */
export const azureFault = (error: unknown, noun: Noun, facts: Facts): unknown => {
  const told = foreign(error);
  if (isFault(error) || told.name === 'Defect' || told.name === 'AbortError') return error;
  if (told.status === undefined && told.code === '' && BY_CODE[told.name] === undefined && told.name !== 'RestError') return error;
  const verdict = judge(told);
  return new Fault(verdict.code(noun), {
    retry: typeof verdict.retry === 'object' && told.retryAfterMs !== undefined ? { afterMs: told.retryAfterMs } : verdict.retry,
    advice: verdict.advice,
    facts: {
      ...facts,
      ...(told.status === undefined ? {} : { status: told.status }),
      ...(told.code === '' ? {} : { serviceCode: told.code }),
      ...(told.requestId === undefined ? {} : { requestId: told.requestId }),
    },
  });
};
