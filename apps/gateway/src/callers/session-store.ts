import { accessHash, newAccessSecret } from '@pstream/contracts';
import { deriveId, type Clock, type Random } from '@pstream/kernel';
import { z } from 'zod';
import type { CodeFor } from './sign-in-codes.js';
import { StoredList, type Where } from './stored-list.js';

const StoredSession = z.strictObject({
  sessionId: z.string(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** Neither an agent nor a token: whoever runs the installation. */
  agentId: z.string().optional(),
  /** The token that the session does the same as. */
  tokenId: z.string().optional(),
  createdAt: z.string(),
  expiresAt: z.string(),
  lastUsedAt: z.string(),
});
export type StoredSession = z.infer<typeof StoredSession>;

const HOUR_MS = 3_600_000;
/** How long a session lasts at most, and how long one that nobody uses. */
const LIFE_MS = 7 * 24 * HOUR_MS;
const IDLE_MS = 12 * HOUR_MS;
/** How old `lastUsedAt` on disk may be. */
const USE_NOTED_EVERY_MS = 60_000;

const sessionFile = (dir: string): Where<StoredSession> => ({ dir, file: 'sessions.json', name: 'sessions', schema: StoredSession });

/** Sessions of browsers: the SHA-256 of each cookie's value, in one file for its owner alone. */
export class SessionStore {
  readonly #list: StoredList<StoredSession>;
  readonly #clock: Clock;
  readonly #random: Random;
  #notedAtMs = 0;

  private constructor(list: StoredList<StoredSession>, clock: Clock, random: Random) {
    this.#list = list;
    this.#clock = clock;
    this.#random = random;
  }

  /** Fault 'tokens.unreadable' (never) if the file is not ours. */
  static async open(dir: string, { clock, random }: { readonly clock: Clock; readonly random: Random }): Promise<SessionStore> {
    return new SessionStore(await StoredList.open(sessionFile(dir)), clock, random);
  }

  /** A new session, and the value of its cookie, which is kept nowhere. */
  async start({
    agentId,
    tokenId,
  }: CodeFor): Promise<{ readonly session: StoredSession; readonly cookie: string; readonly lifeMs: number }> {
    const { value, sha256 } = newAccessSecret('session', this.#random);
    const now = this.#clock.now();
    const session: StoredSession = {
      sessionId: deriveId('session', sha256),
      sha256,
      ...(agentId === undefined ? {} : { agentId }),
      ...(tokenId === undefined ? {} : { tokenId }),
      createdAt: now,
      expiresAt: new Date(Date.parse(now) + LIFE_MS).toISOString(),
      lastUsedAt: now,
    };
    await this.#list.replace([...this.#list.items.filter((one) => this.#isOpen(one)), session]);
    return { session, cookie: value, lifeMs: LIFE_MS };
  }

  /** The open session with this cookie. */
  check(cookie: string): StoredSession | undefined {
    const presented = accessHash(cookie);
    const found = this.#list.items.find(({ sha256 }) => sha256 === presented);
    if (found === undefined || !this.#isOpen(found)) return undefined;
    this.#noteUse(found);
    return found;
  }

  /** The open session with this id; somebody who looks on uses it. */
  find(sessionId: string): StoredSession | undefined {
    const found = this.#list.items.find((session) => session.sessionId === sessionId);
    if (found === undefined || !this.#isOpen(found)) return undefined;
    this.#noteUse(found);
    return found;
  }

  /** From now on its cookie opens nothing. */
  async end(sessionId: string): Promise<void> {
    await this.#list.replace(this.#list.items.filter((session) => session.sessionId !== sessionId));
  }

  /** Resolves when everything noted is on disk, or cannot be. */
  async close(): Promise<void> {
    await this.#list.replace(this.#list.items).catch(() => undefined);
  }

  #isOpen({ expiresAt, lastUsedAt }: StoredSession): boolean {
    const now = this.#clock.now();
    return expiresAt > now && Date.parse(lastUsedAt) + IDLE_MS > Date.parse(now);
  }

  #noteUse(used: StoredSession): void {
    const { items } = this.#list;
    const noted = items.map((one) => (one.sessionId === used.sessionId ? { ...one, lastUsedAt: this.#clock.now() } : one));
    if (this.#clock.monotonicMs() - this.#notedAtMs < USE_NOTED_EVERY_MS) return this.#list.hold(noted);
    this.#notedAtMs = this.#clock.monotonicMs();
    this.#list.replace(noted).catch(() => undefined);
  }
}
