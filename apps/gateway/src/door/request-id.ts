import type { Ids } from '@pstream/kernel';
import type { Middleware } from './http.js';

const WELL_FORMED = /^[\w.:-]{1,128}$/;

/** Gives every request an id: the caller's `X-Request-Id` if it is well-formed, else a new one. Answer and log carry it. */
export const requestId =
  (ids: Pick<Ids, 'ulid'>): Middleware =>
  (request, response, next) => {
    const given = request.headers['x-request-id'];
    request.requestId = typeof given === 'string' && WELL_FORMED.test(given) ? given : ids.ulid();
    response.setHeader('x-request-id', request.requestId);
    next();
  };
