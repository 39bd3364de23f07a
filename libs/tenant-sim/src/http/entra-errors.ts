/** An error of the token endpoint. */
export class EntraError extends Error {
  override readonly name = 'EntraError';

  constructor(
    readonly number: number,
    readonly error: string,
    text: string,
    readonly status = 400,
  ) {
    super(`AADSTS${number}: ${text}`);
  }
}

type Row = readonly [number: number, error: string, status: number, text: string];

const ROWS: readonly Row[] = [
  [7000215, 'invalid_client', 401, 'Invalid client secret provided; the value is expected, not the id of the secret.'],
  [7000222, 'invalid_client', 401, 'The provided client secret keys are expired.'],
  [
    7000216,
    'invalid_request',
    400,
    "'client_assertion', 'client_secret' or 'request' is required for the 'client_credentials' grant type.",
  ],
  [900144, 'invalid_request', 400, 'The request body must contain all required parameters.'],
  [700027, 'invalid_client', 401, 'The certificate with which the client assertion was signed is not registered on the application.'],
  [700024, 'invalid_client', 401, 'Client assertion is not within its valid time range.'],
  [700016, 'unauthorized_client', 400, 'The application was not found in the directory.'],
  [700011, 'invalid_request', 400, 'The application identifier was not found in the directory.'],
  [70001, 'unauthorized_client', 400, 'The application is not supported for this account.'],
  [7000112, 'unauthorized_client', 401, 'The application is disabled.'],
  [7000229, 'unauthorized_client', 400, 'The client application has no service principal in the tenant.'],
  [90002, 'invalid_request', 400, 'The tenant was not found.'],
  [900023, 'invalid_request', 400, 'The tenant identifier is neither a valid DNS name nor a valid external domain.'],
  [90038, 'invalid_request', 400, 'The tenant belongs to a national cloud.'],
  [900382, 'invalid_request', 400, 'Confidential client is not supported in a cross-cloud request.'],
  [900432, 'invalid_request', 400, 'Confidential client is not supported in a cross-cloud request.'],
  [500011, 'invalid_resource', 400, 'The resource principal was not found in the tenant.'],
  [650057, 'invalid_resource', 400, 'Invalid resource: it is not listed in the requested permissions of the registration.'],
  [70011, 'invalid_scope', 400, 'The provided value for the input parameter scope is not valid.'],
  [1002012, 'invalid_scope', 400, 'The provided value for scope is not valid. Client credential flows must end it with /.default.'],
  [65001, 'invalid_grant', 400, 'No administrator has consented to use the application.'],
  [650056, 'invalid_grant', 400, 'Misconfigured application.'],
  [90094, 'invalid_grant', 400, 'An administrator must grant permission.'],
  [53003, 'access_denied', 400, 'Access has been blocked by Conditional Access policies.'],
  [9001023, 'invalid_request', 400, 'The grant type is not supported over the /common or /consumers endpoints.'],
  [90130, 'invalid_request', 400, 'The application is not supported over the /common or /consumers endpoints.'],
  [90055, 'temporarily_unavailable', 503, 'The service is overloaded.'],
  [90006, 'temporarily_unavailable', 503, 'External server timed out.'],
  [90024, 'temporarily_unavailable', 503, 'The request budget was exceeded.'],
  [90033, 'temporarily_unavailable', 503, 'A transient error has occurred.'],
  [50196, 'temporarily_unavailable', 503, 'The server ended the request because it met a client request loop.'],
];

/** The numbers that the sign-in service can be told to answer. */
export const AADSTS_NUMBERS: readonly number[] = ROWS.map(([number]) => number);

/** The error of that number, with the service's `error` word and status; any other number is an `invalid_request`. */
export const aadsts = (number: number): EntraError => {
  const row = ROWS.find(([each]) => each === number);
  return row === undefined ? new EntraError(number, 'invalid_request', 'Sign-in failed.') : new EntraError(number, row[1], row[3], row[2]);
};
