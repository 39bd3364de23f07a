import { Controller, Inject } from '@nestjs/common';
import type { Clock } from '@pstream/kernel';
import { CLOCK } from '@pstream/wiring';
import { problem } from '../door/problem.js';
import { Handles, Request, type Answered, type Asked } from '../door/route.js';
import { TokenStore } from '../tokens/token-store.js';

const DAY_MS = 24 * 60 * 60 * 1_000;

/** API tokens. */
@Controller()
export class TokensController {
  constructor(
    @Inject(TokenStore) private readonly tokens: TokenStore,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Handles('createToken')
  async create(@Request() { body: { name, expiresInDays } }: Asked<'createToken'>): Promise<Answered<'createToken'>> {
    const expiresAt = expiresInDays === undefined ? null : new Date(Date.parse(this.clock.now()) + expiresInDays * DAY_MS).toISOString();
    const made = await this.tokens.create(name, expiresAt);
    if (made === undefined) throw problem('token.name-taken', 409);
    return made;
  }

  @Handles('listTokens')
  list(): Answered<'listTokens'> {
    return { items: this.tokens.list() };
  }

  @Handles('revokeToken')
  async revoke(@Request() { params }: Asked<'revokeToken'>): Promise<undefined> {
    const outcome = await this.tokens.revoke(params.tokenId);
    if (outcome === 'unknown') throw problem('token.unknown', 404);
    if (outcome === 'last') throw problem('token.last', 409);
  }
}
