import { problem } from './problem.js';
import type { HttpRequest, Middleware } from './http.js';

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

/** Refuses requests under a foreign host name or from a page of another origin, so that no web page can reach a gateway on
 *  loopback by rebinding its own name. Problems 'request.foreign-host', 'request.foreign-origin'. */
export const hostCheck = (more: readonly string[]): Middleware => {
  const known = new Set([...LOOPBACK, ...more.map(bracketed)].map((name) => name.toLowerCase()));
  return (request, _response, next) => {
    next(foreignness(request, known));
  };
};

const foreignness = (request: HttpRequest, known: ReadonlySet<string>): unknown => {
  const host = request.headers.host ?? '';
  if (!known.has(nameOf(host))) return problem('request.foreign-host', 403);
  const { origin } = request.headers;
  // Our own pages come from the very host and port that was asked.
  if (
    origin !== undefined &&
    origin.toLowerCase() !== `http://${host.toLowerCase()}` &&
    origin.toLowerCase() !== `https://${host.toLowerCase()}`
  )
    return problem('request.foreign-origin', 403);
  return undefined;
};

/** `Host` without its port. */
const nameOf = (host: string): string => host.replace(/:\d*$/, '').toLowerCase();

const bracketed = (name: string): string => (name.includes(':') && !name.startsWith('[') ? `[${name}]` : name);
