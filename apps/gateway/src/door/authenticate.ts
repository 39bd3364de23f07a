import { addressOf, operationIds, routeOf } from '@pstream/api';
import type { Callers } from '../callers/callers.js';
import type { HttpRequest, Middleware, Principal } from './http.js';
import { problem } from './problem.js';
import { isDocs } from './serve-docs.js';

/** Operations that anybody may call, exactly as they are written; a parameter is one segment of the path. */
const OPEN = operationIds
  .filter((id) => routeOf(id).open === true)
  .map((id) => {
    const { method, path } = addressOf(id);
    return new RegExp(`^${method} ${path.replaceAll('.', String.raw`\.`).replaceAll(/\{\w+\}/g, '[^/]+')}$`);
  });
const LONGEST_KEY = 255;

/** Finds out who is calling and notes it on the request. Comes before the body is read.
 *  Problems 'request.unauthenticated' (401), 'request.csrf-header-missing', 'request.foreign-origin' (403). */
export const authenticate =
  (callers: Callers): Middleware =>
  (request, _response, next) => {
    const method = request.method === 'HEAD' ? 'GET' : request.method;
    const asked = `${method} ${request.path}`;
    if (OPEN.some((operation) => operation.test(asked)) || isDocs(request.path)) return next();
    void callers
      .identify(request)
      .then((principal) => next(principal === undefined ? problem('request.unauthenticated', 401) : refusal(request, principal)), next);
  };

/** Notes the caller on the request, unless a header is not as it must be. */
const refusal = (request: HttpRequest, principal: Principal): unknown => {
  if (principal.signedInBy === 'session') {
    const forged = forgery(request);
    if (forged !== undefined) return forged;
  }
  const key = request.headers['idempotency-key'];
  if (typeof key === 'string' && (key === '' || key.length > LONGEST_KEY)) {
    return problem('request.invalid', 400, {}, [
      {
        column: 'Idempotency-Key',
        code: key === '' ? 'field.too-short' : 'field.too-long',
        message: `Use 1 to ${LONGEST_KEY} characters.`,
      },
    ]);
  }
  const ifMatch = request.headers['if-match'];
  const version = ifMatch === undefined || ifMatch === '*' ? undefined : /^"(\d{1,15})"$/.exec(ifMatch)?.[1];
  if (ifMatch !== undefined && ifMatch !== '*' && version === undefined) {
    return problem('request.invalid', 400, {}, [
      { column: 'If-Match', code: 'field.invalid-format', message: 'Give one ETag as the gateway sent it, such as "3".' },
    ]);
  }
  request.caller = {
    principal,
    by: principal.by,
    route: `${request.method} ${request.path}`,
    key: typeof key === 'string' ? key : undefined,
    ifMatch: version === undefined ? undefined : Number(version),
    waitMs: waitOf(request.headers['prefer']),
  };
  return undefined;
};

/** A cookie goes along with whatever a browser sends, also from a page of another port of this host; this header does not. */
const forgery = ({ method = 'GET', headers }: HttpRequest): unknown => {
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return problem('request.foreign-origin', 403);
  if (method === 'GET' || method === 'HEAD' || headers['x-pstream-csrf'] === '1') return undefined;
  return problem('request.csrf-header-missing', 403);
};

const LONGEST_WAIT_S = 30;

/** RFC 7240: the preference is honoured as far as it is understood. */
const waitOf = (prefer: string | string[] | undefined): number => {
  const seconds = /(?:^|[,;\s])wait\s*=\s*"?(\d{1,6})"?/i.exec(String(prefer ?? ''))?.[1];
  return Math.min(Number(seconds ?? 0), LONGEST_WAIT_S) * 1_000;
};
