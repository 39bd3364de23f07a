import { Fault } from '@pstream/kernel';
import { parseOrigin } from '../http/origin.js';

/** The sign-in service of the public cloud, the only one whose tenants offer mailbox export. */
export const PUBLIC_AUTHORITY = 'https://login.microsoftonline.com';
/** Graph of the public cloud. */
export const PUBLIC_GRAPH = 'https://graph.microsoft.com';

/** Hosts of the national clouds; Graph §1.1: none of them has the export API. */
const NATIONAL =
  /(^|\.)(microsoftonline\.us|microsoftonline\.de|microsoftgraph\.chinacloudapi\.cn|chinacloudapi\.cn|partner\.microsoftonline\.cn|microsoft\.us|microsoft\.de|sovcloud-[a-z.-]+|eaglex\.ic\.gov|microsoft\.scloud)$/i;
const TENANT = /^[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$/;
const NO_TENANT: ReadonlySet<string> = new Set(['common', 'consumers', 'organizations']);

/** Where and how to ask for tokens, in the terms of msal-node. */
export type Authority = {
  readonly authority: string;
  readonly knownAuthorities: string[];
  /** Discovery document given beforehand, so that none is fetched; absent for the public cloud, whose end points msal knows. */
  readonly metadata?: string;
  readonly tokenOrigin: string;
};

/** Refuses the national clouds for an origin of the configuration. Fault 'entra.sovereign-cloud' (never). */
export const refuseNational = (url: URL): void => {
  if (!NATIONAL.test(url.hostname)) return;
  throw new Fault('entra.sovereign-cloud', {
    retry: 'never',
    facts: { host: url.hostname },
    advice: 'This is a national cloud. Microsoft does not offer the mailbox export API there, so nothing can be exported this way.',
  });
};

/** Works out the authority of a tenant. Faults 'entra.tenant-required', 'entra.sovereign-cloud', 'graph.bad-origin' (never). */
export const resolveAuthority = (tenantId: string, authorityUrl: string = PUBLIC_AUTHORITY): Authority => {
  if (!TENANT.test(tenantId) || NO_TENANT.has(tenantId.toLowerCase())) {
    throw new Fault('entra.tenant-required', {
      retry: 'never',
      advice: 'Enter the ID or a domain of one tenant; common, consumers and organizations cannot be used.',
    });
  }
  const origin = parseOrigin(authorityUrl, 'authorityUrl');
  refuseNational(origin);
  if (origin.origin === PUBLIC_AUTHORITY) {
    return { authority: `${PUBLIC_AUTHORITY}/${tenantId}`, knownAuthorities: [], tokenOrigin: PUBLIC_AUTHORITY };
  }
  // msal refuses an authority over plain http and looks for a discovery document elsewhere. A name that nothing resolves
  // together with a document given inline makes it send exactly one request: the one to `token_endpoint`.
  const host = 'login.pstream.invalid';
  const metadata = {
    issuer: `https://${host}/${tenantId}/v2.0`,
    authorization_endpoint: `https://${host}/${tenantId}/oauth2/v2.0/authorize`,
    token_endpoint: `${origin.origin}/${tenantId}/oauth2/v2.0/token`,
    jwks_uri: `https://${host}/${tenantId}/discovery/v2.0/keys`,
  };
  return {
    authority: `https://${host}/${tenantId}`,
    knownAuthorities: [host],
    metadata: JSON.stringify(metadata),
    tokenOrigin: origin.origin,
  };
};
