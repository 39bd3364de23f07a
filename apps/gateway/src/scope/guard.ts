import type { HttpRequest, Middleware, Principal } from '../door/http.js';
import type { Scope } from './scope.js';

/** Refuses what belongs to another workgroup, whatever the operation. Comes when the operation is known, before the body is read. */
export const guard =
  (scope: Scope): Middleware =>
  (request, _response, next) => {
    const { caller, pathParams } = request;
    if (caller === undefined || pathParams === undefined) return next();
    return void refusal(scope, caller.principal, pathParams, request).then((refused) => {
      if (refused !== undefined) request.isHidden = true;
      next(refused);
    }, next);
  };

const refusal = async (
  scope: Scope,
  principal: Principal,
  params: Readonly<Record<string, string>>,
  { query: { atLeast } }: HttpRequest,
): Promise<unknown> =>
  (await scope.refusal(principal, params)) ?? (typeof atLeast === 'string' ? scope.refusalToWait(principal, atLeast) : undefined);
