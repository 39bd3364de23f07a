import { Inject, Injectable } from '@nestjs/common';
import { Agent, confined, rightsOf, type Right } from '@pstream/api';
import { DEFAULT_WORKGROUP, VIEWS, type Role } from '@pstream/contracts';
import { sessionOf } from '../door/cookies.js';
import type { HttpRequest, Principal } from '../door/http.js';
import { Views } from '../read/views.js';
import { TokenStore, type TokenView } from '../tokens/token-store.js';
import { SessionStore, type StoredSession } from './session-store.js';

/** Whoever runs the installation, signed in with a code that was made on the machine. */
const LOCAL_ADMINISTRATOR = 'local-administrator';

/** Finds out who is calling: by the bearer token of the request, or by the cookie of a session. Nothing is remembered of an agent from one request
 *  to the next, so that another role holds at once. */
@Injectable()
export class Callers {
  constructor(
    @Inject(TokenStore) private readonly tokens: TokenStore,
    @Inject(SessionStore) private readonly sessions: SessionStore,
    @Inject(Views) private readonly views: Views,
  ) {}

  /** Undefined for a stranger. A request with a token that opens nothing is one, whatever its cookie. */
  async identify(request: HttpRequest): Promise<Principal | undefined> {
    if (request.headers.authorization !== undefined) return this.#byToken(request.headers.authorization);
    const cookie = sessionOf(request);
    const session = cookie === undefined ? undefined : this.sessions.check(cookie);
    return session === undefined ? undefined : this.ofSession(session);
  }

  /** Whoever a session signs in; undefined if they are let in no more. */
  async ofSession({ sessionId, agentId, tokenId, expiresAt }: StoredSession): Promise<Principal | undefined> {
    const session = { signedInBy: 'session', sessionId, expiresAt } as const;
    if (tokenId !== undefined) {
      const token = this.tokens.find(tokenId);
      const holder = token === undefined ? undefined : await this.#ofToken(token);
      return holder === undefined ? undefined : { ...holder, ...session };
    }
    if (agentId === undefined) {
      const rights = rightsOf('owner', DEFAULT_WORKGROUP);
      const name = 'Administrator of this installation';
      return { ...session, by: LOCAL_ADMINISTRATOR, name, role: 'owner', rights, workgroupId: DEFAULT_WORKGROUP };
    }
    const agent = await this.#activeAgent(agentId);
    if (agent === undefined) return undefined;
    const { name, role, workgroupId } = agent;
    return { ...session, by: agentId, agentId, name, role, rights: rightsOf(role, workgroupId), workgroupId };
  }

  /** Whether somebody who was let in would be let in again, with the same rights. */
  async areStillIn({ by, sessionId, rights, workgroupId, customerIds }: Principal): Promise<boolean> {
    const session = sessionId === undefined ? undefined : this.sessions.find(sessionId);
    const token = sessionId === undefined ? this.tokens.find(by) : undefined;
    const now = session !== undefined ? await this.ofSession(session) : token !== undefined ? await this.#ofToken(token) : undefined;
    return (
      now !== undefined &&
      now.workgroupId === workgroupId &&
      now.rights.join() === rights.join() &&
      now.customerIds?.join() === customerIds?.join()
    );
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
    return found === undefined ? undefined : this.#ofToken(found);
  }

  /** A token of an agent opens what both may open. */
  async #ofToken({ tokenId, name, expiresAt, role, workgroupId, agentId, customerIds }: TokenView): Promise<Principal | undefined> {
    const token = {
      by: tokenId,
      tokenId,
      name,
      signedInBy: 'token',
      expiresAt,
      role,
      workgroupId,
      ...(customerIds === null ? {} : { customerIds }),
    } as const;
    const rightsIn = (one: Role): Right[] => (customerIds === null ? rightsOf(one, workgroupId) : confined(rightsOf(one, workgroupId)));
    const rights = rightsIn(role);
    if (agentId === null) return { ...token, rights };
    const agent = await this.#activeAgent(agentId);
    if (agent === undefined || agent.workgroupId !== workgroupId) return undefined;
    const own = rightsIn(agent.role);
    const both = rights.filter((right) => own.includes(right));
    // The role is the agent's where the token's would promise more than that.
    return { ...token, agentId, role: both.length === own.length ? agent.role : role, rights: both };
  }

  async #activeAgent(agentId: string): Promise<Agent | undefined> {
    const agent = await this.views.get(VIEWS.agents, Agent, agentId);
    return agent?.status === 'active' ? agent : undefined;
  }
}
