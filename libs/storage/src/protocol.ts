import type { FaultText } from '@pstream/kernel';
import type { DatabaseSpec } from './database-file.js';

/** What is asked of the engine. `database` is the number that the caller gave the database when opening it. */
export type Request = { readonly id: number; readonly database: number } & (
  | { readonly is: 'open'; readonly spec: DatabaseSpec; readonly module: string }
  | { readonly is: 'call'; readonly name: string; readonly argument: unknown }
  | { readonly is: 'backup'; readonly to: string }
  | { readonly is: 'close' }
);

/** What went wrong: a Fault, or the message of a bug of our own. */
export type Failure = { readonly fault: FaultText } | { readonly defect: string };

/** The engine's answer to one request. */
export type Reply = { readonly id: number } & ({ readonly value: unknown } | Failure);

/** What the engine sends at once: replies, and the fault that has stopped a database for good, if one just did. */
export type Replies = { readonly replies: readonly Reply[]; readonly stopped?: FaultText };
