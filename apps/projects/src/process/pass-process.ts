import { mailboxJobStream, noItems, type PublishedEvent, type RecordedEvent } from '@pstream/contracts';
import { deriveId } from '@pstream/kernel';
import { mailboxJobs } from '../commands/aggregates.js';
import { followMailboxes } from '../commands/mailboxes.js';
import { execute, type ProjectsPorts } from '../commands/ports.js';
import type { MailboxJobCommand } from '../domain/mailbox-job/commands.js';

/** What the passes' process makes of an event of another context: a command for the mailbox job, or nothing. */
export const commandFor = (event: PublishedEvent, at: string): MailboxJobCommand | undefined => {
  switch (event.type) {
    case 'ExtractionStarted':
      return { type: 'BeginPass', passId: event.data.passId, at };
    case 'ExtractionFailed':
    case 'BuildFailed':
      return { type: 'FailPass', passId: event.data.passId, attempt: event.data.attempt, cause: event.data.cause, at };
    case 'BuildPaused':
      return { type: 'ConfirmStopped', passId: event.data.passId, attempt: event.data.attempt, at };
    case 'BuildFinished':
      return {
        type: 'CompletePass',
        passId: event.data.passId,
        totals: event.data.totals,
        foldersNotListed: event.data.foldersNotListed ?? 0,
        firstSeen: event.data.firstSeen ?? 0,
        superseded: event.data.superseded ?? 0,
        at,
      };
    case 'VerificationFinished': {
      const { passId, verdict, code, advice, foreign } = event.data;
      if (verdict === 'pass')
        return { type: 'CompletePass', passId, totals: noItems, foldersNotListed: 0, firstSeen: 0, superseded: 0, at };
      return {
        type: 'FailPass',
        passId,
        attempt: null,
        cause: {
          code: code ?? 'verification.failed',
          ...(advice === undefined ? {} : { advice }),
          ...(foreign === undefined ? {} : { facts: { name: foreign } }),
        },
        at,
      };
    }
    default:
      return undefined;
  }
};

/** Walks a mailbox job to its end as extraction, build and verification report. A repeated event is the same command. */
export const hear = async (ports: ProjectsPorts, event: RecordedEvent<PublishedEvent>): Promise<void> => {
  const command = commandFor(event, event.at);
  if (command === undefined || !('mailboxJobId' in event.data)) return;
  const { workgroupId, customerId, projectId, mailboxJobId } = event.data;
  const meta = { commandId: deriveId('pass-process', event.id), by: 'projects', at: event.at };
  const outcome = await execute(ports, mailboxJobs, mailboxJobStream(mailboxJobId), command, meta);
  // It was only waiting for the end of its pass.
  if (outcome.accepted && outcome.state.is === 'removed')
    await followMailboxes(ports, { workgroupId, customerId, projectId }, meta, [mailboxJobId]);
};
