import { ACCOUNT_SIGN_IN_PATH } from '@pstream/api';
import type { Random } from '@pstream/kernel';
import type { Log } from '@pstream/wiring';
import { originOf } from '../audit/origin.js';
import type { RefusedAttempts } from '../audit/refused-attempts.js';
import { cookieOf, isSecure, portedName, sessionCookie } from '../door/cookies.js';
import type { HttpRequest, HttpResponse, Middleware } from '../door/http.js';
import { problem, ProblemError } from '../door/problem.js';
import type { AccountSignIn } from './account-sign-in.js';
import { choicePage, refusalPage } from './pages.js';
import type { Attempt } from './provider.js';

const CALLBACK = `${ACCOUNT_SIGN_IN_PATH}/callback`;
const ATTEMPT_COOKIE = 'pstream-oidc';
/** How long somebody may take at the provider. */
const ATTEMPT_S = 600;
const NONCE_BYTES = 18;

export type SignInPorts = { readonly random: Pick<Random, 'bytes'>; readonly log: Log; readonly attempts: Pick<RefusedAttempts, 'note'> };

/** The two addresses of signing in with an account: one sends the browser to the provider, to the other it comes back. They answer with pages,
 *  since people see them, and are no operations of the API. Comes before sign-in is asked for. */
export const serveSignIn =
  (accounts: AccountSignIn, { random, log, attempts }: SignInPorts): Middleware =>
  (request, response, next) => {
    if (request.path !== ACCOUNT_SIGN_IN_PATH && request.path !== CALLBACK) return next();
    if (request.method !== 'GET') {
      response.setHeader('allow', 'GET');
      return next(problem('request.method-not-allowed', 405));
    }
    const style = Buffer.from(random.bytes(NONCE_BYTES)).toString('base64');
    const work = request.path === CALLBACK ? finish(accounts, request, response, style) : begin(accounts, request, response);
    void work.catch((error: unknown) => {
      if (!(error instanceof ProblemError)) return next(error);
      const { code, status, facts = {} } = error.problem;
      attempts.note(request, error.problem);
      log.write('warn', 'sign-in.refused', { requestId: request.requestId ?? '', code, ...facts });
      sendPage(response, { status, page: refusalPage(error.problem, style), style });
    });
  };

const begin = async (accounts: AccountSignIn, request: HttpRequest, response: HttpResponse): Promise<void> => {
  const { url, attempt } = await accounts.begin(here(request).href);
  response.setHeader('set-cookie', attemptCookie(request, attempt));
  redirect(response, url.href);
};

/** Whatever comes of it, the attempt is over: the same answer of the provider is not heard twice. */
const finish = async (accounts: AccountSignIn, request: HttpRequest, response: HttpResponse, style: string): Promise<void> => {
  const over = attemptCookie(request, null);
  response.setHeader('set-cookie', over);
  const answer = here(request);
  answer.search = new URL(request.url ?? '', answer).search;
  const outcome = await accounts.finish(answer, attemptOf(request), originOf(request));
  if ('principal' in outcome) {
    response.setHeader('set-cookie', [over, sessionCookie(request, outcome.cookie)]);
    return redirect(response, '/');
  }
  sendPage(response, { status: 200, page: choicePage(outcome, style), style });
};

/** The callback as the browser sees it. The host has been checked. */
const here = (request: HttpRequest): URL => new URL(CALLBACK, `${isSecure(request) ? 'https' : 'http'}://${request.headers.host ?? ''}`);

const redirect = (response: HttpResponse, to: string): void => {
  response.statusCode = 302;
  response.setHeader('location', to);
  response.end();
};

const sendPage = (
  response: HttpResponse,
  { status, page, style }: { readonly status: number; readonly page: string; readonly style: string },
): void => {
  response.statusCode = status;
  response.setHeader('content-type', 'text/html; charset=utf-8');
  response.setHeader(
    'content-security-policy',
    `default-src 'none'; style-src 'nonce-${style}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  );
  response.end(page);
};

/** Lax, since the browser comes back from another site. */
const attemptCookie = (request: HttpRequest, attempt: Attempt | null): string => {
  const value = attempt === null ? '' : [attempt.state, attempt.nonce, attempt.verifier].join('.');
  const age = attempt === null ? 0 : ATTEMPT_S;
  return `${portedName(ATTEMPT_COOKIE, request)}=${value}; Path=${ACCOUNT_SIGN_IN_PATH}; Max-Age=${age}; HttpOnly; SameSite=Lax${isSecure(request) ? '; Secure' : ''}`;
};

const attemptOf = (request: HttpRequest): Attempt | undefined => {
  const found = /^([\w-]{43})\.([\w-]{43})\.([\w-]{43})$/.exec(cookieOf(request, portedName(ATTEMPT_COOKIE, request)) ?? '');
  const [, state, nonce, verifier] = found ?? [];
  return state === undefined || nonce === undefined || verifier === undefined ? undefined : { state, nonce, verifier };
};
