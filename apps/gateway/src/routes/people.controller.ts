import { Controller, Inject } from '@nestjs/common';
import { Agent, mayGive, Workgroup } from '@pstream/api';
import { INVITATION_MS, newWorkgroup, signInPath, VIEWS, workgroupStream } from '@pstream/contracts';
import type { Clock, Random } from '@pstream/kernel';
import { CLOCK, RANDOM } from '@pstream/wiring';
import { isExpected } from '../callers/entrance.js';
import { createSignInCode, forgetCodesOf } from '../callers/sign-in-codes.js';
import type { Principal } from '../door/http.js';
import { problem } from '../door/problem.js';
import { Handles, Request, type Answered, type Asked } from '../door/route.js';
import { GATEWAY_OPTIONS, type GatewayOptions } from '../options.js';
import { Views } from '../read/views.js';
import { idFor, Sender, stepOf, type Accepted } from '../send/sender.js';

/** How long the sign-in address works that somebody else hands on. */
const LINK_MS = 24 * 3_600_000;

/** Who works in the workgroup of the caller. */
@Controller()
export class PeopleController {
  constructor(
    @Inject(GATEWAY_OPTIONS) private readonly options: GatewayOptions,
    @Inject(Sender) private readonly sender: Sender,
    @Inject(Views) private readonly views: Views,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(RANDOM) private readonly random: Random,
  ) {}

  @Handles('getWorkgroup')
  async workgroup(@Request() { caller, query, setVersion }: Asked<'getWorkgroup'>): Promise<Answered<'getWorkgroup'>> {
    const { workgroupId } = caller.principal;
    await this.views.atLeast(query.atLeast, [VIEWS.workgroups]);
    setVersion(await this.views.version(VIEWS.workgroups, workgroupStream(workgroupId)));
    return (await this.views.get(VIEWS.workgroups, Workgroup, workgroupId)) ?? newWorkgroup(workgroupId);
  }

  @Handles('editWorkgroup')
  async editWorkgroup(@Request() { caller, body }: Asked<'editWorkgroup'>): Promise<Answered<'editWorkgroup'>> {
    const { workgroupId } = caller.principal;
    const sent = await this.sender.send(this.sender.intent(caller), 'people', 'EditWorkgroup', { workgroupId, ...body });
    await this.#shown(sent);
    return { id: workgroupId, ...sent };
  }

