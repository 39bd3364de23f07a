import { AuditRecord, VIEWS, type AuditRecordView } from '@pstream/contracts';
import { projectionOf } from '../projection-of.js';

/** The end of an action may arrive before its beginning; until both are there, nothing is shown. */
type AuditDocument = AuditRecordView & { readonly created: boolean; readonly madeId: string | null };

/** The text of a record that only a later release understands is of no action here. */
const read = (record: string): AuditRecord | undefined => {
  try {
    return AuditRecord.safeParse(JSON.parse(record)).data;
  } catch {
    return undefined;
  }
};

const nothing = (actionId: string, chain: string): AuditDocument => ({
  created: false,
  madeId: null,
  actionId,
  chain,
  seq: 0,
  at: '',
  action: '',
  who: null,
  person: null,
  from: { address: '', forwardedFor: null, userAgent: null, requestId: '' },
  object: null,
  ids: {},
  objectId: null,
  changes: [],
  outcome: 'unknown',
  status: null,
  code: null,
  endedAt: null,
  count: 1,
});

const kinds = { viewed: 'viewed', 'signed-in': 'done', refused: 'refused' } as const;

const outcomeOf = (status: number): AuditRecordView['outcome'] => (status < 400 ? 'done' : status < 500 ? 'refused' : 'failed');

/** Who did what, when, from where, and what came of it? */
export const audit = projectionOf<AuditDocument>({
  name: VIEWS.audit,
  contexts: ['people'],
  keys: (event) => {
    const actionId = event.type === 'AuditRecorded' ? read(event.data.record)?.actionId : undefined;
    return actionId === undefined ? [] : [actionId];
  },
  evolve: (view, event) => {
    const record = event.type === 'AuditRecorded' ? read(event.data.record) : undefined;
    if (record === undefined) return view;
    const { chain, seq, at, actionId } = record;
    const before = view ?? nothing(actionId, chain);
    if (record.is === 'ended') {
      const { status, code, madeId } = record;
      return { ...before, outcome: outcomeOf(status), status, code, endedAt: at, madeId, objectId: madeId ?? before.objectId };
    }
    const { action, who, from, object, ids } = record;
    const begun = { ...before, created: true, seq, at, action, who, person: who?.by ?? null, from, object, ids };
    const objectId = before.madeId ?? object?.id ?? null;
    if (record.is === 'begun') return { ...begun, objectId, changes: record.changes };
    const end = { objectId, outcome: kinds[record.is], endedAt: at };
    if (record.is === 'refused') return { ...begun, ...end, status: record.status, code: record.code, count: record.count };
    return { ...begun, ...end };
  },
  // Until its beginning is there, nothing is shown of it.
  announce: ({ created, chain }) => ({ workgroupId: chain, ...(created ? {} : { gone: true }) }),
  queryFields: ['created', 'chain', 'at', 'person', 'action', 'objectId', 'outcome'],
  orders: [
    { within: ['chain'], sort: 'at', filter: ['created', 'person', 'action', 'objectId', 'outcome'] },
    { within: ['chain', 'objectId'], sort: 'at', filter: ['created'] },
    { within: ['chain', 'person'], sort: 'at', filter: ['created'] },
  ],
});
