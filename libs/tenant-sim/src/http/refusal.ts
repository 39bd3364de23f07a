/** The answer is an error of the service: thrown by handlers, turned into `{error: {code, message}}` at the door. */
export class Refusal extends Error {
  override readonly name = 'Refusal';

  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly headers: Readonly<Record<string, string>> = {},
    readonly emptyBody = false,
  ) {
    super(message);
  }
}

/** 400: the request itself is wrong. */
export const badRequest = (message: string, code = 'BadRequest'): Refusal => new Refusal(400, code, message);

/** 400: a query option that this resource does not take. */
export const badQuery = (message: string): Refusal => new Refusal(400, 'ErrorInvalidUrlQuery', message);

/** 400: an id that is not an id. */
export const malformedId = (): Refusal => badRequest('Id is malformed.', 'ErrorInvalidIdMalformed');

/** 403 of a mailbox: missing permission, or the mailbox is outside the scope. */
export const accessDenied = (): Refusal => new Refusal(403, 'ErrorAccessDenied', 'Access is denied. Check credentials and try again.');

/** 404 of an item or a folder. */
export const notFound = (code: 'ErrorItemNotFound' | 'ErrorFolderNotFound'): Refusal =>
  new Refusal(404, code, 'The specified object was not found in the store.');

/** The headers of a refusal that says, in seconds, when to come back; none where it does not say. */
export const retryAfter = (seconds: number | undefined): Readonly<Record<string, string>> =>
  seconds === undefined ? {} : { 'retry-after': String(seconds) };
