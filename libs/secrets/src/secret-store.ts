import type { Secret } from './secret.js';

/** `secret:<ulid>`: safe to put into events, logs and views. */
export type SecretRef = string;

/** Write-only secrets behind references. A value leaves the store through `use` alone, and never in an error.
 *
 *  Faults: 'secret.not-found' (never), 'secret.unreadable' (never, with advice: another master key, or altered at rest; facts reason),
 *  'secret.unavailable' (retry), 'secret.forbidden' and 'storage.unauthorized' (never, with advice), 'storage.full' (retry). */
export interface SecretStore {
  /** Seals a new secret and returns its reference, `secret:<id>`; `id` is a ULID, by default a new one. A secret that is there already under
   *  this id stays as it is, so a step that derives its id may be repeated. `purpose` says what it is for, such as `endpoint:<ulid>`, and is
   *  kept in the clear: 1..100 characters of [A-Za-z0-9:._-]. */
  put(purpose: string, secret: string, id?: string): Promise<SecretRef>;
  use(ref: SecretRef): Promise<Secret>;
  /** Replaces the value behind a reference; users of the reference get the new one from their next `use` on. `order` (1, 2, …) is the place of
   *  this rotation among all of the reference: nothing happens where the same or a later one was there before, so rotations may be repeated
   *  and overtake each other. */
  rotate(ref: SecretRef, secret: string, order: number): Promise<void>;
  /** Wraps every data key again under the current master key, so that older ones can be destroyed. May be repeated, and runs beside
   *  everything else. Returns how many were wrapped again; those that no known key opens are left and counted. */
  rewrap(): Promise<{ readonly rewrapped: number; readonly unreadable: number }>;
  /** Every secret with its purpose, but those whose records are damaged. */
  list(): Promise<readonly { readonly ref: SecretRef; readonly purpose: string }[]>;
  /** Fine if there is none. */
  delete(ref: SecretRef): Promise<void>;
}
