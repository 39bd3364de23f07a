import {
  ENTRIES_PER_EVENT,
  type OperationEvent,
  type OperationOutcome,
  type OperationRow,
  type RequestOperation,
} from '@pstream/contracts';
import { accept, assertNever, chunksOf, reject, type Decision, type Facts } from '@pstream/kernel';
import type { Operation, OperationRequest } from './state.js';

export type OperationCommand =
  | (RequestOperation & { readonly type: 'RequestOperation'; readonly by: string; readonly at: string })
  | { readonly type: 'BeginOperation'; readonly rows: readonly OperationRow[]; readonly at: string }
  /** What became of the rows from position `from` on. */
  | { readonly type: 'RecordRows'; readonly from: number; readonly outcomes: readonly OperationOutcome[]; readonly at: string }
  | { readonly type: 'FailOperation'; readonly code: string; readonly facts: Facts; readonly at: string };

/** An operation is requested once, chooses its rows once, and gives each of them one outcome, in order; with the last one it is finished.
 *  Whoever carries it out a second time, or beside another, records nothing again. */
export const decide = (command: OperationCommand, state: Operation): Decision<OperationEvent> => {
  switch (command.type) {
    case 'RequestOperation':
      return state.is === 'none' ? request(command) : accept();
    case 'BeginOperation': {
      if (state.is !== 'requested') return accept();
      const refs = refsOf(state.request);
      const { rows, at } = command;
      if (rows.length === 0 && state.request.work.verb === 'close')
        return accept<OperationEvent>(
          { type: 'OperationBegun', data: { ...refs, total: 0, at } },
          { type: 'OperationFinished', data: { ...refs, accepted: 0, rejected: 0, at } },
        );
      if (rows.length === 0) return accept({ type: 'OperationFailed', data: { ...refs, code: 'selection.empty', facts: {}, at } });
      return accept(
        ...chunksOf(rows, ENTRIES_PER_EVENT).map(
          (some): OperationEvent => ({ type: 'OperationRowsChosen', data: { ...refs, rows: some, at } }),
        ),
        {
          type: 'OperationBegun',
          data: { ...refs, total: rows.length, at },
        },
      );
    }
    case 'RecordRows': {
      if (state.is !== 'running' || command.from !== state.done) return accept();
      const refs = refsOf(state.request);
      const { from, at } = command;
      const rows = command.outcomes.slice(0, state.rows.length - from);
      const accepted = state.accepted + rows.filter(({ outcome }) => outcome === 'accepted').length;
      const done = from + rows.length;
      return accept(
        { type: 'OperationRowsDone', data: { ...refs, from, rows, at } },
        ...(done < state.rows.length
          ? []
          : [{ type: 'OperationFinished' as const, data: { ...refs, accepted, rejected: done - accepted, at } }]),
      );
    }
    case 'FailOperation': {
      if (state.is === 'none') return reject('operation.unknown');
      if (state.is === 'finished' || state.is === 'failed') return accept();
      const { code, facts, at } = command;
      return accept({ type: 'OperationFailed', data: { ...refsOf(state.request), code, facts, at } });
    }
    default:
      return assertNever(command);
  }
};

const request = (command: Extract<OperationCommand, { type: 'RequestOperation' }>): Decision<OperationEvent> => {
  const { workgroupId, customerId, projectId, operationId, work, selection, by, at } = command;
  const refs = { workgroupId, customerId, projectId, operationId };
  const entries = selection.by === 'list' ? selection.entries : [];
  const kept = selection.by === 'list' ? { by: selection.by, entries: entries.length } : selection;
  return accept(
    { type: 'OperationRequested', data: { ...refs, work, selection: kept, by, at } },
    ...chunksOf(entries, ENTRIES_PER_EVENT).map(
      (some): OperationEvent => ({ type: 'OperationListed', data: { ...refs, entries: some, at } }),
    ),
  );
};

const refsOf = ({
  workgroupId,
  customerId,
  projectId,
  operationId,
}: OperationRequest): Pick<OperationRequest, 'workgroupId' | 'customerId' | 'projectId' | 'operationId'> => ({
  workgroupId,
  customerId,
  projectId,
  operationId,
});