  @Handles('createWorkgroup')
  async createWorkgroup(@Request() { caller, body: { name, ownerEmail } }: Asked<'createWorkgroup'>): Promise<Answered<'createWorkgroup'>> {
    const intent = this.sender.intent(caller);
    const workgroupId = idFor(intent, 'workgroup');
    await this.sender.send(intent, 'people', 'CreateWorkgroup', { workgroupId, name });
    const owner = { agentId: idFor(intent, 'agent'), email: ownerEmail, name: ownerEmail, role: 'owner' } as const;
    const sent = await this.sender.send(stepOf(intent, 'owner'), 'people', 'InviteAgent', { workgroupId, ...owner });
    await this.#shown(sent);
    return { id: owner.agentId, ...sent, ...(await this.#invitation(caller.principal, owner.agentId)) };
  }

  @Handles('listPeople')
  async list(@Request() { caller, query: { atLeast, ...page } }: Asked<'listPeople'>): Promise<Answered<'listPeople'>> {
    await this.views.atLeast(atLeast, [VIEWS.agents]);
    return this.views.page(VIEWS.agents, Agent, { workgroupId: caller.principal.workgroupId }, page, 'name');
  }

  @Handles('getAgent')
  async show(@Request() { caller, params: { agentId }, query, setVersion }: Asked<'getAgent'>): Promise<Answered<'getAgent'>> {
    const { principal } = caller;
    await this.views.atLeast(query.atLeast, [VIEWS.agents]);
    setVersion(await this.views.version(VIEWS.agents, workgroupStream(principal.workgroupId)));
    return this.#agent(principal, agentId);
  }

  @Handles('inviteAgent')
  async invite(@Request() { caller, body: { email, name = email, role } }: Asked<'inviteAgent'>): Promise<Answered<'inviteAgent'>> {
    const { principal } = caller;
    if (!mayGive(principal.rights, role)) throw problem('role.above-own', 403);
    const intent = this.sender.intent(caller);
    const agentId = idFor(intent, 'agent');
    const { workgroupId } = principal;
    const sent = await this.sender.send(intent, 'people', 'InviteAgent', { workgroupId, agentId, email, name, role });
    await this.#shown(sent);
    return { id: agentId, ...sent, ...(await this.#invitation(principal, agentId)) };
  }

  @Handles('editAgent')
  async edit(@Request() { caller, params: { agentId }, body }: Asked<'editAgent'>): Promise<Answered<'editAgent'>> {
    const { principal } = caller;
    await this.#mine(principal, agentId);
    if (body.role !== undefined && !mayGive(principal.rights, body.role)) throw problem('role.above-own', 403);
    const { workgroupId } = principal;
    const sent = await this.sender.send(this.sender.intent(caller), 'people', 'EditAgent', { workgroupId, agentId, ...body });
    await this.#shown(sent);
    // Whoever has an address that was made for another role may not be who gets this one.
    await forgetCodesOf(this.options.tokensDir, agentId);
    return { id: agentId, ...sent };
  }

  @Handles('removeAgent')
  async remove(@Request() { caller, params: { agentId } }: Asked<'removeAgent'>): Promise<Answered<'removeAgent'>> {
    await this.#mine(caller.principal, agentId);
    const { workgroupId } = caller.principal;
    const sent = await this.sender.send(this.sender.intent(caller), 'people', 'RemoveAgent', { workgroupId, agentId });
    await this.#shown(sent);
    return { id: agentId, ...sent };
  }

  @Handles('createAgentLink')
  async link(@Request() { caller, params: { agentId } }: Asked<'createAgentLink'>): Promise<Answered<'createAgentLink'>> {
    const agent = await this.#mine(caller.principal, agentId);
    if (!isExpected(agent, this.clock.now())) throw problem('agent.invitation-over', 409);
    return this.#code(agent, LINK_MS);
  }

  /** The code of an invitation. The request sent again gets another one only until somebody has come by it: after that, it would let in whoever
   *  sent it as an agent who may do more by now. */
  async #invitation(principal: Principal, agentId: string): Promise<Answered<'createAgentLink'>> {
    const agent = await this.views.get(VIEWS.agents, Agent, agentId);
    if (agent?.status !== 'invited' || !isExpected(agent, this.clock.now())) throw problem('agent.invitation-over', 409);
    if (!mayGive(principal.rights, agent.role)) throw problem('role.above-own', 403);
    return this.#code(agent, INVITATION_MS);
  }

  /** A new code for an agent in their role; those that were made for them before work no longer. */
  async #code({ agentId, role }: Agent, lifeMs: number): Promise<Answered<'createAgentLink'>> {
    await forgetCodesOf(this.options.tokensDir, agentId);
    const { code, expiresAt } = await createSignInCode(
      this.options.tokensDir,
      { clock: this.clock, random: this.random },
      { agentId, role, lifeMs },
    );
    return { code, path: signInPath(code), expiresAt };
  }

  /** What is decided about people holds for the next request, so it is answered when the door sees it. */
  #shown({ stream, version }: Accepted): Promise<void> {
    return this.views.atLeast(`${stream}:${version}`, [VIEWS.agents, VIEWS.workgroups]);
  }

  async #agent({ workgroupId }: Principal, agentId: string): Promise<Agent> {
    const agent = await this.views.need(VIEWS.agents, Agent, agentId, 'agent.unknown');
    if (agent.workgroupId !== workgroupId) throw problem('agent.unknown', 404);
    return agent;
  }

  /** An agent whom the caller may change: one who may do no more than they may. */
  async #mine(principal: Principal, agentId: string): Promise<Agent> {
    const agent = await this.#agent(principal, agentId);
    if (!mayGive(principal.rights, agent.role)) throw problem('role.above-own', 403);
    return agent;
  }
}
