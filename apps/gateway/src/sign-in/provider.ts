import { InviteAgent } from '@pstream/contracts';
import type { Clock, Random } from '@pstream/kernel';
import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  calculatePKCECodeChallenge,
  ClientSecretPost,
  customFetch,
  discovery,
  enableNonRepudiationChecks,
  fetchUserInfo,
  None,
  type Configuration,
} from 'openid-client';
import { problem, type ProblemError } from '../door/problem.js';
import { fetchBounded } from './bounded-fetch.js';
import type { OidcOptions } from './oidc-keys.js';
import { refusalOf } from './refusals.js';

const TIMEOUT_S = 10;
const SECRET_BYTES = 32;
const LONGEST_SUBJECT = 255;
/** How long a provider's description of itself is used for beginning a sign-in; what ends one reads it again. */
const METADATA_MS = 5 * 60_000;

/** What a sign-in begins with and its end must match; the browser keeps it meanwhile. */
export type Attempt = { readonly state: string; readonly nonce: string; readonly verifier: string };

/** The OpenID Connect provider: authorization code with PKCE, state and nonce; a signature counts only with a key that the provider publishes at
 *  that moment. */
export class Provider {
  readonly #options: OidcOptions;
  readonly #clock: Clock;
  readonly #random: Random;
  #known: { readonly found: Promise<Configuration>; readonly atMs: number } | undefined;

  constructor(options: OidcOptions, { clock, random }: { readonly clock: Clock; readonly random: Random }) {
    this.#options = options;
    this.#clock = clock;
    this.#random = random;
  }

  /** Where the browser must go, and what it must bring back. Problem 'sign-in.provider-unavailable' (503). */
  async begin(redirectUri: string): Promise<{ readonly url: URL; readonly attempt: Attempt }> {
    const attempt = { state: this.#secret(), nonce: this.#secret(), verifier: this.#secret() };
    const configuration = await this.#recent();
    const challenge = await calculatePKCECodeChallenge(attempt.verifier);
    const { state, nonce } = attempt;
    const pkce = { code_challenge: challenge, code_challenge_method: 'S256' };
    try {
      const url = buildAuthorizationUrl(configuration, { redirect_uri: redirectUri, scope: 'openid email', state, nonce, ...pkce });
      return { url, attempt };
    } catch {
      throw problem('sign-in.provider-unavailable', 503);
    }
  }

  /** The mail address that the provider vouches for, from the answer that the browser brought: in the ID token, else at the user info
   *  endpoint. Problems 'sign-in.not-begun' (400),
   *  'sign-in.provider-refused', 'sign-in.token-refused', 'sign-in.address-unverified' (403), 'sign-in.provider-unavailable' (503). */
  async finish(answer: URL, { state, nonce, verifier }: Attempt): Promise<string> {
    const configuration = await this.#discover();
    const tokens = await authorizationCodeGrant(configuration, answer, {
      expectedState: state,
      expectedNonce: nonce,
      pkceCodeVerifier: verifier,
      idTokenExpected: true,
    }).catch((error: unknown) => {
      throw refusalOf(error);
    });
    const claims = tokens.claims();
    if (claims === undefined || claims.sub === '' || claims.sub.length > LONGEST_SUBJECT) throw refused('sub.value');
    if (claims.azp !== undefined && claims.azp !== this.#options.clientId) throw refused('azp.value');
    if (claims['email'] !== undefined || configuration.serverMetadata().userinfo_endpoint === undefined) return verifiedAddress(claims);
    const about = await fetchUserInfo(configuration, tokens.access_token, claims.sub).catch((error: unknown) => {
      throw refusalOf(error);
    });
    return verifiedAddress(about);
  }

  /** 256 bits in base64url. */
  #secret(): string {
    return Buffer.from(this.#random.bytes(SECRET_BYTES)).toString('base64url');
  }

  #recent(): Promise<Configuration> {
    const nowMs = this.#clock.monotonicMs();
    if (this.#known !== undefined && nowMs - this.#known.atMs < METADATA_MS) return this.#known.found;
    const found = this.#discover();
    this.#known = { found, atMs: nowMs };
    found.catch(() => (this.#known = undefined));
    return found;
  }

  /** Reads the provider's description of itself; keys are read again with it. */
  async #discover(): Promise<Configuration> {
    const { issuer, clientId, clientSecret } = this.#options;
    const secret = clientSecret();
    const isPlain = new URL(issuer).protocol === 'http:';
    const configuration = await discovery(new URL(issuer), clientId, undefined, secret === undefined ? None() : ClientSecretPost(secret), {
      timeout: TIMEOUT_S,
      [customFetch]: fetchBounded,
      execute: [enableNonRepudiationChecks, ...(isPlain ? [allowInsecureRequests] : [])],
    }).catch(() => {
      throw problem('sign-in.provider-unavailable', 503);
    });
    // The library tolerates other issuers for providers that it knows by name.
    if (new URL(configuration.serverMetadata().issuer).href !== new URL(issuer).href) throw problem('sign-in.provider-unavailable', 503);
    return configuration;
  }
}

const refused = (reason: string): ProblemError => problem('sign-in.token-refused', 403, { reason });

/** Anybody can give an account any address: it counts if the provider says that it has checked. Entra ID says so of the domain. */
const verifiedAddress = ({ email, email_verified: verified, xms_edov: domainVerified }: Readonly<Record<string, unknown>>): string => {
  const isVerified = verified === true || (verified === undefined && [true, 1, '1', 'true'].includes(domainVerified as never));
  const address = InviteAgent.shape.email.safeParse(email);
  if (!isVerified || !address.success) throw problem('sign-in.address-unverified', 403);
  return address.data;
};
