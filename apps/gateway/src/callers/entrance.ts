import { Inject, Injectable } from '@nestjs/common';
import { Agent } from '@pstream/api';
import { INVITATION_MS, VIEWS, type AuditedOrigin, type Role } from '@pstream/contracts';
import { deriveId } from '@pstream/kernel';
import { personOf, Trail } from '../audit/trail.js';
import type { Principal } from '../door/http.js';
import { GATEWAY_OPTIONS, type GatewayOptions } from '../options.js';
import { Views } from '../read/views.js';
import { Sender } from '../send/sender.js';
import { Callers } from './callers.js';
import { SessionStore } from './session-store.js';
import { forgetCodesOf, type CodeFor } from './sign-in-codes.js';

/** A browser that has just been let in: who it is, and the cookie that says so. */
export type Entry = { readonly principal: Principal; readonly cookie: { readonly value: string; readonly lifeMs: number } };

/** How somebody comes, and from where. */
export type Coming = { readonly action: 'createSession' | 'accountSignIn'; readonly from: AuditedOrigin };

/** Whether an agent would be let in: one who is active, or whose invitation can still be accepted. */
export const isExpected = ({ status, invitedAt }: Agent, now: string): boolean =>
  status === 'active' || (status === 'invited' && Date.parse(invitedAt) + INVITATION_MS > Date.parse(now));

/** Lets people in: every way of signing in a browser ends here. */
@Injectable()
export class Entrance {
  constructor(
    @Inject(GATEWAY_OPTIONS) private readonly options: GatewayOptions,
    @Inject(SessionStore) private readonly sessions: SessionStore,
    @Inject(Callers) private readonly callers: Callers,
    @Inject(Views) private readonly views: Views,
    @Inject(Sender) private readonly sender: Sender,
    @Inject(Trail) private readonly trail: Trail,
  ) {}

  /** Begins a session for somebody who has shown who they are; undefined for whoever is inactive, removed or was invited too long ago. */
  async letIn(who: CodeFor, { action, from }: Coming): Promise<Entry | undefined> {
    if (who.agentId !== undefined && !(await this.#accept(who.agentId, who.role))) return undefined;
    const { session, cookie, lifeMs } = await this.sessions.start(who);
    const principal = await this.callers.ofSession(session);
    if (principal === undefined) return undefined;
    // Nobody has the cookie yet, so the session opens nothing before it is on record.
    const entry = { is: 'signed-in', actionId: this.trail.newId(), action, who: personOf(principal), from, object: null, ids: {} } as const;
    await this.trail.record(principal.workgroupId, entry, principal.by);
    return { principal, cookie: { value: cookie, lifeMs } };
  }

  /** An invited agent who comes has accepted. */
  async #accept(agentId: string, role: Role | undefined): Promise<boolean> {
    const agent = await this.views.get(VIEWS.agents, Agent, agentId);
    if (agent === undefined || agent.status === 'inactive') return false;
    // Made by somebody who may give another role than the agent has by now, it would let in whoever made it.
    if (role !== undefined && role !== agent.role) return false;
    if (agent.status === 'active') return true;
    const { workgroupId } = agent;
    const intent = { commandId: deriveId('accept-invitation', agentId), by: agentId };
    const reply = await this.sender.ask(intent, 'people', 'AcceptInvitation', { workgroupId, agentId });
    if (!reply.accepted) return false;
    await this.views.atLeast(`${reply.stream}:${reply.version}`, [VIEWS.agents]);
    // Whoever came with an account leaves an unused invitation behind, which others have seen.
    await forgetCodesOf(this.options.tokensDir, agentId);
    return true;
  }
}
