import type { Facts } from '@pstream/kernel';
import type { ProblemText } from './problem-text.js';

const rolesText = ({ roles }: Facts): string => (Array.isArray(roles) && roles.length > 0 ? roles.join(' or ') : 'Owner or Admin');

/** Codes about who may do what, signing in, and tokens. */
export const ACCESS_TEXTS = {
  'right.missing': {
    title: 'You may not do this',
    detail: (facts) =>
      `The right ${String(facts['right'] ?? 'to do this')} is needed, and the role ${String(facts['role'] ?? 'you have')} does not have it. Ask somebody who is ${rolesText(facts)}. \`pstream session show\` lists your rights.`,
  },
  'token.confined': {
    title: 'This token is for some customers',
    detail: 'It is confined to customers that there are. Create a customer with a token of the whole workgroup.',
  },
  'role.above-own': {
    title: 'A role above your own',
    detail: 'Nobody hands out rights that they do not have. Give a role that may do no more than yours.',
  },
  'webhook.not-set-up': {
    title: 'Reports of Stripe are not heard here',
    detail:
      'No signing secret is configured. Set PSTREAM_STRIPE_WEBHOOK_SECRET_FILE and restart the gateway, or remove the webhook at Stripe: payments are found without it.',
  },
  'webhook.signature-invalid': {
    title: 'Not a report of Stripe',
    detail:
      'The signature is missing, belongs to another secret, or is older than five minutes. Compare the signing secret at Stripe with the file of PSTREAM_STRIPE_WEBHOOK_SECRET_FILE, and check the clock of this machine.',
  },
  'sign-in.code-invalid': {
    title: 'The sign-in address no longer works',
    detail:
      'A sign-in address works once, and only for a short time. Make another one with `pstream session link`, or on the machine that pstream runs on with `pstream admin sign-in`.',
  },
  'sign-in.not-configured': {
    title: 'Accounts cannot sign in here',
    detail:
      'No OpenID Connect provider is configured. Sign in with a one-time address, or set PSTREAM_OIDC_ISSUER and PSTREAM_OIDC_CLIENT_ID and restart the gateway.',
  },
  'sign-in.not-begun': {
    title: 'This sign-in was not begun in this browser',
    detail:
      'The answer of the provider belongs to no sign-in that this browser began within the last 10 minutes, or to one that is over. Sign in again, and allow cookies for this address.',
  },
  'sign-in.busy': {
    title: 'Too many sign-ins at once',
    detail: 'Others are being signed in at this moment. Try again in some seconds.',
  },
  'sign-in.provider-unavailable': {
    title: 'The sign-in provider does not answer',
    detail:
      'The provider could not be reached, or did not answer as an OpenID Connect provider does. Try again in a minute; if it stays so, ask your administrator to check PSTREAM_OIDC_ISSUER and the network of the gateway.',
  },
  'sign-in.provider-refused': {
    title: 'The provider refused the sign-in',
    detail: (facts) =>
      `The provider answered ${String(facts['error'] ?? 'with an error')}. Sign in again; if it stays so, ask your administrator to check the registration of pstream at the provider.`,
  },
  'sign-in.token-refused': {
    title: 'The answer of the provider cannot be trusted',
    detail: (facts) =>
      `The ID token is refused (${String(facts['reason'] ?? 'token.unusable')}). Sign in again; if it stays so, give this reason to your administrator. The manual explains each.`,
  },
  'sign-in.address-unverified': {
    title: 'The provider does not vouch for a mail address',
    detail:
      'The ID token has no mail address that the provider says is verified. Ask your administrator to let the provider send email with email_verified or, for Entra ID, xms_edov.',
  },
  'sign-in.not-let-in': {
    title: 'This account is not let in',
    detail:
      'No active agent of a workgroup has the mail address of the account. Ask an Owner or Admin to invite you, to invite you again, or to activate you.',
  },
  'session.none': {
    title: 'There is no session',
    detail: 'The request carried an API token, so there is nothing to end. `pstream token revoke` revokes a token.',
  },

  // Tokens.
  'token.unknown': { title: 'No such token', detail: 'There is no API token with this id. `pstream token list` shows the ids.' },
  'token.last': {
    title: 'The last token cannot be revoked',
    detail: 'Create another token first, sign in with it, and then revoke this one.',
  },
  'token.name-taken': {
    title: 'Name already in use',
    detail: 'There is a token with this name. Choose another name, or revoke that token first.',
  },

  // People.
  'workgroup.unknown': { title: 'No such workgroup', detail: 'There is no workgroup with this id.' },
  'agent.unknown': { title: 'No such agent', detail: 'Your workgroup has no agent with this id. `pstream people list` shows them.' },
  'agent.address-taken': {
    title: 'Already in the workgroup',
    detail: 'Your workgroup has an agent with this address. `pstream people link` makes a new sign-in address for them.',
  },
  'agent.invitation-over': {
    title: 'The invitation is over',
    detail:
      'The agent has accepted it already, is inactive or removed, or did not come in time. `pstream people link` makes a new sign-in address for an active agent of your workgroup; activate an inactive one; remove and invite again whoever did not come.',
  },
  'agent.last-owner': {
    title: 'The last owner stays',
    detail: 'A workgroup needs an owner who is let in. Make another agent an owner first with `pstream people role`.',
  },
} as const satisfies Readonly<Record<string, ProblemText>>;
