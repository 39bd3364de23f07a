import { createHash } from 'node:crypto';
import type { Random } from '@pstream/kernel';
import { z } from 'zod';
import { ROLES } from './people.js';

// Files in the directory of the API tokens by which somebody on the machine itself lets people in. Whoever may write there owns the
// installation. A file is named by the SHA-256 of what it lets in, which itself is kept nowhere.

/** Folder of one-time codes; who takes a file away has used the code. */
export const CODES_FOLDER = 'codes';
/** Folder of tokens that the gateway has not taken into its own file yet. */
export const ADDED_TOKENS_FOLDER = 'added';

/** Whom a code signs in: an agent, whoever holds a token, or with neither, whoever runs the installation. With a role, an agent who still has it. */
export const CodeFile = z.strictObject({
  version: z.literal(1),
  expiresAt: z.iso.datetime(),
  agentId: z.string().optional(),
  tokenId: z.string().optional(),
  role: z.enum(ROLES).optional(),
});
export type CodeFile = z.infer<typeof CodeFile>;

export const AddedTokenFile = z.strictObject({ version: z.literal(1), name: z.string().min(1), createdAt: z.iso.datetime() });

/** How long a sign-in code works. */
export const CODE_LIFE_MS = 15 * 60_000;

const SECRET_BYTES = 32;

/** A new value of 256 bits, and its hash. */
export const newAccessSecret = (
  kind: 'token' | 'code' | 'session' | 'report',
  random: Random,
): { readonly value: string; readonly sha256: string } => {
  const value = `${PREFIXES[kind]}${Buffer.from(random.bytes(SECRET_BYTES)).toString('base64url')}`;
  return { value, sha256: accessHash(value) };
};

const PREFIXES = { token: 'pstream_', code: 'psc_', session: 'pss_', report: 'psr_' };

/** The stored form of such a value. */
export const accessHash = (value: string): string => createHash('sha256').update(value).digest('hex');

/** Path and fragment that a browser opens to use a code: what is behind the # is sent to no server and gets into no log. */
export const signInPath = (code: string): string => `/#code=${code}`;
