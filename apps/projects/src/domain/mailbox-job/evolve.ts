import { addTotals, completedStatus, listsMailbox, type MailboxJobEvent, type PassKind, type Totals } from '@pstream/contracts';
import { assertNever } from '@pstream/kernel';
import { FOREIGN, isWithoutTrace, newMailboxJob, type Kept, type MailboxJob, type OpenPass } from './state.js';

/** Records what happened to a mailbox job. */
export const evolve = (state: MailboxJob, event: MailboxJobEvent): MailboxJob => {
  const { item, passes, mailbox, exported, foldersNotListed, priority, round, keptNames, foreignName, leaving, closed } = state;
  const kept: Kept = { item, passes, mailbox, exported, foldersNotListed, priority, round, keptNames, foreignName, leaving, closed };
  switch (event.type) {
    case 'MailboxEdited': {
      const { projectId, mailboxJobId, source, destination } = event.data;
      const item = { projectId, mailboxJobId, source, destination };
      if (!('pass' in state)) return atRest({ ...kept, item });
      return isWithoutTrace(state) ? atRest({ ...kept, item, round: without(round, state.pass) }) : { ...state, item };
    }
    case 'MailboxRemovalRequested':
      return { ...state, leaving: true };
    case 'MailboxRemoved':
      return { ...kept, is: 'removed' };
    case 'MailboxClosed':
      return { ...state, closed: true };
    case 'MailboxJobOpened': {
      const { projectId, mailboxJobId, source, destination } = event.data;
      return { ...state, item: { projectId, mailboxJobId, source, destination } };
    }
    case 'MailboxStartedOver': {
      const { projectId, mailboxJobId, destination } = event.data;
      const { source = '', destination: before = destination } = item ?? {};
      const names = before === destination ? keptNames : [...keptNames, before];
      return {
        ...newMailboxJob,
        item: { projectId, mailboxJobId, source, destination },
        passes,
        priority,
        keptNames: names,
        leaving,
        closed,
      };
    }
    case 'PassStarted': {
      const { number, kind, settings, startAt, at: _at, ...refs } = event.data;
      // What was open until now had left nothing, and is given up.
      const before = 'pass' in state ? without(round, state.pass) : round;
      const now = kind === 'verify' ? before : [...before, { passId: refs.passId, inTrial: settings.folder === 'trial' }];
      return {
        ...kept,
        round: now,
        is: 'queued',
        passes: number,
        pass: {
          refs,
          number,
          kind,
          settings,
          attempt: 1,
          admitted: false,
          begun: false,
          ...(startAt === undefined ? {} : { startAt }),
        },
      };
    }
    case 'PassDue': {
      if (state.is !== 'queued') return state;
      const { startAt: _startAt, ...pass } = state.pass;
      return { ...state, pass };
    }
    case 'MailboxPrioritised':
      return { ...state, priority: event.data.priority };
    case 'PassAdmitted':
      // Only the first attempt waits for its beginning: a later one goes on with whatever was read.
      return 'pass' in state
        ? { ...kept, is: event.data.attempt > 1 ? 'migrating' : 'queued', pass: { ...state.pass, admitted: true } }
        : state;
    case 'PassBegun':
      if (!('pass' in state)) return state;
      // A later attempt that is queued still waits for its place.
      return state.is === 'queued' && state.pass.attempt === 1
        ? { ...kept, is: 'migrating', pass: { ...state.pass, admitted: true, begun: true } }
        : { ...state, pass: { ...state.pass, begun: true } };
    case 'PassStopRequested':
      return 'pass' in state ? { ...kept, is: 'stopping', pass: state.pass } : state;
    case 'PassStopped':
      return 'pass' in state ? { ...kept, is: 'stopped', pass: state.pass } : state;
    case 'PassResumed': {
      if (!('pass' in state)) return state;
      const { startAt: _startAt, ...before } = state.pass;
      const { attempt, destination } = event.data;
      const pass: OpenPass = { ...before, attempt, admitted: false };
      if (destination === undefined || item === null) return { ...kept, is: 'queued', pass };
      const settings = { ...pass.settings, destinationName: destination };
      const now = { item: { ...item, destination }, keptNames: [...keptNames, item.destination] };
      return { ...kept, ...now, is: 'queued', pass: { ...pass, settings } };
    }
    case 'PassCompleted': {
      const { foldersNotListed: notListed = 0 } = event.data;
      // What was exported stays so, verified again or not.
      const isVerified = event.data.kind === 'verify' && !state.exported;
      return {
        ...kept,
        foreignName: null,
        is: 'idle',
        ended: isVerified ? 'Verified' : completedStatus(event.data.mailbox, notListed),
        mailbox: event.data.mailbox,
        foldersNotListed: notListed,
        exported: state.exported || listsMailbox(event.data.kind),
      };
    }
    case 'PassFailed': {
      const { kind, cause } = event.data;
      const isForeign = 'pass' in state && cause.code === FOREIGN;
      const now = { ...kept, foreignName: isForeign ? state.pass.settings.destinationName : foreignName };
      return 'pass' in state && kind !== 'verify'
        ? { ...now, is: 'failed', pass: state.pass, cause }
        : { ...now, is: 'idle', ended: 'Verification failed' };
    }
    default:
      return assertNever(event);
  }
};

const without = (round: Kept['round'], { refs }: OpenPass): Kept['round'] => round.filter(({ passId }) => passId !== refs.passId);

/** A mailbox without an open pass, as those before left it. */
const atRest = (kept: Kept): MailboxJob =>
  kept.exported ? { ...kept, is: 'idle', ended: completedStatus(kept.mailbox, kept.foldersNotListed) } : { ...kept, is: 'not-submitted' };

/** A pass that lists adds what it discovered. A retry turns failed items into exported, skipped or failed ones; new are only the
 *  `firstSeen` items of folders that no pass before it could list. An item that an update has listed again counts once, as it is there now: passes
 *  before had exported it. */
export const mailboxAfter = (
  state: MailboxJob,
  kind: PassKind,
  pass: Totals,
  { firstSeen, superseded }: { readonly firstSeen: number; readonly superseded: number },
): MailboxJob['mailbox'] => {
  switch (kind) {
    case 'verify':
      return state.mailbox;
    case 'trial':
    case 'pre-stage':
    case 'full':
      return addTotals(addTotals(state.mailbox, pass), { discovered: -superseded, exported: -superseded });
    case 'retry-errors':
      return {
        discovered: state.mailbox.discovered + firstSeen,
        exported: state.mailbox.exported + pass.exported,
        skipped: state.mailbox.skipped + pass.skipped,
        failed: state.mailbox.failed + firstSeen - pass.exported - pass.skipped,
      };
    default:
      return assertNever(kind);
  }
};
