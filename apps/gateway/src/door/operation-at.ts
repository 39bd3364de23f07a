import { addressOf, isFile, operationIds, rolesWith, routeOf, type OperationId, type Right } from '@pstream/api';
import { assert } from '@pstream/kernel';
import type { HttpRequest, Middleware, Principal } from './http.js';
import { problem, type ProblemError } from './problem.js';

const patterns = operationIds.map((id) => {
  const { method, path } = addressOf(id);
  // As the router takes them: whatever the case, and with or without a slash at the end.
  return { id, method, pattern: new RegExp(`^${path.replaceAll('.', String.raw`\.`).replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)')}/?$`, 'i') };
});

/** Refuses what no operation can answer, and what the caller may not do, before the body is read: another method (405 with Allow), another media
 *  type (406), a right that the role does not have (403). Every operation passes here, and nothing else decides on rights. */
export const findOperation: Middleware = (request, response, next) => {
  const here = patterns.filter(({ pattern }) => pattern.test(request.path));
  const method = request.method === 'HEAD' ? 'GET' : request.method;
  const found = here.find((operation) => operation.method === method);
  if (found !== undefined) {
    request.operationId = found.id;
    request.pathParams = paramsIn(found.pattern, request.path);
  }
  if (found !== undefined) return next(forbidden(found.id, request) ?? unacceptable(found.id, request));
  if (here.length === 0) return next();
  response.setHeader('allow', here.map((operation) => operation.method).join(', '));
  return next(problem('request.method-not-allowed', 405));
};

/** As the router hands them to a handler. */
const paramsIn = (pattern: RegExp, path: string): Readonly<Record<string, string>> => {
  const groups = Object.entries(pattern.exec(path)?.groups ?? {});
  return Object.fromEntries(groups.map(([name, value]) => [name, decoded(value)]));
};

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

const forbidden = (id: OperationId, { caller }: HttpRequest): unknown => {
  const { open, right } = routeOf(id);
  if (open === true) return undefined;
  assert(right !== undefined && caller !== undefined, 'an operation that is not open has a right, and its caller is known');
  if (caller.principal.rights.includes(right)) return undefined;
  return missing(right, caller.principal);
};

/** The problem of somebody who lacks a right. */
export const missing = (right: Right, { role }: Principal): ProblemError =>
  problem('right.missing', 403, { right, role, roles: rolesWith(right) });

const unacceptable = (id: OperationId, request: HttpRequest): unknown => {
  const { answer } = routeOf(id);
  if (answer === undefined) return undefined;
  const type = isFile(answer) ? answer.mediaType : 'application/json';
  return request.accepts([type]) === false ? problem('request.not-acceptable', 406, { offered: type }) : undefined;
};
