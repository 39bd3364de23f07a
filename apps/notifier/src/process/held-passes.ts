import { HELD_MS, VIEWS, type MailboxView, type NoticeEntry } from '@pstream/contracts';
import type { ProjectionReader } from '@pstream/projections';

/** A pass that has been waiting for one cause for too long. */
type HeldPass = { readonly passId: string; readonly customerId: string; readonly entry: NoticeEntry };

const ALL_AT_ONCE = 500;

/** The passes that have been held for more than an hour, as the read model of the mailboxes says. It may lag: then they are found in the next round. */
export const heldPasses = async function* (reader: ProjectionReader, now: string): AsyncGenerator<HeldPass> {
  const latest = new Date(Date.parse(now) - HELD_MS).toISOString();
  for (let after: string | undefined; ; ) {
    const { documents, next } = await reader.find(VIEWS.mailboxes, {
      filter: { status: 'Migrating' },
      limit: ALL_AT_ONCE,
      ...(after === undefined ? {} : { after }),
    });
    for (const { document } of documents) {
      // What is stored is at least what is shown.
      const { held, pass, mailboxJobId, projectId, customerId, source } = document as unknown as MailboxView;
      if (held === null || held.since > latest || pass === null) continue;
      const { code, advice } = held;
      const entry = {
        kind: 'pass.held' as const,
        at: now,
        customerId,
        projectId,
        mailboxJobId,
        source,
        passId: pass.passId,
        passKind: pass.kind,
        pass: pass.number,
        code,
        ...(advice === null ? {} : { advice }),
      };
      yield { passId: pass.passId, customerId, entry };
    }
    if (next === undefined) return;
    after = next;
  }
};

/** Workgroup of a customer; undefined where none is known. */
export const workgroupOf = async (reader: ProjectionReader, customerId: string): Promise<string | undefined> => {
  const workgroupId = (await reader.get(VIEWS.customers, customerId))?.document['workgroupId'];
  return typeof workgroupId === 'string' && workgroupId !== '' ? workgroupId : undefined;
};
