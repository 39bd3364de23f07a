import { AuthorizationResponseError, ResponseBodyError } from 'openid-client';
import { problem, type ProblemError } from '../door/problem.js';

/** What a provider may answer that is worth repeating: names of errors of the standards. */
const ERROR_NAME = /^[a-z_]{1,40}$/;
/** The provider did not answer, or did not answer as one. */
const NO_ANSWER: ReadonlySet<string> = new Set([
  'OAUTH_RESPONSE_IS_NOT_CONFORM',
  'OAUTH_RESPONSE_IS_NOT_JSON',
  'OAUTH_TIMEOUT',
  'OAUTH_ABORT',
  'OAUTH_HTTP_REQUEST_FORBIDDEN',
  'OAUTH_REQUEST_PROTOCOL_FORBIDDEN',
  'OAUTH_MISSING_SERVER_METADATA',
  'OAUTH_INVALID_SERVER_METADATA',
]);

/** The browser brought something that belongs to no sign-in, or to another one. */
const FOREIGN_ANSWER =
  /"state" parameter|"state" response|response parameter|"iss" \(issuer\) response|only once|no authorization code|JARM|implicit and hybrid/;

/** How the library words a fault, and our name for it. Its messages name fields and never hold their values. */
const REASONS: readonly (readonly [RegExp, (name: string) => string])[] = [
  [/"crit"/, () => 'crit.unsupported'],
  [/(?:JWT|ID Token) "(\w+)".* claim missing/, (claim) => `${claim}.missing`],
  [/(?:JWT|ID Token) "(\w+)".* type$/, (claim) => `${claim}.type`],
  [/ID Token "aud" .*additional untrusted/, () => 'aud.untrusted'],
  [/JWT "alg" header/, () => 'alg.unexpected'],
  [/(?:JWT|ID Token) "(\w+)"/, (claim) => `${claim}.value`],
  [/no applicable keys/, () => 'key.unknown'],
  [/multiple applicable keys/, () => 'key.ambiguous'],
  [/signature verification failed/, () => 'signature.invalid'],
  [/JWE/, () => 'token.encrypted'],
  [/JWS "?alg/, () => 'alg.unsupported'],
  [/Invalid JWT|JWT Header|JWT Payload/, () => 'token.malformed'],
  [/"response" body "(\w+)"/, (field) => `${field}.invalid`],
  [/`token_type`/, () => 'token_type.unsupported'],
];

/** Why a sign-in does not come about, as a problem that holds nothing of what the provider sent but names. */
export const refusalOf = (error: unknown): ProblemError => {
  if (error instanceof AuthorizationResponseError || error instanceof ResponseBodyError)
    return problem('sign-in.provider-refused', 403, { error: ERROR_NAME.test(error.error) ? error.error : 'unknown' });
  const links = chainOf(error);
  if (links.some(isNoAnswer)) return problem('sign-in.provider-unavailable', 503);
  if (links.some(({ message }) => FOREIGN_ANSWER.test(message))) return problem('sign-in.not-begun', 400);
  for (const { message } of links) {
    const named = REASONS.map(([pattern, name]) => ({ found: pattern.exec(message), name })).find(({ found }) => found !== null);
    if (named !== undefined) return problem('sign-in.token-refused', 403, { reason: named.name(named.found?.[1] ?? '') });
  }
  return problem('sign-in.token-refused', 403, { reason: 'token.unusable' });
};

type Link = { readonly message: string; readonly code: string; readonly cause: unknown };

/** What the library found, and what it made of it: innermost first. */
const chainOf = (error: unknown): readonly Link[] => {
  const links: Link[] = [];
  for (let link = linkOf(error); link !== undefined; link = linkOf(link.cause)) links.unshift(link);
  return links;
};

const linkOf = (error: unknown): Link | undefined => {
  if (typeof error !== 'object' || error === null || !('message' in error) || typeof error.message !== 'string') return undefined;
  return { message: error.message, code: 'code' in error ? String(error.code) : '', cause: 'cause' in error ? error.cause : undefined };
};

const isNoAnswer = ({ message, code }: Link): boolean =>
  NO_ANSWER.has(code) || message === TOO_LONG || /fetch failed|failed to parse "response" body/.test(message);

/** Message of an answer that is larger than any provider's. */
export const TOO_LONG = 'the answer of the provider is too long';
