import { queuedOperation, VIEWS, type OperationRowView, type OperationView, type PublishedEvent } from '@pstream/contracts';
import { projectionOf } from '../projection-of.js';

/** What was requested for many mailboxes or users, and how far is it? */
export const operations = projectionOf<OperationView>({
  name: VIEWS.operations,
  contexts: ['projects'],
  keys: (event) => ('operationId' in event.data && !(event.type in LISTS) ? [event.data.operationId] : []),
  evolve: (view, event) => (view === null ? requested(event) : progressed(view, event)),
  announce: ({ projectId, customerId }) => ({ ...(projectId === null ? {} : { projectId }), customerId }),
  queryFields: ['projectId', 'customerId', 'createdAt'],
  orders: [
    { sort: 'createdAt', filter: ['customerId'] },
    { within: ['projectId'], sort: 'createdAt' },
  ],
});

/** Events that hold pieces of lists only. */
const LISTS = { OperationListed: true, OperationRowsChosen: true };

const requested = (event: PublishedEvent): OperationView | null =>
  event.type === 'OperationRequested' ? queuedOperation(event.data) : null;

const progressed = (view: OperationView, event: PublishedEvent): OperationView => {
  switch (event.type) {
    case 'OperationBegun':
      return { ...view, state: 'running', total: event.data.total, startedAt: event.data.at };
    case 'OperationRowsDone': {
      const { from, rows } = event.data;
      const accepted = rows.filter((row) => row.outcome === 'accepted');
      return {
        ...view,
        done: from + rows.length,
        accepted: view.accepted + accepted.length,
        rejected: view.rejected + rows.length - accepted.length,
        last:
          accepted.length === 0 ? view.last : [...new Map(accepted.map(({ stream, version }) => [stream, { stream, version }])).values()],
      };
    }
    case 'OperationFinished':
      return { ...view, state: 'finished', endedAt: event.data.at };
    case 'OperationFailed':
      return { ...view, state: 'failed', cause: { code: event.data.code, facts: event.data.facts }, endedAt: event.data.at };
    default:
      return view;
  }
};

/** What became of each row of an operation? */
export const operationRows = projectionOf<OperationRowView>({
  name: VIEWS.operationRows,
  contexts: ['projects'],
  keys: (event) =>
    event.type === 'OperationRowsDone' ? event.data.rows.map((_row, at) => keyOf(event.data.operationId, event.data.from + at)) : [],
  evolve: (view, event, id) => {
    if (event.type !== 'OperationRowsDone') return view;
    const { operationId, from, rows, at } = event.data;
    const position = positionOf(id);
    const row = rows[position - from];
    if (row === undefined) return view;
    const { mailboxJobId, source, outcome } = row;
    const became =
      row.outcome === 'accepted'
        ? {
            code: null,
            facts: {},
            stream: row.stream,
            version: row.version,
            renamed: row.renamed ?? null,
            ...(row.parts === undefined ? {} : { parts: row.parts }),
          }
        : { code: row.code, facts: row.facts, stream: null, version: null };
    return { operationId, row: position + 1, mailboxJobId, source, outcome, ...became, at };
  },
  queryFields: ['operationId', 'outcome', 'row'],
  orders: [{ within: ['operationId'], sort: 'row', filter: ['outcome'] }],
});

const keyOf = (operationId: string, position: number): string => `${operationId}/${position}`;
const positionOf = (key: string): number => Number(key.slice(key.indexOf('/') + 1));
