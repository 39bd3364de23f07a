import type { CallEffect } from '../fault-script.js';
import type { Reply } from './call.js';
import type { Context } from './context.js';
import { EntraError, aadsts } from './entra-errors.js';
import { throttled } from './gate.js';
import { Refusal, retryAfter } from './refusal.js';
import type { Route } from './routes.js';
import type { TokenService } from './tokens.js';

/** A request to the sign-in service, for a token or for the description of its endpoints. */
export type SignInCall = {
  readonly route: Extract<Route, { is: 'token' | 'discovery' }>;
  readonly method: string | undefined;
  readonly body: () => Promise<Buffer>;
};

/** Answers one. Throws EntraError, and Refusal where a rule asks for it. */
export const answerSignIn = async (
  { context, tokens }: { readonly context: Context; readonly tokens: TokenService },
  { route, method, body }: SignInCall,
  effects: readonly CallEffect[],
): Promise<Reply> => {
  const { origin, tenant, clock } = context;
  if (route.is === 'discovery') {
    if (route.tenant.toLowerCase() !== tenant.source.tenantId) throw aadsts(90002);
    return { status: 200, json: discovery(origin, route.tenant) };
  }
  if (method !== 'POST') throw new EntraError(900561, 'invalid_request', 'The endpoint only accepts POST requests.', 405);
  for (const effect of effects) {
    if (effect.effect === 'aadsts') throw aadsts(effect.number);
    if (effect.effect === 'delay') await clock.sleep(effect.milliseconds);
    if (effect.effect === 'throttle') throw throttled('RequestCount', effect.retryAfterSeconds, effect.code);
    if (effect.effect === 'unavailable') throw aadsts(90033);
    if (effect.effect === 'error')
      throw new Refusal(effect.status, effect.code, effect.message ?? '', retryAfter(effect.retryAfterSeconds), effect.emptyBody);
  }
  const form = new URLSearchParams((await body()).toString('utf8'));
  const json = tokens.issue(route.tenant, form, `${origin}/${route.tenant}/oauth2/v2.0/token`);
  return { status: 200, json, headers: { 'cache-control': 'no-store, no-cache' } };
};

const discovery = (origin: string, tenantId: string): Readonly<Record<string, unknown>> => ({
  issuer: `${origin}/${tenantId}/v2.0`,
  authorization_endpoint: `${origin}/${tenantId}/oauth2/v2.0/authorize`,
  token_endpoint: `${origin}/${tenantId}/oauth2/v2.0/token`,
  jwks_uri: `${origin}/${tenantId}/discovery/v2.0/keys`,
  token_endpoint_auth_methods_supported: ['client_secret_post', 'private_key_jwt'],
  response_types_supported: ['token'],
  subject_types_supported: ['pairwise'],
  id_token_signing_alg_values_supported: ['RS256'],
});
