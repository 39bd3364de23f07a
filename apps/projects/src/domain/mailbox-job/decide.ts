import { unaccounted, type LineItem, type MailboxJobEvent, type PassKind, type PassRefs, type PassSettings } from '@pstream/contracts';
import { accept, assertNever, reject, type Decision } from '@pstream/kernel';
import type { MailboxJobCommand } from './commands.js';
import { mailboxAfter } from './evolve.js';
import { FOREIGN, isSubmitted, isUnderWay, isWithoutTrace, type MailboxJob, type OpenPass, type UnderWay } from './state.js';

/** When a pass may start, stop, go on and end. Pre-Stage and Full need an applied, unexpired bundle and may be run again:
 *  each takes only what no pass before it has taken. A Trial is free and comes first; Retry Errors needs a finished export
 *  with failed items or folders that could not be listed, and is free; verification is free. A pass completes only if its sum holds. */
export const decide = (command: MailboxJobCommand, state: MailboxJob): Decision<MailboxJobEvent> => {
  switch (command.type) {
    case 'StartPass':
      return start(command, state);
    case 'EditMailbox': {
      const refused = unmovable(command, state);
      if (refused !== undefined) return refused;
      const now = state.item ?? command.item;
      const { source = now.source, destination = now.destination } = command;
      if (source === now.source && destination === now.destination) return accept();
      return edited(command, { projectId: command.refs.projectId, source, destination });
    }
    case 'MoveMailbox':
      if (state.item?.projectId === command.to) return accept();
      return unmovable(command, state) ?? edited(command, { ...(state.item ?? command.item), projectId: command.to });
    case 'StartOver':
      return startOver(command, state);
    case 'RemoveMailbox': {
      if (state.is === 'removed' || isElsewhere(command, state) || (state.item ?? command.item) === undefined) return unknown(command);
      const data = { ...command.refs, at: command.at };
      if (!isUnderWay(state)) return accept({ type: 'MailboxRemoved', data });
      if (!command.stop) return passOpen(state);
      if (isSubmitted(state)) return accept<MailboxJobEvent>(cancelled(state, command.at), { type: 'MailboxRemoved', data });
      if (state.leaving) return accept();
      const { refs, attempt, kind } = state.pass;
      return accept<MailboxJobEvent>(
        { type: 'MailboxRemovalRequested', data },
        // A verification ends by itself.
        ...(kind === 'verify' || state.is === 'stopping'
          ? []
          : [{ type: 'PassStopRequested' as const, data: { ...refs, attempt, at: command.at } }]),
      );
    }
    case 'CloseMailbox': {
      const { item } = command;
      if (state.is === 'removed' || state.closed || isElsewhere(command, state) || (state.item ?? item) === undefined) return accept();
      if (isUnderWay(state)) return passOpen(state);
      const opened = item === undefined ? [] : opening({ ...command, item }, state);
      return accept<MailboxJobEvent>(...opened, { type: 'MailboxClosed', data: { ...idsOf(command), at: command.at } });
    }
    case 'PrioritiseMailbox':
      if (state.is === 'removed' || isElsewhere(command, state)) return unknown(command);
      if (state.closed) return closed();
      return accept(...opening(command, state), ...prioritised(command, state));
    case 'QueuePass':
      return isSubmitted(state) && state.pass.refs.passId === command.passId && state.pass.startAt <= command.at
        ? accept({ type: 'PassDue', data: { ...state.pass.refs, at: command.at } })
        : accept();
    case 'AdmitPass':
      // Whoever was stopped meanwhile has left the queue, and says so.
      return state.is === 'queued' && isThis(state.pass, command) && !state.pass.admitted && !isSubmitted(state)
        ? accept({ type: 'PassAdmitted', data: { ...state.pass.refs, attempt: command.attempt, at: command.at } })
        : accept();
    case 'BeginPass':
      // A pass may be stopped, or fail, before it is known here that it has begun to read.
      return 'pass' in state && state.pass.refs.passId === command.passId && !state.pass.begun
        ? accept({ type: 'PassBegun', data: { ...state.pass.refs, at: command.at } })
        : accept();
    case 'StopPass': {
      if (state.is === 'stopping' || state.is === 'stopped') return accept();
      if (state.is !== 'queued' && state.is !== 'migrating') return reject('mailbox-job.not-running', { status: state.is });
      if (isSubmitted(state)) return accept(cancelled(state, command.at));
      if (state.pass.kind === 'verify') return reject('mailbox-job.verification-ends-by-itself', { status: state.is });
      return accept({ type: 'PassStopRequested', data: { ...state.pass.refs, attempt: state.pass.attempt, at: command.at } });
    }
    case 'ConfirmStopped':
      return state.is === 'stopping' && isThis(state.pass, command)
        ? leaving(state, { type: 'PassStopped', data: { ...state.pass.refs, at: command.at } })
        : accept();
    case 'ResumePass':
      if (state.closed) return closed();
      // A verification can only have been stopped before its time came: there is nothing to go on with.
      if ((state.is !== 'stopped' && state.is !== 'failed') || state.pass.kind === 'verify')
        return reject('mailbox-job.not-stopped', { status: state.is });
      if (isUnaccounted(state)) return reject('mailbox-job.built-to-its-end', { status: state.is });
      return resume(command, state);
    case 'CompletePass': {
      // A pass that was being stopped may reach its end first; then it is complete.
      if (!('pass' in state) || state.pass.refs.passId !== command.passId || state.is === 'failed') return accept();
      const { refs, kind } = state.pass;
      const open = unaccounted(command.totals);
      if (open !== 0) {
        const cause = {
          code: UNACCOUNTED,
          advice:
            'This is a fault of pstream: report it with the pass id. The PSTs that are verified are whole. Export the mailbox again in a new project.',
          facts: { ...command.totals, unaccounted: open },
        };
        return leaving(state, { type: 'PassFailed', data: { ...refs, kind, cause, at: command.at } });
      }
      return leaving(state, {
        type: 'PassCompleted',
        data: {
          ...refs,
          kind,
          pass: command.totals,
          mailbox: mailboxAfter(state, kind, command.totals, command),
          ...notListedAfter(state, kind, command.foldersNotListed),
          ...(command.superseded === 0 ? {} : { superseded: command.superseded }),
          at: command.at,
        },
      });
    }
    case 'FailPass': {
      if (!('pass' in state) || state.is === 'failed' || state.is === 'stopped' || state.pass.refs.passId !== command.passId)
        return accept();
      if (command.attempt !== null && command.attempt !== state.pass.attempt) return accept();
      return leaving(state, {
        type: 'PassFailed',
        data: { ...state.pass.refs, kind: state.pass.kind, cause: command.cause, at: command.at },
      });
    }
    default:
      return assertNever(command);
  }
};

