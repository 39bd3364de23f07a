import { Inject, Injectable } from '@nestjs/common';
import { Agent, Workgroup } from '@pstream/api';
import { newWorkgroup, signInPath, VIEWS, type AuditedOrigin } from '@pstream/contracts';
import type { Clock, Random } from '@pstream/kernel';
import { CLOCK, RANDOM } from '@pstream/wiring';
import { Entrance, isExpected, type Entry } from '../callers/entrance.js';
import { createSignInCode } from '../callers/sign-in-codes.js';
import { problem } from '../door/problem.js';
import { GATEWAY_OPTIONS, type GatewayOptions } from '../options.js';
import { Views } from '../read/views.js';
import { Provider, type Attempt } from './provider.js';

/** How long somebody may take to choose a workgroup. */
const CHOICE_MS = 5 * 60_000;
const AT_ONCE = 100;
/** Sign-ins that are finished at once. Anybody can come back with something that looks like one, and each asks the provider. */
const FINISHED_AT_ONCE = 32;

/** A workgroup that somebody may go on to, and the one-time address that lets them in there. */
export type Choice = { readonly workgroup: string; readonly path: string };

/** Signs people in with accounts of the OpenID Connect provider: its verified mail address leads to an agent. */
@Injectable()
export class AccountSignIn {
  readonly #provider: Provider | undefined;
  #finishing = 0;

  constructor(
    @Inject(GATEWAY_OPTIONS) private readonly options: GatewayOptions,
    @Inject(Entrance) private readonly entrance: Entrance,
    @Inject(Views) private readonly views: Views,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(RANDOM) private readonly random: Random,
  ) {
    this.#provider = options.oidc === undefined ? undefined : new Provider(options.oidc, { clock, random });
  }

  /** Where to send the browser. Problems 'sign-in.not-configured' (404) and those of `Provider.begin`. */
  begin(redirectUri: string): ReturnType<Provider['begin']> {
    return this.#configured().begin(redirectUri);
  }

  /** Lets in whoever comes back, or lets them choose if their address is known in several workgroups. Problems 'sign-in.not-configured'
   *  (404), 'sign-in.busy' (503), 'sign-in.not-let-in' (403) and those of `Provider.finish`. */
  async finish(answer: URL, attempt: Attempt | undefined, from: AuditedOrigin): Promise<Entry | readonly Choice[]> {
    const provider = this.#configured();
    if (attempt === undefined) throw problem('sign-in.not-begun', 400);
    const agents = await this.#agentsAt(await this.#finished(provider, answer, attempt));
    if (agents.length > 1) return Promise.all(agents.map((agent) => this.#choice(agent)));
    const entry =
      agents[0] === undefined ? undefined : await this.entrance.letIn({ agentId: agents[0].agentId }, { action: 'accountSignIn', from });
    if (entry === undefined) throw problem('sign-in.not-let-in', 403);
    return entry;
  }

  async #finished(provider: Provider, answer: URL, attempt: Attempt): Promise<string> {
    if (this.#finishing >= FINISHED_AT_ONCE) throw problem('sign-in.busy', 503);
    this.#finishing += 1;
    try {
      return await provider.finish(answer, attempt);
    } finally {
      this.#finishing -= 1;
    }
  }

  #configured(): Provider {
    if (this.#provider === undefined) throw problem('sign-in.not-configured', 404);
    return this.#provider;
  }

  /** Everybody with this address who would be let in. The search also finds what only looks alike. */
  async #agentsAt(address: string): Promise<readonly Agent[]> {
    const wanted = address.toLowerCase();
    const found: Agent[] = [];
    for (let cursor: string | undefined; ; ) {
      const page = await this.views.page(VIEWS.agents, Agent, {}, { limit: AT_ONCE, cursor, search: wanted }, 'name');
      found.push(...page.items.filter((agent) => agent.email.trim().toLowerCase() === wanted && isExpected(agent, this.clock.now())));
      if (page.next === null) return found;
      cursor = page.next;
    }
  }

  async #choice({ agentId, workgroupId }: Agent): Promise<Choice> {
    const { name } = (await this.views.get(VIEWS.workgroups, Workgroup, workgroupId)) ?? newWorkgroup(workgroupId);
    const ports = { clock: this.clock, random: this.random };
    const { code } = await createSignInCode(this.options.tokensDir, ports, { agentId, lifeMs: CHOICE_MS });
    return { workgroup: name, path: signInPath(code) };
  }
}
