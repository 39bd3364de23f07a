import { createCipheriv, createDecipheriv } from 'node:crypto';
import { digest } from '../ids.js';
import { badRequest, Refusal } from './refusal.js';

/** What a delta link remembers. Options are baked in, as the service does. */
export type DeltaState = {
  /** Mailbox id, and folder id for items and child folders. */
  readonly mailbox: string;
  readonly folder: string | null;
  readonly of: 'items' | 'folders';
  /** First round (every entry) or what changed after it. */
  readonly phase: 'round' | 'changes';
  /** Entries handed out in this phase. */
  readonly at: number;
  /** Items: one past the last ordinal of the round, fixed at its start. */
  readonly end: number;
  /** Place in the change log from which the next changes count, and where the ones being handed out stop. */
  readonly from: number;
  readonly to: number;
  readonly size: number;
  readonly select: readonly string[] | null;
  readonly newestFirst: boolean;
  readonly since: string | null;
  /** `>` for gt, `>=` for ge. */
  readonly inclusive: boolean;
  /** Empty pages handed out at this place: no link is given twice. */
  readonly empties?: number;
};

/** Opaque tokens, bound to a tenant so that they outlive a restart of the simulator. */
export class DeltaTokens {
  readonly #key: Buffer;

  constructor(tenantId: string) {
    this.#key = digest('delta', tenantId);
  }

  /** Writes a state as a token. */
  seal(state: DeltaState): string {
    const cipher = createCipheriv('aes-256-gcm', this.#key, Buffer.alloc(12));
    const body = Buffer.concat([cipher.update(JSON.stringify(state), 'utf8'), cipher.final()]);
    return Buffer.concat([cipher.getAuthTag(), body]).toString('base64url');
  }

  /** Reads a token. Throws Refusal 410 `SyncStateInvalid` for one that was tampered with, 400 for one of another resource. */
  open(token: string, of: DeltaState['of'], mailbox: string, folder: string | null): DeltaState {
    const bytes = Buffer.from(token, 'base64url');
    let state: DeltaState;
    try {
      const decipher = createDecipheriv('aes-256-gcm', this.#key, Buffer.alloc(12));
      decipher.setAuthTag(bytes.subarray(0, 16));
      state = JSON.parse(Buffer.concat([decipher.update(bytes.subarray(16)), decipher.final()]).toString('utf8')) as DeltaState;
    } catch {
      throw deadToken('SyncStateInvalid');
    }
    if (state.of !== of || state.mailbox !== mailbox || state.folder !== folder)
      throw badRequest('The token belongs to another resource.', 'SyncStateInvalid');
    return state;
  }
}

/** 410: start over without a token. */
export const deadToken = (code = 'SyncStateNotFound'): Refusal => new Refusal(410, code, 'The sync state generation is not found.');
