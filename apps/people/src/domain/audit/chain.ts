import { auditHash, AUDIT_SEGMENT, NO_RECORD, type AuditEntry, type AuditEvent, type AuditRecord } from '@pstream/contracts';

/** Where a chain ends: the stream that takes the next record, and what that record follows. */
export type ChainHead = {
  readonly segment: number;
  /** Version of that stream. */
  readonly version: number;
  readonly sha256: string;
  readonly at: string;
};

export const NEW_CHAIN: ChainHead = { segment: 1, version: 0, sha256: NO_RECORD, at: '' };

/** The head after a record that is the last of a chain. */
export const headAfter = (segment: number, version: number, { data: { sha256, at } }: AuditEvent): ChainHead =>
  version < AUDIT_SEGMENT ? { segment, version, sha256, at } : { segment: segment + 1, version: 0, sha256, at };

/** The next record of a chain. Its time is never before that of the record that it follows. */
export const recordAfter = (
  head: ChainHead,
  chain: string,
  entry: AuditEntry,
  now: string,
): { readonly event: AuditEvent; readonly head: ChainHead } => {
  const at = now > head.at ? now : head.at;
  const seq = (head.segment - 1) * AUDIT_SEGMENT + head.version + 1;
  const record = JSON.stringify({ chain, seq, at, previous: head.sha256, ...entry } satisfies AuditRecord);
  const sha256 = auditHash(record);
  const event: AuditEvent = { type: 'AuditRecorded', data: { workgroupId: chain, record, sha256, at } };
  return { event, head: headAfter(head.segment, head.version + 1, event) };
};
