import { Health, NewToken, Tokens, Version } from '../schemas/answers.js';
import { TokenBody } from '../schemas/bodies.js';
import { route } from '../route.js';

/** The gateway itself, and the tokens that open it. */
export const systemRoutes = {
  getHealth: route({ tag: 'System', summary: 'Tell whether the gateway answers', answer: Health, open: true }),
  getVersion: route({ tag: 'System', summary: 'Tell which release is running', answer: Version, open: true }),
  listTokens: route({ tag: 'Tokens', summary: 'List the API tokens without their values', answer: Tokens }),
  createToken: route({
    tag: 'Tokens',
    summary: 'Create an API token',
    description: 'The value of the token is in this answer and nowhere else.',
    body: TokenBody,
    answer: NewToken,
    status: 201,
    problems: { 409: ['token.name-taken'] },
  }),
  revokeToken: route({
    tag: 'Tokens',
    summary: 'Revoke an API token',
    description: 'It is refused from this moment on.',
    status: 204,
    problems: { 404: ['token.unknown'], 409: ['token.last'] },
  }),
};
