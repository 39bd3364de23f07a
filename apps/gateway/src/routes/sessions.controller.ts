import { Controller, Inject } from '@nestjs/common';
import { signInPath } from '@pstream/contracts';
import type { Clock, Random } from '@pstream/kernel';
import { CLOCK, RANDOM } from '@pstream/wiring';
import { Entrance } from '../callers/entrance.js';
import { SessionStore } from '../callers/session-store.js';
import { createSignInCode, redeemSignInCode } from '../callers/sign-in-codes.js';
import type { Principal } from '../door/http.js';
import { problem } from '../door/problem.js';
import { Handles, Request, type Answered, type Asked } from '../door/route.js';
import { GATEWAY_OPTIONS, type GatewayOptions } from '../options.js';

/** Who is calling, and the sessions of browsers. */
@Controller()
export class SessionsController {
  constructor(
    @Inject(GATEWAY_OPTIONS) private readonly options: GatewayOptions,
    @Inject(SessionStore) private readonly sessions: SessionStore,
    @Inject(Entrance) private readonly entrance: Entrance,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(RANDOM) private readonly random: Random,
  ) {}

  @Handles('getMe')
  me(@Request() { caller }: Asked<'getMe'>): Answered<'getMe'> {
    return shown(caller.principal);
  }

  @Handles('createSession')
  async start(@Request() { body, from, setSession }: Asked<'createSession'>): Promise<Answered<'createSession'>> {
    const found = await redeemSignInCode(this.options.tokensDir, body.code, this.clock);
    if (found === undefined) throw problem('sign-in.code-invalid', 401);
    const entry = await this.entrance.letIn(found, { action: 'createSession', from });
    // Whoever is inactive or removed gets the same answer as a stranger.
    if (entry === undefined) throw problem('sign-in.code-invalid', 401);
    setSession(entry.cookie);
    return shown(entry.principal);
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

const shown = ({ by, name, signedInBy, role, rights, workgroupId, customerIds, expiresAt }: Principal): Answered<'getMe'> => ({
  id: by,
  name,
  signedInBy,
  role,
  rights: [...rights],
  workgroupId,
  customerIds: customerIds === undefined ? null : [...customerIds],
  expiresAt,
});