/** Whether the open pass needs another name for its parts to come: something that is not ours has that of the next one. */
export const needsFreeName = (state: MailboxJob): boolean => state.is === 'failed' && state.cause.code === FOREIGN;

const resume = (
  { next, at }: Extract<MailboxJobCommand, { type: 'ResumePass' }>,
  state: MailboxJob & { readonly pass: OpenPass },
): Decision<MailboxJobEvent> => {
  const { refs, attempt, settings } = state.pass;
  const data = { ...refs, attempt: attempt + 1, at };
  if (next === undefined || !needsFreeName(state)) return accept({ type: 'PassResumed', data });
  const { passId: _passId, ...mailbox } = refs;
  const { source, destinationName: destination } = settings;
  return accept<MailboxJobEvent>(
    ...(state.item === null ? [{ type: 'MailboxJobOpened' as const, data: { ...mailbox, source, destination, at } }] : []),
    { type: 'PassResumed', data: { ...data, destination: next } },
  );
};

/** A pass that exports asks for every folder that is not listed; a verification asks for none. */
const notListedAfter = (state: MailboxJob, kind: PassKind, ofPass: number): { readonly foldersNotListed?: number } => {
  const foldersNotListed = kind === 'verify' ? state.foldersNotListed : ofPass;
  return foldersNotListed === 0 ? {} : { foldersNotListed };
};

