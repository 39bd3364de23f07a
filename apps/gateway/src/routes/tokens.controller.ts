import { Controller, Delete, Get, Inject, Param, Post } from '@nestjs/common';
import type { Clock } from '@pstream/kernel';
import { CLOCK } from '@pstream/wiring';
import { Token, Tokens } from '../api/answers.js';
import { TokenBody } from '../api/requests.js';
import { Route } from '../api/route.js';
import { ValidBody } from '../door/params.js';
import { problem } from '../door/problem.js';
import { TokenStore, type NewToken, type TokenView } from '../tokens/token-store.js';

const DAY_MS = 24 * 60 * 60 * 1_000;

/** API tokens. */
@Controller('v1/tokens')
export class TokensController {
  constructor(
    @Inject(TokenStore) private readonly tokens: TokenStore,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Post()
  @Route({ summary: 'Makes an API token; its value is told this once', body: TokenBody, answer: Token, status: 201 })
  async create(@ValidBody(TokenBody) { name, expiresInDays }: TokenBody): Promise<NewToken> {
    const expiresAt = expiresInDays === undefined ? null : new Date(Date.parse(this.clock.now()) + expiresInDays * DAY_MS).toISOString();
    const made = await this.tokens.create(name, expiresAt);
    if (made === undefined) throw problem('token.name-taken', 409);
    return made;
  }

  @Get()
  @Route({ summary: 'Lists the API tokens without their values', answer: Tokens })
  list(): { readonly items: TokenView[] } {
    return { items: this.tokens.list() };
  }

  @Delete(':tokenId')
  @Route({ summary: 'Revokes an API token at once', status: 204 })
  async revoke(@Param('tokenId') tokenId: string): Promise<void> {
    const outcome = await this.tokens.revoke(tokenId);
    if (outcome === 'unknown') throw problem('token.unknown', 404);
    if (outcome === 'last') throw problem('token.last', 409);
  }
}
