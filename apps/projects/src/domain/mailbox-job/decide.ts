import { unaccounted, type MailboxJobEvent, type PassKind } from '@pstream/contracts';
import { accept, assertNever, reject, type Decision } from '@pstream/kernel';
import type { MailboxJobCommand } from './commands.js';
import { mailboxAfter } from './evolve.js';
import type { MailboxJob, OpenPass } from './state.js';

/** When a pass may start, stop, go on and end. Pre-Stage and Full need an applied, unexpired bundle and may be run again:
 *  each takes only what no pass before it has taken. A Trial is free and comes first; Retry Errors needs a finished export
 *  with failed items or folders that could not be listed, and is free; verification is free. A pass completes only if its sum holds. */
export const decide = (command: MailboxJobCommand, state: MailboxJob): Decision<MailboxJobEvent> => {
  switch (command.type) {
    case 'StartPass':
      return start(command, state);
    case 'BeginPass':
      return state.is === 'queued' && state.pass.refs.passId === command.passId
        ? accept({ type: 'PassBegun', data: { ...state.pass.refs, at: command.at } })
        : accept();
    case 'StopPass': {
      if (state.is === 'stopping' || state.is === 'stopped') return accept();
      if (state.is !== 'queued' && state.is !== 'migrating') return reject('mailbox-job.not-running', { status: state.is });
      if (state.pass.kind === 'verify') return reject('mailbox-job.verification-ends-by-itself', { status: state.is });
      return accept({ type: 'PassStopRequested', data: { ...state.pass.refs, attempt: state.pass.attempt, at: command.at } });
    }
    case 'ConfirmStopped':
      return state.is === 'stopping' && isThis(state.pass, command)
        ? accept({ type: 'PassStopped', data: { ...state.pass.refs, at: command.at } })
        : accept();
    case 'ResumePass':
      if (state.is !== 'stopped' && state.is !== 'failed') return reject('mailbox-job.not-stopped', { status: state.is });
      if (isUnaccounted(state)) return reject('mailbox-job.built-to-its-end', { status: state.is });
      return accept({ type: 'PassResumed', data: { ...state.pass.refs, attempt: state.pass.attempt + 1, at: command.at } });
    case 'CompletePass': {
      // A pass that was being stopped may reach its end first; then it is complete.
      if (!('pass' in state) || state.pass.refs.passId !== command.passId || state.is === 'failed') return accept();
      const { refs, kind } = state.pass;
      const open = unaccounted(command.totals);
      if (open !== 0) {
        const cause = {
          code: UNACCOUNTED,
          advice:
            'This is a fault of pstream: report it with the pass id. The PSTs that are verified are whole. A new project exports the mailbox anew.',
          facts: { ...command.totals, unaccounted: open },
        };
        return accept({ type: 'PassFailed', data: { ...refs, kind, cause, at: command.at } });
      }
      return accept({
        type: 'PassCompleted',
        data: {
          ...refs,
          kind,
          pass: command.totals,
          mailbox: mailboxAfter(state, kind, command.totals, command.firstSeen),
          ...notListedAfter(state, kind, command.foldersNotListed),
          at: command.at,
        },
      });
    }
    case 'FailPass': {
      if (!('pass' in state) || state.is === 'failed' || state.is === 'stopped' || state.pass.refs.passId !== command.passId)
        return accept();
      if (command.attempt !== null && command.attempt !== state.pass.attempt) return accept();
      return accept({ type: 'PassFailed', data: { ...state.pass.refs, kind: state.pass.kind, cause: command.cause, at: command.at } });
    }
    default:
      return assertNever(command);
  }
};

/** A pass that exports asks for every folder that is not listed; a verification asks for none. */
const notListedAfter = (state: MailboxJob, kind: PassKind, ofPass: number): { readonly foldersNotListed?: number } => {
  const foldersNotListed = kind === 'verify' ? state.foldersNotListed : ofPass;
  return foldersNotListed === 0 ? {} : { foldersNotListed };
};

/** Everything that arrived was built and verified, and still the sum did not hold: nothing is left that could go on. */
const UNACCOUNTED = 'pass.sum-does-not-hold';
const isUnaccounted = (state: MailboxJob): boolean => state.is === 'failed' && state.cause.code === UNACCOUNTED;

const isThis = (pass: OpenPass, command: { readonly passId: string; readonly attempt: number }): boolean =>
  pass.refs.passId === command.passId && pass.attempt === command.attempt;

const start = (command: Extract<MailboxJobCommand, { type: 'StartPass' }>, state: MailboxJob): Decision<MailboxJobEvent> => {
  if (state.item !== null && state.item.projectId !== command.refs.projectId)
    return reject('mailbox-job.unknown', { mailboxJobId: command.refs.mailboxJobId });
  if (state.is === 'failed') {
    if (isUnaccounted(state)) return reject('mailbox-job.built-to-its-end', { status: state.is });
    if (command.kind !== 'verify') return reject('mailbox-job.resume-instead', { status: state.is });
    return reject('mailbox-job.resume-first', { status: state.is });
  }
  if ('pass' in state) return reject('mailbox-job.pass-open', { status: state.is, kind: state.pass.kind });
  const refused = permitted(command, state);
  if (refused !== undefined) return refused;
  const { refs, kind, at } = command;
  const { source, destination } = state.item ?? command.item;
  const started: MailboxJobEvent = {
    type: 'PassStarted',
    data: { ...refs, number: state.passes + 1, kind, settings: { ...command.settings, source, destinationName: destination }, at },
  };
  if (state.item !== null) return accept(started);
  const { workgroupId, customerId, projectId, mailboxJobId } = refs;
  return accept<MailboxJobEvent>(
    { type: 'MailboxJobOpened', data: { workgroupId, customerId, projectId, mailboxJobId, source, destination, at } },
    started,
  );
};

const permitted = (command: Extract<MailboxJobCommand, { type: 'StartPass' }>, state: MailboxJob): Decision<never> | undefined => {
  switch (command.kind) {
    case 'verify':
      return undefined;
    case 'retry-errors':
      return state.exported && (state.mailbox.failed > 0 || state.foldersNotListed > 0)
        ? undefined
        : reject('mailbox-job.nothing-to-retry', { failed: state.mailbox.failed, foldersNotListed: state.foldersNotListed });
    case 'trial':
      return state.exported ? reject('mailbox-job.already-exported', { exported: state.mailbox.exported }) : undefined;
    case 'pre-stage':
    case 'full':
      if (command.coveredUntil === null) return reject('licence.not-applied');
      return command.coveredUntil > command.at ? undefined : reject('licence.expired', { expiredAt: command.coveredUntil });
    default:
      return assertNever(command.kind);
  }
};
