import type { HttpRequest } from './http.js';

/** Cookies know no ports, and two gateways may answer on one host. */
const nameFor = ({ headers }: HttpRequest): string => {
  const port = /:(\d+)$/.exec(headers.host ?? '')?.[1];
  return `pstream-session${port === undefined ? '' : `-${port}`}`;
};

/** The value of the session's cookie, if the request carries one. */
export const sessionOf = (request: HttpRequest): string | undefined => {
  const name = nameFor(request);
  for (const pair of (request.headers.cookie ?? '').split(';')) {
    const [key, value] = pair.trim().split('=', 2);
    if (key === name && value !== undefined && value !== '') return value;
  }
  return undefined;
};

/** The header that gives the browser a session, or takes it away (null). No script reads it, no other site sends it. */
export const sessionCookie = (request: HttpRequest, cookie: { readonly value: string; readonly lifeMs: number } | null): string => {
  const forwarded = request.headers['x-forwarded-proto'];
  const isSecure = forwarded === 'https' || (request.headers.origin ?? '').startsWith('https:');
  const seconds = cookie === null ? 0 : Math.floor(cookie.lifeMs / 1_000);
  return `${nameFor(request)}=${cookie?.value ?? ''}; Path=/; Max-Age=${seconds}; HttpOnly; SameSite=Strict${isSecure ? '; Secure' : ''}`;
};
