import { Health, NewToken, Tokens, Version } from '../schemas/answers.js';
import { TokenBody } from '../schemas/bodies.js';
import { Me, SessionBody, SignInCode } from '../schemas/sessions.js';
import { route } from '../route.js';

/** The gateway itself, and the tokens that open it. */
export const systemRoutes = {
  getHealth: route({ tag: 'System', recorded: false, summary: 'Tell whether the gateway answers', answer: Health, open: true }),
  getVersion: route({ tag: 'System', recorded: false, summary: 'Tell which release is running', answer: Version, open: true }),
  getMe: route({ tag: 'Sign-in', right: 'self', recorded: false, summary: 'Tell who is calling, and what they may do', answer: Me }),
  createSession: route({
    tag: 'Sign-in',
    summary: 'Sign a browser in with a one-time code',
    description:
      'Sets the cookie of a session, which scripts cannot read. A request with the cookie that changes something must carry the header ' +
      '`X-PStream-CSRF: 1`. A session ends after 12 hours in which it was not used, and after 7 days.',
    body: SessionBody,
    answer: Me,
    status: 201,
    open: true,
    problems: { 401: ['sign-in.code-invalid'] },
  }),
  endSession: route({
    tag: 'Sign-in',
    right: 'self',
    summary: 'Sign out',
    description: 'Ends the session whose cookie the request carries; event streams that it opened end too.',
    status: 204,
    problems: { 409: ['session.none'] },
  }),
  createSignInCode: route({
    tag: 'Sign-in',
    right: 'self',
    summary: 'Make a one-time code that signs a browser in as the caller',
    description: 'It works once, within 15 minutes.',
    answer: SignInCode,
    status: 201,
  }),
  listTokens: route({ tag: 'Tokens', right: 'self', recorded: false, summary: 'List the API tokens without their values', answer: Tokens }),
  createToken: route({
    tag: 'Tokens',
    right: 'self',
    summary: 'Create an API token',
    description: 'The value of the token is in this answer and nowhere else.',
    body: TokenBody,
    answer: NewToken,
    status: 201,
    problems: { 403: ['role.above-own'], 404: ['customer.unknown'], 409: ['token.name-taken'] },
  }),
  revokeToken: route({
    tag: 'Tokens',
    right: 'self',
    summary: 'Revoke an API token',
    description: 'It is refused from this moment on.',
    status: 204,
    problems: { 404: ['token.unknown'], 409: ['token.last'] },
  }),
};
