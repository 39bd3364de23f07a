import { addressOf, isFile, operationIds, routeOf, type OperationId } from '@pstream/api';
import type { HttpRequest, Middleware } from './http.js';
import { problem } from './problem.js';

const patterns = operationIds.map((id) => {
  const { method, path } = addressOf(id);
  // As the router takes them: whatever the case, and with or without a slash at the end.
  return { id, method, pattern: new RegExp(`^${path.replaceAll('.', String.raw`\.`).replaceAll(/\{\w+\}/g, '[^/]+')}/?$`, 'i') };
});

/** Refuses what no operation can answer, before the body is read: another method (405 with Allow) and another media type (406). */
export const findOperation: Middleware = (request, response, next) => {
  const here = patterns.filter(({ pattern }) => pattern.test(request.path));
  const method = request.method === 'HEAD' ? 'GET' : request.method;
  const found = here.find((operation) => operation.method === method);
  if (found !== undefined) return next(unacceptable(found.id, request));
  if (here.length === 0) return next();
  response.setHeader('allow', here.map((operation) => operation.method).join(', '));
  return next(problem('request.method-not-allowed', 405));
};

const unacceptable = (id: OperationId, request: HttpRequest): unknown => {
  const { answer } = routeOf(id);
  if (answer === undefined) return undefined;
  const type = isFile(answer) ? answer.mediaType : 'application/json';
  return request.accepts([type]) === false ? problem('request.not-acceptable', 406, { offered: type }) : undefined;
};
