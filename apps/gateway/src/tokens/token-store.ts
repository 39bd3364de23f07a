import { createHash, timingSafeEqual } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { deriveId, type Clock, type Random } from '@pstream/kernel';
import { z } from 'zod';
import { readPrivateFile, writePrivateFile } from './private-file.js';

/** A token as its owner may see it. Times are ISO 8601 in UTC. */
export type TokenView = {
  readonly tokenId: string;
  readonly name: string;
  readonly createdAt: string;
  readonly expiresAt: string | null;
  readonly lastUsedAt: string | null;
};

/** A token just made: `token` is told this once and kept nowhere. */
export type NewToken = TokenView & { readonly token: string };

const Stored = z.strictObject({
  tokenId: z.string(),
  name: z.string(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  createdAt: z.string(),
  expiresAt: z.string().nullable(),
  lastUsedAt: z.string().nullable(),
});
type Stored = z.infer<typeof Stored>;
const TokenFile = z.strictObject({ version: z.literal(1), tokens: z.array(Stored) });

export type TokenPorts = { readonly clock: Clock; readonly random: Random };

const FILE = 'tokens.json';
const TOKEN_BYTES = 32;
/** How old `lastUsedAt` on disk may be: a write for every request would be too many. */
const USE_NOTED_EVERY_MS = 60_000;

/** API tokens: the SHA-256 of each 256-bit value, in one file for its owner alone. For one process at a time. */
export class TokenStore {
  readonly #dir: string;
  readonly #ports: TokenPorts;
  #tokens: readonly Stored[];
  #writing: Promise<unknown> = Promise.resolve();
  #notedAtMs = 0;

  private constructor(dir: string, ports: TokenPorts, tokens: readonly Stored[]) {
    this.#dir = dir;
    this.#ports = ports;
    this.#tokens = tokens;
  }

  /** Reads the file of the directory; a missing one is empty. Fault 'tokens.unreadable' (never) if it is not ours. */
  static async open(dir: string, ports: TokenPorts): Promise<TokenStore> {
    return new TokenStore(dir, ports, (await readTokens(dir)) ?? []);
  }

  list(): TokenView[] {
    return this.#tokens.map(viewOf);
  }

  /** Undefined if the name is in use. */
  async create(name: string, expiresAt: string | null = null): Promise<NewToken | undefined> {
    if (this.#tokens.some((token) => token.name.toLowerCase() === name.toLowerCase())) return undefined;
    const { token, stored } = newToken(name, expiresAt, this.#ports);
    await this.#replace([...this.#tokens, stored]);
    return { ...viewOf(stored), token };
  }

  /** From now on the token opens nothing. 'last' if no other token would be left that does. */
  async revoke(tokenId: string): Promise<'revoked' | 'unknown' | 'last'> {
    if (!this.#tokens.some((token) => token.tokenId === tokenId)) return 'unknown';
    const left = this.#tokens.filter((token) => token.tokenId !== tokenId);
    if (!left.some((token) => this.#isValid(token))) return 'last';
    await this.#replace(left);
    return 'revoked';
  }

  /** The id of the valid token with this value; takes the same time whether and where it is found. */
  check(token: string): string | undefined {
    const presented = hashOf(token);
    let found: Stored | undefined;
    for (const stored of this.#tokens) if (timingSafeEqual(Buffer.from(stored.sha256, 'hex'), presented)) found = stored;
    if (found === undefined || !this.#isValid(found)) return undefined;
    this.#noteUse(found.tokenId);
    return found.tokenId;
  }

  /** Whether the token with this id is still valid. */
  opens(tokenId: string): boolean {
    return this.#tokens.some((token) => token.tokenId === tokenId && this.#isValid(token));
  }

  /** Resolves when everything noted is on disk, or cannot be. */
  async close(): Promise<void> {
    await this.#replace(this.#tokens).catch(() => undefined);
  }

  #isValid(token: Stored): boolean {
    return token.expiresAt === null || token.expiresAt > this.#ports.clock.now();
  }

  #noteUse(tokenId: string): void {
    const { clock } = this.#ports;
    this.#tokens = this.#tokens.map((token) => (token.tokenId === tokenId ? { ...token, lastUsedAt: clock.now() } : token));
    if (clock.monotonicMs() - this.#notedAtMs < USE_NOTED_EVERY_MS) return;
    this.#notedAtMs = clock.monotonicMs();
    // When a token was last used is worth noting, not worth failing a request for.
    this.#replace(this.#tokens).catch(() => undefined);
  }

  #replace(tokens: readonly Stored[]): Promise<void> {
    this.#tokens = tokens;
    const write = (): Promise<void> => writeTokens(this.#dir, this.#tokens);
    const turn = this.#writing.then(write, write);
    this.#writing = turn.catch(() => undefined);
    return turn;
  }
}

/** Makes the first token of a new directory and returns its value, to be shown once. Undefined where there is a token file already. */
export const createFirstToken = async (dir: string, ports: TokenPorts): Promise<string | undefined> => {
  if ((await readTokens(dir)) !== undefined) return undefined;
  const { token, stored } = newToken('first', null, ports);
  await writeTokens(dir, [stored]);
  return token;
};

/** Takes the first token back, since nobody has seen it: the next start makes another. The store must not be open. */
export const discardFirstToken = (dir: string): Promise<void> => rm(join(dir, FILE), { force: true });

const newToken = (
  name: string,
  expiresAt: string | null,
  { clock, random }: TokenPorts,
): { readonly token: string; readonly stored: Stored } => {
  const token = `pstream_${Buffer.from(random.bytes(TOKEN_BYTES)).toString('base64url')}`;
  const sha256 = hashOf(token).toString('hex');
  return { token, stored: { tokenId: deriveId('token', sha256), name, sha256, createdAt: clock.now(), expiresAt, lastUsedAt: null } };
};

const hashOf = (token: string): Buffer => createHash('sha256').update(token).digest();

const viewOf = ({ tokenId, name, createdAt, expiresAt, lastUsedAt }: Stored): TokenView => ({
  tokenId,
  name,
  createdAt,
  expiresAt,
  lastUsedAt,
});

const readTokens = (dir: string): Promise<readonly Stored[] | undefined> =>
  readPrivateFile(dir, FILE, (text) => TokenFile.parse(JSON.parse(text)).tokens);

const writeTokens = (dir: string, tokens: readonly Stored[]): Promise<void> =>
  writePrivateFile(dir, FILE, `${JSON.stringify({ version: 1, tokens }, null, 2)}\n`);
