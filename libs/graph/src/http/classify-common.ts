/** Advice for a refusal by Conditional Access, whichever service says it. */
export const CONDITIONAL_ACCESS =
  'A Conditional Access policy for workload identities stops this app or this address. Ask the tenant admin to allow the address the exporter calls from.';

/** Wait in milliseconds before a failed call is made again, where its reply names none (Graph §6). */
export const AGAIN_MS = 15_000;

/** A code of a reply, fit for facts: it is foreign text, so only what looks like a code is repeated. */
export const shown = (code: string): string => (/^[\w.-]{1,100}$/.test(code) ? code : code === '' ? 'none' : 'unreadable');
