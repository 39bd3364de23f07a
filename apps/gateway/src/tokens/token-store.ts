import { timingSafeEqual } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { accessHash, ADDED_TOKENS_FOLDER, AddedTokenFile, DEFAULT_WORKGROUP, newAccessSecret, ROLES, type Role } from '@pstream/contracts';
import { deriveId, type Clock, type Random } from '@pstream/kernel';
import { z } from 'zod';
import { readPrivateFile } from '../callers/private-file.js';
import { readList, StoredList, writeList, type Where } from '../callers/stored-list.js';

/** A token as its owner may see it. Times are ISO 8601 in UTC. */
export type TokenView = {
  readonly tokenId: string;
  readonly name: string;
  readonly createdAt: string;
  readonly expiresAt: string | null;
  readonly lastUsedAt: string | null;
  readonly role: Role;
  readonly workgroupId: string;
  /** Who made it; null for the first one. */
  readonly madeBy: string | null;
  /** The agent whose token it is: it may do no more than they may; null for the first one and for service accounts. */
  readonly agentId: string | null;
  /** The customers that it is confined to; null for all of the workgroup. */
  readonly customerIds: readonly string[] | null;
};

/** What a new token is to be. */
export type TokenOf = Pick<TokenView, 'name' | 'expiresAt' | 'role' | 'workgroupId' | 'madeBy' | 'agentId' | 'customerIds'>;

/** A token just made: `token` is shown this once and kept nowhere. */
export type NewToken = TokenView & { readonly token: string };

