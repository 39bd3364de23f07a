import type { Facts } from './facts.js';

/** The domain says no. `code` is `<noun>.<condition>`; a door turns it into a status or an exit code. */
export type Rejection = { readonly code: string; readonly facts: Facts };

/** What `decide` returns: the events to append, or the reason why there are none. */
export type Decision<E> =
  | { readonly accepted: true; readonly events: readonly E[] }
  | { readonly accepted: false; readonly rejection: Rejection };

/** Accepts a command with the events it causes; none means that the command changes nothing any more. */
export const accept = <E>(...events: readonly E[]): Decision<E> => ({ accepted: true, events });

/** Refuses a command. */
export const reject = (code: string, facts: Facts = {}): Decision<never> => ({ accepted: false, rejection: { code, facts } });
