import {
  CLOSED_PER_BATCH,
  operationStream,
  ROWS_PER_BATCH,
  type ClosedPart,
  type CommandMeta,
  type CommandReply,
  type OperationOutcome,
  type OperationRow,
  type OperationWork,
} from '@pstream/contracts';
import { assert, assertNever, deriveId, isFault, type Facts, type Fault } from '@pstream/kernel';
import { operations } from '../commands/aggregates.js';
import { followMailboxes, removePlaced, resumeRenamed, startOver, takeFreeName } from '../commands/mailboxes.js';
import { claimNames } from '../commands/places.js';
import {
  lineItems,
  prepareStart,
  prioritiseMailbox,
  readStartables,
  resumePass,
  startPass,
  stopPass,
  type Start,
  type Startable,
} from '../commands/passes.js';
import { execute, load, type ProjectsPorts } from '../commands/ports.js';
import type { OperationCommand } from '../domain/operation/decide.js';
import type { Operation, OperationRequest } from '../domain/operation/state.js';
import type { Acting, MailboxRow } from './acting.js';
import { beginClosing, closing } from './closing.js';
import { inLanes } from './lanes.js';
import { beginMove } from './moves.js';
import { chooseRows } from './rows.js';

type Running = Extract<Operation, { is: 'running' }>;
type Requested = Extract<Operation, { is: 'requested' }>;

/** Carries an operation out from where it stands to its end. Every command that it sends has an id that follows from operation and row, and
 *  every batch is recorded once: so it may be interrupted anywhere, run again, and run twice at the same time. Faults that may be retried are
 *  thrown; any other one ends the row that it concerns, or the operation. */
export const runOperation = async (ports: ProjectsPorts, operationId: string, signal: AbortSignal): Promise<void> => {
  let state = await load(ports, operations(ports), operationStream(operationId));
  while (state.is === 'requested' || state.is === 'running') {
    signal.throwIfAborted();
    state = await record(ports, operationId, await nextStep(ports, state, signal));
  }
};

const nextStep = async (ports: ProjectsPorts, state: Requested | Running, signal: AbortSignal): Promise<OperationCommand> => {
  try {
    if (state.is === 'requested' && state.request.work.verb === 'close') return await beginClosing(ports, state.request, signal);
    if (state.is === 'requested') return { type: 'BeginOperation', rows: await chooseRows(ports, state, signal), at: ports.clock.now() };
    return await carryOut(ports, state, signal);
  } catch (error) {
    // The reason for which the work was taken away is no fault of the operation.
    if (signal.aborted || !isLasting(error)) throw error;
    return { type: 'FailOperation', code: error.code, facts: error.facts, at: ports.clock.now() };
  }
};

const record = async (ports: ProjectsPorts, operationId: string, command: OperationCommand): Promise<Operation> => {
  const step = command.type === 'RecordRows' ? command.from : command.type;
  const outcome = await execute(ports, operations(ports), operationStream(operationId), command, {
    commandId: deriveId('operation-step', operationId, step),
    by: 'projects',
    at: command.at,
  });
  assert(outcome.accepted, 'a step of an operation that exists is never refused');
  return outcome.state;
};

const carryOut = async (ports: ProjectsPorts, state: Running, signal: AbortSignal): Promise<OperationCommand> => {
  const { request, done: from } = state;
  const { work } = request;
  const rows = state.rows.slice(from, from + (work.verb === 'close' ? CLOSED_PER_BATCH : ROWS_PER_BATCH));
  if (work.verb === 'apply-bundles') return applyBundles(ports, state, rows);
  const { act, settle, renamed, parts } = await actOn(ports, request, work, rows, from);
  const outcomes = await inLanes(ports.clock, [...rows.entries()], signal, ([at, row]) =>
    outcomeOf(row, (mailbox) => act(mailbox, at), renamed, parts),
  );
  await settle?.();
  return { type: 'RecordRows', from, outcomes, at: ports.clock.now() };
};