/** Everything that arrived was built and verified, and still the sum did not hold: nothing is left that could go on. */
const UNACCOUNTED = 'pass.sum-does-not-hold';
const isUnaccounted = (state: MailboxJob): boolean => state.is === 'failed' && state.cause.code === UNACCOUNTED;

type PlacedCommand = Extract<MailboxJobCommand, { item: unknown }>;
const isElsewhere = ({ refs }: PlacedCommand, { item }: MailboxJob): boolean => item !== null && item.projectId !== refs.projectId;
const closed = (): Decision<never> => reject('project.closed');
const unknown = ({ refs }: PlacedCommand): Decision<never> => reject('mailbox-job.unknown', { mailboxJobId: refs.mailboxJobId });
const passOpen = ({ is, pass }: UnderWay): Decision<never> => reject('mailbox-job.pass-open', { status: is, kind: pass.kind });

/** Why a mailbox cannot become another one: its items are in PSTs, or on their way there. */
const unmovable = (command: PlacedCommand, state: MailboxJob): Decision<never> | undefined => {
  if (state.is === 'removed' || isElsewhere(command, state)) return unknown(command);
  if (state.closed) return closed();
  if (isUnderWay(state)) return passOpen(state);
  const isRead = state.exported || ('pass' in state && !isWithoutTrace(state));
  return isRead ? reject('mailbox-job.already-read', { status: state.is }) : undefined;
};

const edited = (
  { refs, at }: PlacedCommand,
  { projectId, source, destination }: { readonly projectId: string; readonly source: string; readonly destination: string },
): Decision<MailboxJobEvent> => accept({ type: 'MailboxEdited', data: { ...refs, projectId, source, destination, at } });

const startOver = (command: Extract<MailboxJobCommand, { type: 'StartOver' }>, state: MailboxJob): Decision<MailboxJobEvent> => {
  if (state.is === 'removed' || isElsewhere(command, state)) return unknown(command);
  if (state.closed) return closed();
  if (isUnderWay(state)) return passOpen(state);
  const isUntouched = 'pass' in state && state.round.length === 1 && isWithoutTrace(state);
  if (state.round.length === 0 || isUntouched) return reject('mailbox-job.nothing-to-start-over', { status: state.is });
  const { refs, item, parts, next, at } = command;
  const { source, destination } = state.item ?? item;
  const data = { ...refs, passIds: state.round.map(({ passId }) => passId), parts, at };
  return accept<MailboxJobEvent>(
    ...(state.item === null ? [{ type: 'MailboxJobOpened' as const, data: { ...refs, source, destination, at } }] : []),
    { type: 'MailboxStartedOver', data: { ...data, destination: needsOtherName(parts, state) ? next : destination } },
  );
};

/** Whether PSTs stay where the next ones would be. */
export const needsOtherName = (parts: 'keep' | 'delete', state: MailboxJob): boolean => parts === 'keep' && !isTrialOnly(state);

/** The end of a pass, and with it of a mailbox that was only waiting for it. */
const leaving = (state: MailboxJob & { readonly pass: OpenPass }, end: MailboxJobEvent): Decision<MailboxJobEvent> => {
  if (!state.leaving) return accept(end);
  const { passId: _passId, ...refs } = state.pass.refs;
  return accept<MailboxJobEvent>(end, { type: 'MailboxRemoved', data: { ...refs, at: end.data.at } });
};

const isThis = (pass: OpenPass, command: { readonly passId: string; readonly attempt: number }): boolean =>
  pass.refs.passId === command.passId && pass.attempt === command.attempt;

