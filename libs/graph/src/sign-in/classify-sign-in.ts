import { Fault, type Facts } from '@pstream/kernel';
import { AGAIN_MS, CONDITIONAL_ACCESS, shown } from '../http/classify-common.js';

/** A refused token request: the fields of Entra's reply that decide, description text reduced to the codes in it. */
export type RefusedSignIn = {
  readonly status: number;
  readonly error: string;
  readonly codes: readonly number[];
  readonly traceId: string | null;
  readonly retryAfterMs?: number;
};

type SignInRule = { readonly codes: readonly number[]; readonly name: string; readonly passing?: true; readonly advice: string };

/** AADSTS codes by what the operator has to do (Graph §2.1). Entra may change them, so they choose the words, not whether to retry,
 *  except for the row marked as passing. */
const SIGN_IN_RULES: readonly SignInRule[] = [
  {
    codes: [7000215],
    name: 'entra.secret-wrong',
    advice: 'The client secret is not right. Enter the Value of the secret, not its Secret ID, and check that no character is missing.',
  },
  {
    codes: [7000222],
    name: 'entra.secret-expired',
    advice:
      'The client secret has expired. Make a new one under Certificates & secrets of the app registration and store it in this endpoint.',
  },
  {
    codes: [7000216, 900144],
    name: 'entra.credential-missing',
    advice: 'The sign-in went out without a secret, a certificate or another field it needs. Complete the endpoint.',
  },
  {
    codes: [700027, 700024],
    name: 'entra.certificate-refused',
    advice:
      'The certificate was refused: it is not the one uploaded to the app, has expired, does not fit the private key, or the clock of this machine is wrong.',
  },
  {
    codes: [700016, 700011, 70001],
    name: 'entra.app-not-found',
    advice: 'This tenant has no enabled app with this client ID. Check client ID and tenant ID, and that an administrator consented.',
  },
  {
    codes: [7000112],
    name: 'entra.app-disabled',
    advice: 'An administrator has disabled the app. Enable it under Enterprise applications.',
  },
  {
    codes: [7000229],
    name: 'entra.app-not-installed',
    advice: 'The app is registered, but not present in this tenant as an enterprise application. Give admin consent once.',
  },
  {
    codes: [90002, 900023],
    name: 'entra.tenant-not-found',
    advice: 'There is no such tenant in the public cloud. Check the tenant ID or domain for typing errors.',
  },
  {
    codes: [90038, 900382, 900432],
    name: 'entra.sovereign-cloud',
    advice: 'The tenant belongs to a national cloud. Its sign-in service is another one, and mailbox export is not offered there.',
  },
  {
    codes: [500011, 650057, 70011, 1002012],
    name: 'entra.scope-wrong',
    advice:
      'The token was asked for the wrong resource or scope; it has to be https://graph.microsoft.com/.default. Unless overridden, this is a defect of the exporter.',
  },
  {
    codes: [65001, 650056, 90094],
    name: 'entra.consent-missing',
    advice: 'No administrator has consented to the permissions of the app yet. Give admin consent in the app registration.',
  },
  { codes: [53003], name: 'entra.conditional-access', advice: CONDITIONAL_ACCESS },
  {
    codes: [9001023, 90130],
    name: 'entra.tenant-required',
    advice: 'The endpoint names common, consumers or organizations instead of a tenant. Enter the ID or domain of the tenant.',
  },
  {
    codes: [90055, 90006, 90024, 90033, 50196],
    name: 'entra.busy',
    passing: true,
    advice: 'The sign-in service is busy or slows the app down. It is tried again by itself.',
  },
];

/** Decides what a refused token request means. An unknown code is named after Entra's `error` and keeps its numbers in the facts. */
export const classifySignIn = (refused: RefusedSignIn): Fault => {
  const facts: Facts = { status: refused.status, error: shown(refused.error), aadsts: refused.codes.map(String), traceId: refused.traceId };
  const rule = SIGN_IN_RULES.find((one) => refused.codes.some((code) => one.codes.includes(code)));
  const passing = rule?.passing === true || refused.error === 'temporarily_unavailable' || refused.status === 429 || refused.status >= 500;
  if (passing && rule?.passing !== true) {
    return new Fault('entra.busy', { retry: { afterMs: refused.retryAfterMs ?? AGAIN_MS }, facts, advice: SIGN_IN_RULES.at(-1)!.advice });
  }
  if (rule !== undefined) {
    const retry = passing ? { afterMs: refused.retryAfterMs ?? AGAIN_MS } : 'never';
    return new Fault(rule.name, { retry, facts, advice: rule.advice });
  }
  const [name, advice] = UNKNOWN_SIGN_IN[refused.error] ?? [
    'entra.sign-in-refused',
    'The sign-in was refused. Look the AADSTS number up in the facts, or report it.',
  ];
  return new Fault(name, { retry: 'never', facts, advice });
};

/** What Entra's own `error` says where no number helps. */
const UNKNOWN_SIGN_IN: Readonly<Record<string, readonly [string, string]>> = {
  invalid_client: ['entra.credential-refused', 'The app was found, but its secret or certificate was refused. Check or renew it.'],
  unauthorized_client: ['entra.app-refused', 'The app may not sign in to this tenant. Check client ID, tenant ID and admin consent.'],
  invalid_scope: ['entra.scope-wrong', 'The token was asked for a scope that does not exist in this tenant.'],
  access_denied: ['entra.conditional-access', CONDITIONAL_ACCESS],
};

/** The sign-in service could not be reached or did not answer in time. */
export const signInUnreachable = (because: string): Fault =>
  new Fault('entra.unreachable', {
    retry: { afterMs: AGAIN_MS },
    facts: { because },
    advice: 'The sign-in service could not be reached. It is tried again; check network, proxy and name resolution if this stays.',
  });
