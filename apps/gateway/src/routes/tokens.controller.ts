import { Controller, Inject } from '@nestjs/common';
import { Customer, mayGive, rightsOf } from '@pstream/api';
import { VIEWS } from '@pstream/contracts';
import type { Clock } from '@pstream/kernel';
import { CLOCK } from '@pstream/wiring';
import type { Principal } from '../door/http.js';
import { missing } from '../door/operation-at.js';
import { problem } from '../door/problem.js';
import { Handles, Request, type Answered, type Asked } from '../door/route.js';
import { ChangeFeed } from '../events/change-feed.js';
import { Views } from '../read/views.js';
import { Scope } from '../scope/scope.js';
import { isSeenBy } from '../tokens/seen-by.js';
import { TokenStore, type TokenView } from '../tokens/token-store.js';

const DAY_MS = 24 * 60 * 60 * 1_000;

/** API tokens. */
@Controller()
export class TokensController {
  constructor(
    @Inject(TokenStore) private readonly tokens: TokenStore,
    @Inject(Scope) private readonly scope: Scope,
    @Inject(Views) private readonly views: Views,
    @Inject(ChangeFeed) private readonly feed: ChangeFeed,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Handles('createToken')
  async create(
    @Request()
    { caller: { principal }, body: { name, expiresInDays, role = principal.role, service = false, customerIds } }: Asked<'createToken'>,
  ): Promise<Answered<'createToken'>> {
    // Whoever is confined to customers gives what their role may do there, and no more customers.
    const mine = principal.customerIds === undefined ? principal.rights : rightsOf(principal.role, principal.workgroupId);
    if (!mayGive(mine, role)) throw problem('role.above-own', 403);
    if (service && !principal.rights.includes('people.manage')) throw missing('people.manage', principal);
    const made = await this.tokens.create({
      name,
      expiresAt: this.#endOf(expiresInDays, principal),
      role,
      workgroupId: principal.workgroupId,
      madeBy: principal.by,
      // A service account goes on when its maker leaves.
      agentId: service ? null : (principal.agentId ?? null),
      customerIds: await this.#confinement(principal, customerIds),
    });
    if (made === undefined) throw problem('token.name-taken', 409);
    await this.feed.tokenChanged(made, false);
    return { ...made, ...shownCustomers(made) };
  }

  /** The customers of a new token: those that were asked for, as far as its maker sees them, or those of its maker. Problem 'customer.unknown' (404). */
  async #confinement(principal: Principal, wanted: readonly string[] | undefined): Promise<readonly string[] | null> {
    for (const customerId of wanted ?? []) {
      const refused = await this.scope.refusal(principal, { customerId });
      if (refused !== undefined) throw refused;
      const { workgroupId } = await this.views.need(VIEWS.customers, Customer, customerId, 'customer.unknown');
      if (workgroupId !== principal.workgroupId) throw problem('customer.unknown', 404);
    }
    return wanted ?? principal.customerIds ?? null;
  }

  /** When a new token expires; null for never. */
  #endOf(days: number | undefined, { tokenId }: Principal): string | null {
    return this.tokens.endOf(days === undefined ? null : new Date(Date.parse(this.clock.now()) + days * DAY_MS).toISOString(), tokenId);
  }

  @Handles('listTokens')
  list(@Request() { caller: { principal } }: Asked<'listTokens'>): Answered<'listTokens'> {
    return { items: this.tokens.list().flatMap((token) => (isSeenBy(principal, token) ? [{ ...token, ...shownCustomers(token) }] : [])) };
  }

  @Handles('revokeToken')
  async revoke(@Request() { caller: { principal }, params: { tokenId } }: Asked<'revokeToken'>): Promise<undefined> {
    const found = this.tokens.list().find((token) => token.tokenId === tokenId && isSeenBy(principal, token));
    if (found === undefined) {
      // It may have been revoked by a request that could not write it down.
      await this.tokens.settle();
      throw problem('token.unknown', 404);
    }
    const outcome = await this.tokens.revoke(tokenId);
    if (outcome === 'unknown') throw problem('token.unknown', 404);
    if (outcome === 'last') throw problem('token.last', 409);
    await this.feed.tokenChanged(found, true);
  }
}

const shownCustomers = ({ customerIds }: Pick<TokenView, 'customerIds'>): { readonly customerIds: string[] | null } => ({
  customerIds: customerIds === null ? null : [...customerIds],
});
