import { addressOf, operationIds, routeOf } from '@pstream/api';
import type { TokenStore } from '../tokens/token-store.js';
import type { Middleware } from './http.js';
import { problem } from './problem.js';

/** Operations that need no token. */
const OPEN = new Set(operationIds.filter((id) => routeOf(id).open === true).map((id) => addressOf(id).path));
/** The description of the API, and its pages. */
const DOCS = /^\/docs(?:-json)?(?:\/.*)?$/;
const LONGEST_KEY = 255;

/** Takes the bearer token and notes on the request who is calling. Comes before the body is read.
 *  Problem 'request.unauthenticated' (401). */
export const authenticate =
  (tokens: TokenStore): Middleware =>
  (request, _response, next) => {
    if (OPEN.has(request.path) || DOCS.test(request.path)) return next();
    const token = /^Bearer +([^\s]+) *$/i.exec(request.headers.authorization ?? '')?.[1];
    const by = token === undefined ? undefined : tokens.check(token);
    if (by === undefined) return next(problem('request.unauthenticated', 401));
    const key = request.headers['idempotency-key'];
    if (typeof key === 'string' && (key === '' || key.length > LONGEST_KEY)) {
      return next(
        problem('request.invalid', 400, {}, [
          {
            column: 'Idempotency-Key',
            code: key === '' ? 'field.too-short' : 'field.too-long',
            message: `Use 1 to ${LONGEST_KEY} characters.`,
          },
        ]),
      );
    }
    const ifMatch = request.headers['if-match'];
    const version = ifMatch === undefined || ifMatch === '*' ? undefined : /^"(\d{1,15})"$/.exec(ifMatch)?.[1];
    if (ifMatch !== undefined && ifMatch !== '*' && version === undefined) {
      return next(
        problem('request.invalid', 400, {}, [
          { column: 'If-Match', code: 'field.invalid-format', message: 'Give one ETag as the gateway sent it, such as "3".' },
        ]),
      );
    }
    request.caller = {
      by,
      route: `${request.method} ${request.path}`,
      key: typeof key === 'string' ? key : undefined,
      ifMatch: version === undefined ? undefined : Number(version),
      waitMs: waitOf(request.headers['prefer']),
    };
    return next();
  };

const LONGEST_WAIT_S = 30;

/** RFC 7240: the preference is honoured as far as it is understood. */
const waitOf = (prefer: string | string[] | undefined): number => {
  const seconds = /(?:^|[,;\s])wait\s*=\s*"?(\d{1,6})"?/i.exec(String(prefer ?? ''))?.[1];
  return Math.min(Number(seconds ?? 0), LONGEST_WAIT_S) * 1_000;
};
