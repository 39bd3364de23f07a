import { createHmac, createPublicKey, timingSafeEqual, verify, constants, X509Certificate, type KeyObject } from 'node:crypto';
import type { Clock, Random } from '@pstream/kernel';
import { Refusal } from './refusal.js';
import { aadsts, EntraError } from './entra-errors.js';

/** Application permissions of Microsoft Graph that matter here, by the names in the token's `roles`. */
export const EXPORT_ROLES = [
  'User.Read.All',
  'MailboxFolder.Read.All',
  'MailboxItem.Read.All',
  'MailboxItem.Export.All',
  'Reports.Read.All',
  'Mail.Read',
  'Contacts.Read',
  'Calendars.Read',
  'Tasks.Read.All',
  'MailboxSettings.Read',
] as const;

/** One way to sign in, and what it gives. */
export type ClientCredential = {
  /** Application id; by default the tenant's fixed one. */
  readonly clientId?: string;
  /** The client secret. */
  readonly secret?: string;
  /** When the secret ends, ISO 8601, as the directory shows it; in two years by default. It works all the same. */
  readonly secretEndsAt?: string;
  /** PEM of the certificate (or public key) whose private key signs assertions. */
  readonly certificate?: string;
  /** Permissions in the token; all that the exporter needs by default. An empty list is a missing consent. */
  readonly roles?: readonly string[];
  /** Permissions granted through Exchange RBAC: they work and are not in the token. */
  readonly exchangeRoles?: readonly string[];
  /** User principal names that Exchange lets this app into; all by default. */
  readonly mailboxes?: readonly string[];
  /** Lifetime of a token. 3599 by default. */
  readonly expiresInSeconds?: number;
  /** The AADSTS number that signing in with this credential ends in. */
  readonly error?: number;
};

/** What a token stands for. */
export type Grant = {
  readonly clientId: string;
  readonly roles: ReadonlySet<string>;
  /** Lower-case user principal names, or undefined for all. */
  readonly mailboxes: ReadonlySet<string> | undefined;
};

const SCOPES = ['https://graph.microsoft.com/.default'];
const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const NO_TENANT = new Set(['common', 'organizations', 'consumers']);

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