const Stored = z.strictObject({
  tokenId: z.string(),
  name: z.string(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  createdAt: z.string(),
  expiresAt: z.string().nullable(),
  lastUsedAt: z.string().nullable(),
  // Tokens of releases up to 0.3.0 have none of these: they may do everything.
  role: z.enum(ROLES).default('owner'),
  workgroupId: z.string().default(DEFAULT_WORKGROUP),
  madeBy: z.string().nullable().default(null),
  agentId: z.string().nullable().default(null),
  customerIds: z.array(z.string()).nullable().default(null),
});
type Stored = z.infer<typeof Stored>;

export type TokenPorts = { readonly clock: Clock; readonly random: Random };

const FILE = 'tokens.json';
/** How old `lastUsedAt` on disk may be: a write for every request would be too many. */
const USE_NOTED_EVERY_MS = 60_000;
const TAKE_IN_EVERY_MS = 1_000;

const tokenFile = (dir: string): Where<Stored> => ({ dir, file: FILE, name: 'tokens', schema: Stored });

/** API tokens: the SHA-256 of each 256-bit value, in one file for its owner alone. For one process at a time. */
export class TokenStore {
  readonly #dir: string;
  readonly #ports: TokenPorts;
  readonly #list: StoredList<Stored>;
  #notedAtMs = 0;
  #tookInAtMs = 0;

  private constructor(dir: string, ports: TokenPorts, list: StoredList<Stored>) {
    this.#dir = dir;
    this.#ports = ports;
    this.#list = list;
  }

  /** Reads the file of the directory; a missing one is empty. Fault 'tokens.unreadable' (never) if it is not ours. */
  static async open(dir: string, ports: TokenPorts): Promise<TokenStore> {
    const store = new TokenStore(dir, ports, await StoredList.open(tokenFile(dir)));
    await store.#takeIn();
    return store;
  }

  list(): TokenView[] {
    return this.#list.items.map(viewOf);
  }

  /** Takes in tokens that somebody on the machine has added since; at most once a second, since anybody can present a wrong token. */
  async takeInAdded(): Promise<void> {
    const now = this.#ports.clock.monotonicMs();
    if (now - this.#tookInAtMs < TAKE_IN_EVERY_MS) return;
    this.#tookInAtMs = now;
    await this.#takeIn();
  }

  /** Undefined if the name is in use in the workgroup. */
  async create(of: TokenOf): Promise<NewToken | undefined> {
    const isSame = ({ name, workgroupId }: Stored): boolean =>
      workgroupId === of.workgroupId && name.toLowerCase() === of.name.toLowerCase();
    if (this.#list.items.some(isSame)) return undefined;
    const { token, stored } = newToken(of, this.#ports);
    await this.#list.add(stored);
    return { ...viewOf(stored), token };
  }

  /** From now on the token opens nothing. 'last' if it is the last one that may do everything. */
  async revoke(tokenId: string): Promise<'revoked' | 'unknown' | 'last'> {
    const revoked = this.#list.items.find((token) => token.tokenId === tokenId);
    if (revoked === undefined) return 'unknown';
    const left = this.#list.items.filter((token) => token !== revoked);
    const opensAll = (token: Stored): boolean =>
      token.role === 'owner' && token.workgroupId === DEFAULT_WORKGROUP && token.customerIds === null;
    if (opensAll(revoked) && !left.some((token) => opensAll(token) && this.#isValid(token))) return 'last';
    await this.#list.replace(left);
    return 'revoked';
  }

  /** Writes what could not be written before. Fault 'tokens.unwritable' (retry). */
  settle(): Promise<void> {
    return this.#list.settle();
  }

  /** The id of the valid token with this value; takes the same time whether and where it is found. */
  check(token: string): string | undefined {
    const presented = Buffer.from(accessHash(token), 'hex');
    let found: Stored | undefined;
    for (const stored of this.#list.items) if (timingSafeEqual(Buffer.from(stored.sha256, 'hex'), presented)) found = stored;
    if (found === undefined || !this.#isValid(found)) return undefined;
    this.#noteUse(found.tokenId);
    return found.tokenId;
  }

  /** The valid token with this id. */
  find(tokenId: string): TokenView | undefined {
    const found = this.#list.items.find((token) => token.tokenId === tokenId && this.#isValid(token));
    return found === undefined ? undefined : viewOf(found);
  }

  /** When something ends that is lent with a token, or with a session made from it: not after the token, or it would be a way to keep what was lent. Null for
   *  never. */
  endOf(wanted: string | null, lentWith: string | undefined): string | null {
    const end = lentWith === undefined ? null : (this.find(lentWith)?.expiresAt ?? null);
    return wanted === null || (end !== null && end < wanted) ? end : wanted;
  }

  /** Resolves when everything noted is on disk, or cannot be. */
  async close(): Promise<void> {
    await this.#list.replace(this.#list.items).catch(() => undefined);
  }

  #isValid(token: Stored): boolean {
    return token.expiresAt === null || token.expiresAt > this.#ports.clock.now();
  }

  #noteUse(tokenId: string): void {
    const { clock } = this.#ports;
    const noted = this.#list.items.map((token) => (token.tokenId === tokenId ? { ...token, lastUsedAt: clock.now() } : token));
    if (clock.monotonicMs() - this.#notedAtMs < USE_NOTED_EVERY_MS) return this.#list.hold(noted);
    this.#notedAtMs = clock.monotonicMs();
    // When a token was last used is worth noting, not worth failing a request for.
    this.#list.replace(noted).catch(() => undefined);
  }

  async #takeIn(): Promise<void> {
    const folder = join(this.#dir, ADDED_TOKENS_FOLDER);
    for (const name of await readdir(folder).catch(() => [])) {
      const sha256 = /^([0-9a-f]{64})\.json$/.exec(name)?.[1];
      if (sha256 === undefined) continue;
      const added = await readPrivateFile(folder, name, (text) => AddedTokenFile.parse(JSON.parse(text))).catch(() => undefined);
      // One that is not ours stays where it is, and keeps nobody out.
      if (added === undefined) continue;
      if (!this.#list.items.some((token) => token.sha256 === sha256)) {
        const { name: of, createdAt } = added;
        await this.#list.replace([...this.#list.items, storedOf(sha256, { ...FIRST, name: of }, createdAt)]);
      }
      await rm(join(folder, name), { force: true });
    }
  }
}

/** Makes the first token of a new directory and returns its value, to be shown once. Undefined where there is a token file already. */
export const createFirstToken = async (dir: string, ports: TokenPorts): Promise<string | undefined> => {
  if ((await readList(tokenFile(dir))) !== undefined) return undefined;
  const { token, stored } = newToken(FIRST, ports);
  await writeList(tokenFile(dir), [stored]);
  return token;
};

/** Takes the first token back, since nobody has seen it: where it is the only one, the next start makes another. The store must not be open. */
export const discardFirstToken = async (dir: string, token: string): Promise<void> => {
  const sha256 = accessHash(token);
  const left = ((await readList(tokenFile(dir))) ?? []).filter((stored) => stored.sha256 !== sha256);
  await (left.length === 0 ? rm(join(dir, FILE), { force: true }) : writeList(tokenFile(dir), left));
};

/** The token that an installation begins with. */
const FIRST: TokenOf = {
  name: 'first',
  expiresAt: null,
  role: 'owner',
  workgroupId: DEFAULT_WORKGROUP,
  madeBy: null,
  agentId: null,
  customerIds: null,
};

const newToken = (of: TokenOf, { clock, random }: TokenPorts): { readonly token: string; readonly stored: Stored } => {
  const { value, sha256 } = newAccessSecret('token', random);
  return { token: value, stored: storedOf(sha256, of, clock.now()) };
};

const storedOf = (sha256: string, of: TokenOf, createdAt: string): Stored => ({
  tokenId: deriveId('token', sha256),
  sha256,
  createdAt,
  lastUsedAt: null,
  ...of,
  customerIds: of.customerIds === null ? null : [...of.customerIds],
});

const viewOf = ({ sha256: _sha256, ...view }: Stored): TokenView => view;
