import type { OperationEvent, OperationRow } from '@pstream/contracts';
import { assertNever } from '@pstream/kernel';

/** What was requested, but for the entries of a list. */
export type OperationRequest = Extract<OperationEvent, { type: 'OperationRequested' }>['data'];

/** An operation from its request to its end. Rows are carried out in order; `done` of them have an outcome on record. The arrays belong to the
 *  fold that made them. */
export type Operation =
  | { readonly is: 'none' }
  | { readonly is: 'requested'; readonly request: OperationRequest; readonly entries: string[]; readonly rows: OperationRow[] }
  | {
      readonly is: 'running';
      readonly request: OperationRequest;
      readonly rows: readonly OperationRow[];
      readonly done: number;
      readonly accepted: number;
      readonly rejected: number;
    }
  | { readonly is: 'finished' | 'failed'; readonly request: OperationRequest };

export const noOperation: Operation = { is: 'none' };

/** Records what happened to an operation. */
export const evolve = (state: Operation, event: OperationEvent): Operation => {
  switch (event.type) {
    case 'OperationRequested':
      return { is: 'requested', request: event.data, entries: [], rows: [] };
    case 'OperationListed':
      if (state.is === 'requested') state.entries.push(...event.data.entries);
      return state;
    case 'OperationRowsChosen':
      if (state.is === 'requested') state.rows.push(...event.data.rows);
      return state;
    case 'OperationBegun':
      return state.is === 'requested'
        ? { is: 'running', request: state.request, rows: state.rows, done: 0, accepted: 0, rejected: 0 }
        : state;
    case 'OperationRowsDone': {
      if (state.is !== 'running') return state;
      const { from, rows } = event.data;
      const accepted = rows.filter(({ outcome }) => outcome === 'accepted').length;
      return {
        ...state,
        done: from + rows.length,
        accepted: state.accepted + accepted,
        rejected: state.rejected + rows.length - accepted,
      };
    }
    case 'OperationFinished':
    case 'OperationFailed':
      return state.is === 'none' ? state : { is: event.type === 'OperationFinished' ? 'finished' : 'failed', request: state.request };
    default:
      return assertNever(event);
  }
};