const decode = (part: string | undefined): Readonly<Record<string, unknown>> | undefined => {
  try {
    const value: unknown = JSON.parse(Buffer.from(part ?? '', 'base64url').toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : undefined;
  } catch {
    return undefined;
  }
};

/** The sign-in service: gives tokens for credentials and reads them again. Tokens are bearer tokens of this process only. */
export class TokenService {
  readonly #key: Uint8Array;

  constructor(
    private readonly tenantId: string,
    private readonly domains: ReadonlySet<string>,
    private readonly credentials: readonly (ClientCredential & { readonly clientId: string })[],
    private readonly clock: Clock,
    random: Random,
  ) {
    this.#key = random.bytes(32);
  }

  /** Answers a token request. Throws EntraError. `audience` is the token endpoint's own URL, for assertions. */
  issue(
    tenant: string,
    form: URLSearchParams,
    audience: string,
  ): { token_type: 'Bearer'; expires_in: number; ext_expires_in: number; access_token: string } {
    if (NO_TENANT.has(tenant.toLowerCase())) throw aadsts(9001023);
    if (tenant.toLowerCase() !== this.tenantId && !this.domains.has(tenant.toLowerCase())) throw aadsts(90002);
    if (form.get('grant_type') === null || form.get('client_id') === null || form.get('scope') === null) throw aadsts(900144);
    if (form.get('grant_type') !== 'client_credentials')
      throw new EntraError(70003, 'unsupported_grant_type', 'The grant type is not supported here.');
    const scope = form.get('scope') ?? '';
    if (!scope.endsWith('/.default')) throw aadsts(1002012);
    if (!SCOPES.includes(scope)) throw aadsts(500011);
    const credential = this.#credential(form, audience);
    if (credential.error !== undefined) throw aadsts(credential.error);
    const lifetime = credential.expiresInSeconds ?? 3599;
    return { token_type: 'Bearer', expires_in: lifetime, ext_expires_in: lifetime, access_token: this.#sign(credential, lifetime) };
  }

  /** Reads the Authorization header. Throws Refusal 401 `InvalidAuthenticationToken`. */
  grant(header: string | undefined): Grant {
    const token = /^Bearer (\S+)$/i.exec(header ?? '')?.[1];
    if (token === undefined) throw unauthorized('Access token is empty.');
    const [head, body, signature] = token.split('.');
    const expected = createHmac('sha256', this.#key).update(`${head}.${body}`).digest();
    const given = Buffer.from(signature ?? '', 'base64url');
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) throw unauthorized('Signature verification failed.');
    const claims = decode(body) ?? {};
    if (Number(claims['exp']) * 1000 <= Date.parse(this.clock.now()))
      throw unauthorized('Lifetime validation failed, the token is expired.');
    const credential = this.credentials[Number(claims['sid'])];
    if (credential === undefined) throw unauthorized('Access token validation failure.');
    return {
      clientId: credential.clientId,
      roles: new Set([...rolesOf(credential), ...(credential.exchangeRoles ?? [])]),
      mailboxes: credential.mailboxes === undefined ? undefined : new Set(credential.mailboxes.map((each) => each.toLowerCase())),
    };
  }

  #credential(form: URLSearchParams, audience: string): ClientCredential & { readonly clientId: string } {
    const clientId = (form.get('client_id') ?? '').toLowerCase();
    const own = this.credentials.filter((each) => each.clientId.toLowerCase() === clientId);
    if (own.length === 0) throw aadsts(700016);
    const secret = form.get('client_secret');
    const assertion = form.get('client_assertion');
    if (assertion !== null) {
      if (form.get('client_assertion_type') !== ASSERTION_TYPE) throw aadsts(900144);
      const found = own.find(
        (each) => each.certificate !== undefined && this.#signedBy(each.certificate, each.clientId, assertion, audience),
      );
      if (found === undefined) throw aadsts(700027);
      return found;
    }
    if (secret === null || secret === '') throw aadsts(7000216);
    const found = own.find((each) => each.secret === secret);
    if (found === undefined) throw aadsts(7000215);
    return found;
  }

  #signedBy(pem: string, clientId: string, assertion: string, audience: string): boolean {
    const [head, body, signature] = assertion.split('.');
    const header = decode(head);
    const claims = decode(body);
    if (header === undefined || claims === undefined || signature === undefined) return false;
    const key: KeyObject = pem.includes('BEGIN CERTIFICATE') ? new X509Certificate(pem).publicKey : createPublicKey(pem);
    const signed = Buffer.from(`${head}.${body}`);
    const bytes = Buffer.from(signature, 'base64url');
    const padding = header['alg'] === 'PS256' ? constants.RSA_PKCS1_PSS_PADDING : constants.RSA_PKCS1_PADDING;
    if (header['alg'] !== 'PS256' && header['alg'] !== 'RS256') return false;
    if (!verify('sha256', signed, { key, padding, saltLength: constants.RSA_PSS_SALTLEN_AUTO }, bytes)) return false;
    const now = Date.parse(this.clock.now()) / 1000;
    if (!(Number(claims['exp']) > now) || Number(claims['nbf'] ?? 0) > now + 300) throw aadsts(700024);
    const sameClient = claims['iss'] === clientId && claims['sub'] === clientId;
    return sameClient && typeof claims['aud'] === 'string' && pathOf(claims['aud']) === pathOf(audience);
  }

  #sign(credential: ClientCredential & { readonly clientId: string }, lifetime: number): string {
    const issued = Math.floor(Date.parse(this.clock.now()) / 1000);
    const head = encode({ typ: 'JWT', alg: 'HS256' });
    const body = encode({
      aud: 'https://graph.microsoft.com',
      iss: `https://sts.windows.net/${this.tenantId}/`,
      iat: issued,
      nbf: issued,
      exp: issued + lifetime,
      appid: credential.clientId,
      idtyp: 'app',
      roles: rolesOf(credential),
      sid: String(this.credentials.indexOf(credential)),
      tid: this.tenantId,
      ver: '1.0',
    });
    return `${head}.${body}.${createHmac('sha256', this.#key).update(`${head}.${body}`).digest('base64url')}`;
  }
}

const rolesOf = (credential: ClientCredential): readonly string[] => credential.roles ?? EXPORT_ROLES;

// Assertions are addressed to the public name of the service even when a test sends them here.
const pathOf = (url: string): string => URL.parse(url)?.pathname.toLowerCase() ?? url;

const unauthorized = (message: string): Refusal =>
  new Refusal(401, 'InvalidAuthenticationToken', message, { 'www-authenticate': 'Bearer' });
