import type { HttpRequest } from './http.js';

/** Cookies know no ports, and two gateways may answer on one host. */
export const portedName = (name: string, { headers }: HttpRequest): string => {
  const port = /:(\d+)$/.exec(headers.host ?? '')?.[1];
  return `${name}${port === undefined ? '' : `-${port}`}`;
};

const nameFor = (request: HttpRequest): string => portedName('pstream-session', request);

/** The value of a cookie, if the request carries it. */
export const cookieOf = (request: HttpRequest, name: string): string | undefined => {
  for (const pair of (request.headers.cookie ?? '').split(';')) {
    const [key, value] = pair.trim().split('=', 2);
    if (key === name && value !== undefined && value !== '') return value;
  }
  return undefined;
};

/** The value of the session's cookie, if the request carries one. */
export const sessionOf = (request: HttpRequest): string | undefined => cookieOf(request, nameFor(request));

/** Whether the browser came over TLS, as far as a request says. Of several proxies in a row, the first was reached by the browser. */
export const isSecure = ({ headers }: HttpRequest): boolean =>
  /^\s*https\s*(?:,|$)/i.test(String(headers['x-forwarded-proto'] ?? '')) || (headers.origin ?? '').startsWith('https:');

/** The header that gives the browser a session, or takes it away (null). No script reads it, no other site sends it. */
export const sessionCookie = (request: HttpRequest, cookie: { readonly value: string; readonly lifeMs: number } | null): string => {
  const seconds = cookie === null ? 0 : Math.floor(cookie.lifeMs / 1_000);
  return `${nameFor(request)}=${cookie?.value ?? ''}; Path=/; Max-Age=${seconds}; HttpOnly; SameSite=Strict${isSecure(request) ? '; Secure' : ''}`;
};
