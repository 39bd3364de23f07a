import { readFileSync, statSync } from 'node:fs';
import { errnoOf } from '@pstream/kernel';
import { ConfigError, type ConfigKeys, type ConfigOf } from '@pstream/wiring';
import { z } from 'zod';

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];
/** Issuers of Entra ID that stand for every organisation there is: whoever has an account anywhere could come. */
const EVERY_TENANT = /^\/(?:common|organizations|consumers)(?:\/|$)/;

const issuerFault = (text: string): string | undefined => {
  if (!URL.canParse(text)) return 'expected an address such as https://login.example/tenant';
  const { protocol, hostname, pathname, search, hash, username } = new URL(text);
  if (protocol !== 'https:' && !(protocol === 'http:' && LOOPBACK.includes(hostname)))
    return 'expected an address that begins with https://';
  if (search !== '' || hash !== '' || username !== '') return 'expected an address without user, query and fragment';
  return EVERY_TENANT.test(pathname) ? 'expected the issuer of one tenant, not one that stands for all of them' : undefined;
};

/** Keys of signing in with accounts of an OIDC provider; they belong to the gateway. */
export const oidcKeys = {
  oidcIssuer: {
    env: 'PSTREAM_OIDC_ISSUER',
    schema: z
      .string()
      .superRefine((text, context) => {
        const message = issuerFault(text);
        if (message !== undefined) context.addIssue({ code: 'custom', message });
      })
      .optional()
      .describe(
        'Issuer of an OpenID Connect provider whose accounts may sign in, such as https://login.microsoftonline.com/TENANT/v2.0; nobody signs in that way by default.',
      ),
  },
  oidcClientId: {
    env: 'PSTREAM_OIDC_CLIENT_ID',
    schema: z.string().min(1).max(256).optional().describe('Client id that the provider gave pstream; needed with PSTREAM_OIDC_ISSUER.'),
  },
  oidcClientSecret: {
    env: 'PSTREAM_OIDC_CLIENT_SECRET',
    secret: true,
    schema: z.string().min(1).optional().describe('Client secret; none for a public client.'),
  },
  oidcClientSecretFile: {
    env: 'PSTREAM_OIDC_CLIENT_SECRET_FILE',
    schema: z.string().min(1).optional().describe('File with the client secret instead, readable by its owner only.'),
  },
} satisfies ConfigKeys;

/** A provider that people may sign in with. */
export type OidcOptions = {
  readonly issuer: string;
  readonly clientId: string;
  /** Gives the client secret for the call that needs it; undefined for a public client. */
  readonly clientSecret: () => string | undefined;
};

/** The provider that the configuration names; undefined if it names none. Throws ConfigError if the keys do not fit together. */
export const oidcOf = ({
  oidcIssuer,
  oidcClientId,
  oidcClientSecret,
  oidcClientSecretFile,
}: ConfigOf<typeof oidcKeys>): OidcOptions | undefined => {
  const problems: string[] = [];
  if (oidcIssuer === undefined && (oidcClientId ?? oidcClientSecret ?? oidcClientSecretFile) !== undefined)
    problems.push('PSTREAM_OIDC_ISSUER: a value is needed with the other PSTREAM_OIDC_ keys.');
  if (oidcIssuer !== undefined && oidcClientId === undefined)
    problems.push('PSTREAM_OIDC_CLIENT_ID: a value is needed with PSTREAM_OIDC_ISSUER.');
  if (oidcClientSecret !== undefined && oidcClientSecretFile !== undefined)
    problems.push('PSTREAM_OIDC_CLIENT_SECRET, PSTREAM_OIDC_CLIENT_SECRET_FILE: only one of the two can be used.');
  const read =
    oidcClientSecretFile === undefined
      ? { secret: oidcClientSecret }
      : secretIn(oidcClientSecretFile, 'PSTREAM_OIDC_CLIENT_SECRET_FILE', 'client secret');
  if ('problem' in read) problems.push(read.problem);
  if (problems.length > 0) throw new ConfigError(problems);
  if (oidcIssuer === undefined || oidcClientId === undefined) return undefined;
  return { issuer: oidcIssuer, clientId: oidcClientId, clientSecret: () => ('secret' in read ? read.secret : undefined) };
};

/** The secret in a file, or the problem with it, which never quotes it. */
export const secretIn = (path: string, key: string, what: string): { readonly secret: string } | { readonly problem: string } => {
  const about = `${key}: ${path}`;
  try {
    if (process.platform !== 'win32' && (statSync(path).mode & 0o077) !== 0)
      return { problem: `${about} may be read by others. Run chmod 600 on it, and make a new ${what} if others may have read it.` };
    const secret = readFileSync(path, 'utf8').trim();
    return secret === '' ? { problem: `${about} is empty. Put the ${what} into it.` } : { secret };
  } catch (error) {
    return { problem: `${about} cannot be read (${errnoOf(error) ?? 'unknown'}). Name a file that the gateway may read.` };
  }
};
