import { HELD_MS, SILENT_MS, VIEWS, type MailboxView, type NoticeEntry } from '@pstream/contracts';
import type { ProjectionReader } from '@pstream/projections';

/** A pass that does not go on. */
type StuckPass = { readonly passId: string; readonly customerId: string; readonly entry: NoticeEntry };

const ALL_AT_ONCE = 500;

const SILENT = {
  kind: 'pass.silent',
  code: 'pass.silent',
  advice: 'Its worker may be lost. pstream gives the work to another one by itself; if it stays so, look at the processes and their logs.',
} as const;

/** The passes that have waited for one cause for more than an hour, and those of which nothing was heard for half an hour although they wait for
 *  nothing, as the read model of the mailboxes says. It may lag: then they are found in the next round. */
export const stuckPasses = async function* (reader: ProjectionReader, now: string): AsyncGenerator<StuckPass> {
  for (let after: string | undefined; ; ) {
    const { documents, next } = await reader.find(VIEWS.mailboxes, {
      filter: { status: 'Migrating' },
      limit: ALL_AT_ONCE,
      ...(after === undefined ? {} : { after }),
    });
    for (const { document } of documents) {
      // What is stored is at least what is shown.
      const view = document as unknown as MailboxView;
      const why = whyStuck(view, now);
      if (why === undefined || view.pass === null) continue;
      const { pass, mailboxJobId, projectId, customerId, source } = view;
      const { passId, kind: passKind, number } = pass;
      yield { passId, customerId, entry: { ...why, at: now, customerId, projectId, mailboxJobId, source, passId, passKind, pass: number } };
    }
    if (next === undefined) return;
    after = next;
  }
};

const whyStuck = ({ held, progressAt }: MailboxView, now: string): Pick<NoticeEntry, 'kind' | 'code' | 'advice'> | undefined => {
  const since = (ms: number): string => new Date(Date.parse(now) - ms).toISOString();
  if (held === null) return progressAt !== null && progressAt <= since(SILENT_MS) ? SILENT : undefined;
  if (held.since > since(HELD_MS)) return undefined;
  const { code, advice } = held;
  return { kind: 'pass.held', code, ...(advice === null ? {} : { advice }) };
};

/** Workgroup of a customer; undefined where none is known. */
export const workgroupOf = async (reader: ProjectionReader, customerId: string): Promise<string | undefined> => {
  const workgroupId = (await reader.get(VIEWS.customers, customerId))?.document['workgroupId'];
  return typeof workgroupId === 'string' && workgroupId !== '' ? workgroupId : undefined;
};
