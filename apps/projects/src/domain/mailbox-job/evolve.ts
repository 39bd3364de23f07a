import { addTotals, listsMailbox, type MailboxJobEvent, type PassKind } from '@pstream/contracts';
import { assertNever } from '@pstream/kernel';
import type { Kept, MailboxJob, OpenPass } from './state.js';

/** Records what happened to a mailbox job. */
export const evolve = (state: MailboxJob, event: MailboxJobEvent): MailboxJob => {
  const kept: Kept = { item: state.item, passes: state.passes, mailbox: state.mailbox, exported: state.exported };
  switch (event.type) {
    case 'MailboxJobOpened': {
      const { projectId, mailboxJobId, source, destination } = event.data;
      return { ...state, item: { projectId, mailboxJobId, source, destination } };
    }
    case 'PassStarted': {
      const { number, kind, settings, at: _at, ...refs } = event.data;
      return { ...kept, is: 'queued', passes: number, pass: { refs, number, kind, settings, attempt: 1 } };
    }
    case 'PassBegun':
      return 'pass' in state ? { ...kept, is: 'migrating', pass: state.pass } : state;
    case 'PassStopRequested':
      return 'pass' in state ? { ...kept, is: 'stopping', pass: state.pass } : state;
    case 'PassStopped':
      return 'pass' in state ? { ...kept, is: 'stopped', pass: state.pass } : state;
    case 'PassResumed': {
      if (!('pass' in state)) return state;
      const pass: OpenPass = { ...state.pass, attempt: event.data.attempt };
      return { ...kept, is: 'queued', pass };
    }
    case 'PassCompleted':
      return {
        ...kept,
        is: 'idle',
        ended: event.data.mailbox.failed > 0 ? 'Completed with errors' : 'Completed',
        mailbox: event.data.mailbox,
        exported: state.exported || listsMailbox(event.data.kind),
      };
    case 'PassFailed':
      return 'pass' in state && event.data.kind !== 'verify'
        ? { ...kept, is: 'failed', pass: state.pass, cause: event.data.cause }
        : { ...kept, is: 'idle', ended: 'Failed' };
    default:
      return assertNever(event);
  }
};

/** A pass that lists adds what it discovered. A retry turns failed items into exported, skipped or failed ones; nothing new
 *  is discovered by it. */
export const mailboxAfter = (
  state: MailboxJob,
  kind: PassKind,
  pass: { discovered: number; exported: number; skipped: number; failed: number },
): MailboxJob['mailbox'] => {
  switch (kind) {
    case 'verify':
      return state.mailbox;
    case 'trial':
    case 'pre-stage':
    case 'full':
      return addTotals(state.mailbox, pass);
    case 'retry-errors':
      return {
        discovered: state.mailbox.discovered,
        exported: state.mailbox.exported + pass.exported,
        skipped: state.mailbox.skipped + pass.skipped,
        failed: state.mailbox.failed - pass.exported - pass.skipped,
      };
    default:
      return assertNever(kind);
  }
};