type MailboxWork = Exclude<OperationWork, { readonly verb: 'apply-bundles' }>;
const actOn = async (
  ports: ProjectsPorts,
  request: OperationRequest,
  work: MailboxWork,
  rows: readonly OperationRow[],
  from: number,
): Promise<Acting> => {
  const { operationId, projectId, workgroupId, customerId, by } = request;
  assert(projectId !== null, 'an operation over mailboxes has a project');
  const meta = (mailboxJobId: string): CommandMeta => ({
    commandId: deriveId('operation', operationId, mailboxJobId),
    by,
    at: ports.clock.now(),
  });
  const refs = { workgroupId, customerId, projectId };
  const ids = rows.flatMap(({ mailboxJobId }) => (mailboxJobId === null ? [] : [mailboxJobId]));
  switch (work.verb) {
    case 'start': {
      const start = await prepareStart(ports, projectId, work, request.at);
      if (!start.ok) return { act: () => Promise.resolve({ accepted: false, rejection: start.error }) };
      const startables = await startablesOf(ports, start.value, rows);
      const items = startables.flatMap((startable) => (startable === undefined ? [] : [startable.item]));
      const taken = await claimNames(ports, meta(`names ${from}`), start.value.project, items);
      const renamed = new Map<string, string>();
      return {
        act: async ({ mailboxJobId }, at) => {
          const startable = startables[at];
          if (startable === undefined) return unknown({ mailboxJobId });
          const refused = taken.get(mailboxJobId);
          if (work.rename !== true) {
            if (refused !== undefined) return { accepted: false, rejection: { code: 'mailbox.name-taken', facts: refused } };
            return startPass(ports, meta(mailboxJobId), start.value, startable);
          }
          const { item } = startable;
          const name = await takeFreeName(ports, meta(mailboxJobId), start.value.project, item, refused?.offer);
          if (!name.ok) return { accepted: false, rejection: name.error };
          if (name.value !== undefined) renamed.set(mailboxJobId, name.value);
          const destination = name.value ?? item.destination;
          return startPass(ports, meta(mailboxJobId), start.value, { ...startable, item: { ...item, destination } });
        },
        renamed,
      };
    }
    case 'prioritise': {
      const items = new Map((await lineItems(ports, projectId, ids)).map((item, at) => [ids[at], item]));
      return {
        act: async ({ mailboxJobId }) => {
          const item = items.get(mailboxJobId);
          if (item === undefined) return unknown({ mailboxJobId });
          return prioritiseMailbox(ports, meta(mailboxJobId), { ...refs, item, priority: work.priority });
        },
      };
    }
    case 'stop':
      return { act: ({ mailboxJobId }) => stopPass(ports, meta(mailboxJobId), mailboxJobId) };
    case 'resume': {
      if (work.rename !== true) return { act: ({ mailboxJobId }) => resumePass(ports, meta(mailboxJobId), mailboxJobId) };
      const renamed = new Map<string, string>();
      return {
        act: async ({ mailboxJobId }) => {
          const resumed = await resumeRenamed(ports, meta(mailboxJobId), refs, mailboxJobId);
          if (resumed.renamed !== undefined) renamed.set(mailboxJobId, resumed.renamed);
          return resumed.reply;
        },
        renamed,
      };
    }
    case 'start-over':
      return {
        act: ({ mailboxJobId }) => startOver(ports, meta(mailboxJobId), refs, { mailboxJobId, parts: work.parts }),
      };
    case 'close':
      return closing(ports, request, work, meta);
    case 'remove':
      return {
        act: ({ mailboxJobId }) => removePlaced(ports, meta(mailboxJobId), refs, mailboxJobId, work.stop),
        settle: () => followMailboxes(ports, refs, meta(`batch ${from}`), ids),
      };
    case 'move': {
      const move = await beginMove(ports, meta(`batch ${from}`), { from: refs, to: work.toProjectId }, ids);
      return { act: (row) => move.one(meta(row.mailboxJobId), row), settle: move.settle };
    }
    default:
      return assertNever(work);
  }
};

const startablesOf = async (ports: ProjectsPorts, start: Start, rows: readonly OperationRow[]): Promise<(Startable | undefined)[]> => {
  const ids = rows.flatMap(({ mailboxJobId }) => (mailboxJobId === null ? [] : [mailboxJobId]));
  const found = (await readStartables(ports, start, ids)).values();
  return rows.map(({ mailboxJobId }) => (mailboxJobId === null ? undefined : found.next().value));
};

/** One command for all users: either each of them has a bundle afterwards, or the operation fails and none of them has got one. */
const applyBundles = async (
  ports: ProjectsPorts,
  { request, rows: all, done }: Running,
  rows: readonly OperationRow[],
): Promise<OperationCommand> => {
  const { workgroupId, customerId, operationId, by } = request;
  const meta = { commandId: deriveId('operation', operationId, 'apply-bundles'), by, at: ports.clock.now() };
  const reply = await ports.applyBundles(meta, { workgroupId, customerId, users: all.map(({ source }) => source) });
  const at = ports.clock.now();
  if (!reply.accepted) return { type: 'FailOperation', ...reply.rejection, at };
  const { stream, version } = reply;
  return { type: 'RecordRows', from: done, outcomes: rows.map((row) => ({ ...row, outcome: 'accepted', stream, version })), at };
};

const outcomeOf = async (
  row: OperationRow,
  act: (row: MailboxRow) => Promise<CommandReply>,
  renamed?: ReadonlyMap<string, string>,
  parts?: ReadonlyMap<string, readonly ClosedPart[]>,
): Promise<OperationOutcome> => {
  const { mailboxJobId, source } = row;
  const reply = mailboxJobId === null ? unknown({}) : await replyOf(() => act({ mailboxJobId, source }));
  if (!reply.accepted) return { ...row, outcome: 'rejected', ...reply.rejection };
  const name = renamed?.get(mailboxJobId ?? '');
  const settled = parts?.get(mailboxJobId ?? '');
  return {
    ...row,
    outcome: 'accepted',
    stream: reply.stream,
    version: reply.version,
    ...(name === undefined ? {} : { renamed: name }),
    ...(settled === undefined ? {} : { parts: settled }),
  };
};

/** A fault that lasts is the row's own; the others go on. */
const replyOf = async (act: () => Promise<CommandReply>): Promise<CommandReply> => {
  try {
    return await act();
  } catch (error) {
    if (!isLasting(error)) throw error;
    return { accepted: false, rejection: { code: error.code, facts: error.facts } };
  }
};

const isLasting = (error: unknown): error is Fault => isFault(error) && error.retry === 'never';

const unknown = (facts: Facts): CommandReply => ({ accepted: false, rejection: { code: 'mailbox-job.unknown', facts } });
