import type { Middleware } from '../door/http.js';
import type { Scope } from './scope.js';

/** Refuses what belongs to another workgroup, whatever the operation. Comes when the operation is known, before the body is read. */
export const guard =
  (scope: Scope): Middleware =>
  (request, _response, next) => {
    const { caller, pathParams } = request;
    if (caller === undefined || pathParams === undefined) return next();
    return void scope.refusal(caller.principal, pathParams).then(next, next);
  };
