import { Controller, Inject } from '@nestjs/common';
import { Agent } from '@pstream/api';
import { signInPath, VIEWS } from '@pstream/contracts';
import { deriveId, type Clock, type Random } from '@pstream/kernel';
import { CLOCK, RANDOM } from '@pstream/wiring';
import { Callers } from '../callers/callers.js';
import { SessionStore } from '../callers/session-store.js';
import { createSignInCode, redeemSignInCode } from '../callers/sign-in-codes.js';
import type { Principal } from '../door/http.js';
import { problem } from '../door/problem.js';
import { Handles, Request, type Answered, type Asked } from '../door/route.js';
import { GATEWAY_OPTIONS, type GatewayOptions } from '../options.js';
import { Views } from '../read/views.js';
import { Sender } from '../send/sender.js';

/** Who is calling, and the sessions of browsers. */
@Controller()
export class SessionsController {
  constructor(
    @Inject(GATEWAY_OPTIONS) private readonly options: GatewayOptions,
    @Inject(SessionStore) private readonly sessions: SessionStore,
    @Inject(Callers) private readonly callers: Callers,
    @Inject(Views) private readonly views: Views,
    @Inject(Sender) private readonly sender: Sender,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(RANDOM) private readonly random: Random,
  ) {}

  @Handles('getMe')
  me(@Request() { caller }: Asked<'getMe'>): Answered<'getMe'> {
    return shown(caller.principal);
  }

  @Handles('createSession')
  async start(@Request() { body, setSession }: Asked<'createSession'>): Promise<Answered<'createSession'>> {
    const found = await redeemSignInCode(this.options.tokensDir, body.code, this.clock);
    if (found === undefined) throw problem('sign-in.code-invalid', 401);
    if (found.agentId !== undefined) await this.#accept(found.agentId);
    const { session, cookie, lifeMs } = await this.sessions.start(found);
    const principal = await this.callers.ofSession(session);
    if (principal === undefined) throw problem('sign-in.code-invalid', 401);
    setSession({ value: cookie, lifeMs });
    return shown(principal);
  }

  /** An invited agent who comes has accepted. Whoever is inactive or removed gets the same answer as a stranger. */
  async #accept(agentId: string): Promise<void> {
    const agent = await this.views.get(VIEWS.agents, Agent, agentId);
    if (agent === undefined || agent.status === 'inactive') throw problem('sign-in.code-invalid', 401);
    if (agent.status === 'active') return;
    const { workgroupId } = agent;
    const intent = { commandId: deriveId('accept-invitation', agentId), by: agentId };
    const reply = await this.sender.ask(intent, 'people', 'AcceptInvitation', { workgroupId, agentId });
    if (!reply.accepted) throw problem('sign-in.code-invalid', 401);
    await this.views.atLeast(`${reply.stream}:${reply.version}`, [VIEWS.agents]);
  }

  @Handles('endSession')
  async end(@Request() { caller, setSession }: Asked<'endSession'>): Promise<undefined> {
    const { sessionId } = caller.principal;
    if (sessionId === undefined) throw problem('session.none', 409);
    await this.sessions.end(sessionId);
    setSession(null);
  }

  @Handles('createSignInCode')
  async code(@Request() { caller: { principal } }: Asked<'createSignInCode'>): Promise<Answered<'createSignInCode'>> {
    // A session does no more than what it was made from: a token of an agent may do less than the agent.
    const { tokenId, agentId } = principal;
    const who = tokenId !== undefined ? { tokenId } : agentId !== undefined ? { agentId } : {};
    const { code, expiresAt } = await createSignInCode(this.options.tokensDir, { clock: this.clock, random: this.random }, who);
    return { code, path: signInPath(code), expiresAt };
  }
}

const shown = ({ by, name, signedInBy, role, rights, workgroupId, expiresAt }: Principal): Answered<'getMe'> => ({
  id: by,
  name,
  signedInBy,
  role,
  rights: [...rights],
  workgroupId,
  expiresAt,
});