const start = (command: Extract<MailboxJobCommand, { type: 'StartPass' }>, state: MailboxJob): Decision<MailboxJobEvent> => {
  if (state.is === 'removed' || isElsewhere(command, state)) return unknown(command);
  if (state.closed) return closed();
  // What has left nothing anywhere: another pass may take its place, with the settings of now.
  const isUntouched = (state.is === 'failed' || state.is === 'stopped') && isWithoutTrace(state);
  if (state.is === 'failed' && !isUntouched) {
    if (isUnaccounted(state)) return reject('mailbox-job.built-to-its-end', { status: state.is });
    if (command.kind !== 'verify') return reject('mailbox-job.resume-instead', { status: state.is });
    return reject('mailbox-job.resume-first', { status: state.is });
  }
  if ('pass' in state && !isUntouched) return reject('mailbox-job.pass-open', { status: state.is, kind: state.pass.kind });
  const refused = permitted(command, state);
  if (refused !== undefined) return refused;
  const { refs, kind, startAt, at } = command;
  const { source, destination } = state.item ?? command.item;
  const { passId: _passId, ...mailbox } = refs;
  // The folder for Trials holds a Trial, and what retries its errors.
  const inTrial = kind === 'trial' || (kind === 'retry-errors' && isTrialOnly(state));
  const settings = { ...command.settings, source, destinationName: destination, ...(inTrial ? { folder: 'trial' as const } : {}) };
  const again: readonly MailboxJobEvent[] = followsTrial(kind, state)
    ? [
        {
          type: 'MailboxStartedOver',
          data: {
            ...mailbox,
            passIds: state.round.map(({ passId }) => passId),
            parts: command.settings.options?.trialParts === 'discard' ? 'delete' : 'keep',
            destination,
            at,
          },
        },
      ]
    : [];
  return accept<MailboxJobEvent>(...opening(command, state), ...prioritised(command, state), ...again, {
    type: 'PassStarted',
    data: { ...refs, number: state.passes + 1, kind, settings, ...(startAt === undefined ? {} : { startAt }), at },
  });
};

/** Whether a pass is the first to export into the migration's own PSTs what a Trial has exported apart from them. */
const followsTrial = (kind: PassKind, state: MailboxJob): boolean =>
  (kind === 'pre-stage' || kind === 'full') && state.exported && isTrialOnly(state);

const isTrialOnly = ({ round }: MailboxJob): boolean => round.length > 0 && round.every(({ inTrial }) => inTrial);

type IdsOf = Pick<PlacedCommand, 'refs'>;
const idsOf = ({ refs: { workgroupId, customerId, projectId, mailboxJobId } }: IdsOf): Omit<PassRefs, 'passId'> => ({
  workgroupId,
  customerId,
  projectId,
  mailboxJobId,
});

/** The line item as the roster has it, when the mailbox is first acted on. */
const opening = (command: IdsOf & { readonly item: LineItem; readonly at: string }, { item }: MailboxJob): readonly MailboxJobEvent[] => {
  const { source, destination } = command.item;
  return item === null ? [{ type: 'MailboxJobOpened', data: { ...idsOf(command), source, destination, at: command.at } }] : [];
};

const prioritised = (
  command: Pick<PlacedCommand, 'refs' | 'at'> & { readonly priority?: number | undefined },
  state: MailboxJob,
): readonly MailboxJobEvent[] => {
  const { priority = state.priority, at } = command;
  return priority === state.priority ? [] : [{ type: 'MailboxPrioritised', data: { ...idsOf(command), priority, at } }];
};

/** Nothing of it is at work that would have to be waited for. */
const cancelled = ({ pass }: { readonly pass: OpenPass }, at: string): MailboxJobEvent => ({
  type: 'PassStopped',
  data: { ...pass.refs, at },
});

/** Whether a Pre-Stage ends before the first day that the options of the project take. */
const isEmpty = ({ before, options }: Pick<PassSettings, 'before' | 'options'>): boolean =>
  before !== undefined && options?.itemsFrom !== undefined && before <= `${options.itemsFrom}T00:00:00.000Z`;

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
      if (isEmpty(command.settings)) return reject('mailbox-job.nothing-in-range', { before: command.settings.before ?? '' });
      if (command.needsNoLicence === true) return undefined;
      if (command.coveredUntil === null) return reject('licence.not-applied');
      return command.coveredUntil > (command.startAt ?? command.at)
        ? undefined
        : reject('licence.expired', { expiredAt: command.coveredUntil });
    default:
      return assertNever(command.kind);
  }
};
