import { Inject, Injectable } from '@nestjs/common';
import { DEFAULT_WORKGROUP } from '@pstream/contracts';
import { sessionOf } from '../door/cookies.js';
import type { HttpRequest, Principal } from '../door/http.js';
import { TokenStore, type TokenView } from '../tokens/token-store.js';
import { SessionStore, type StoredSession } from './session-store.js';

/** Whoever runs the installation, signed in with a code that was made on the machine. */
const LOCAL_ADMINISTRATOR = 'local-administrator';

/** Finds out who is calling: by the bearer token of the request, or by the cookie of a session. */
@Injectable()
export class Callers {
  constructor(
    @Inject(TokenStore) private readonly tokens: TokenStore,
    @Inject(SessionStore) private readonly sessions: SessionStore,
  ) {}

  /** Undefined for a stranger. A request with a token that opens nothing is one, whatever its cookie. */
  async identify(request: HttpRequest): Promise<Principal | undefined> {
    if (request.headers.authorization !== undefined) return this.#byToken(request.headers.authorization);
    const cookie = sessionOf(request);
    const session = cookie === undefined ? undefined : this.sessions.check(cookie);
    return session === undefined ? undefined : this.ofSession(session);
  }

  /** Whoever a session signs in. */
  ofSession({ sessionId, expiresAt }: StoredSession): Principal {
    return {
      by: LOCAL_ADMINISTRATOR,
      name: 'Administrator of this installation',
      signedInBy: 'session',
      sessionId,
      role: 'owner',
      workgroupId: DEFAULT_WORKGROUP,
      expiresAt,
    };
  }

  /** Whether somebody who was let in would be let in again. */
  areIn({ by, sessionId }: Principal): boolean {
    return sessionId === undefined ? this.tokens.opens(by) : this.sessions.isOpen(sessionId);
  }

  async #byToken(authorization: string): Promise<Principal | undefined> {
    const token = /^Bearer +([^\s]+) *$/i.exec(authorization)?.[1];
    if (token === undefined) return undefined;
    let tokenId = this.tokens.check(token);
    if (tokenId === undefined) {
      await this.tokens.takeInAdded();
      tokenId = this.tokens.check(token);
    }
    const found = tokenId === undefined ? undefined : this.tokens.find(tokenId);
    return found === undefined ? undefined : ofToken(found);
  }
}

const ofToken = ({ tokenId, name, expiresAt, role, workgroupId }: TokenView): Principal => ({
  by: tokenId,
  name,
  signedInBy: 'token',
  role,
  workgroupId,
  expiresAt,
});
