import type { Operation } from './fault-script.js';
import type { MailboxKind } from './tenant.js';

/** One call as the server saw it: what was asked, what came out, how busy the mailbox was. Part of a batch: `batched`. */
export type RequestRecord = {
  /** Counts from 1. */
  readonly number: number;
  /** ISO 8601. */
  readonly at: string;
  readonly method: string;
  /** Path and query as they came. */
  readonly target: string;
  readonly operation: Operation | 'discovery' | 'unknown';
  readonly version?: 'v1.0' | 'beta';
  readonly clientId?: string;
  readonly mailbox?: { readonly userPrincipalName: string; readonly kind: MailboxKind; readonly id: string };
  readonly itemIds?: readonly string[];
  /** Calls of this app to this mailbox that were in flight when it began, itself included. */
  readonly concurrent: number;
  readonly batched: boolean;
  status: number;
  code?: string;
  /** Bytes of the answer's body. */
  bytes: number;
  /** Time from the first byte in to the last byte out; undefined while it is being answered. */
  milliseconds?: number;
};

/** Adds to a list of at most `keep` records: the older half goes when it is full, so that long runs stay small. */
export const remember = (records: RequestRecord[], record: RequestRecord, keep: number): void => {
  if (records.length >= keep) records.splice(0, Math.ceil(keep / 2));
  records.push(record);
};
