import { sameAddress, type OperationRow, type Status } from '@pstream/contracts';
import { mailboxJob } from '../commands/passes.js';
import type { ProjectsPorts } from '../commands/ports.js';
import { lineItemsOf } from '../commands/rosters.js';
import { statusOf } from '../domain/mailbox-job/state.js';
import type { Operation } from '../domain/operation/state.js';
import { inLanes } from './lanes.js';

type Requested = Extract<Operation, { is: 'requested' }>;

/** The rows of an operation as it begins: each mailbox or user once, in the order of the roster or of the list. */
export const chooseRows = async (ports: ProjectsPorts, { request, entries }: Requested, signal: AbortSignal): Promise<OperationRow[]> => {
  const { projectId, selection } = request;
  if (projectId === null) return [...new Set(entries.map(sameAddress))].map((source) => ({ mailboxJobId: null, source }));
  const all = [...(await lineItemsOf(ports, projectId)).all()].map(({ mailboxJobId, source }) => ({ mailboxJobId, source }));
  switch (selection.by) {
    case 'all':
      return all;
    case 'status':
      return withStatus(ports, all, selection.statuses, signal);
    case 'list':
      return listed(all, entries);
  }
};

const withStatus = async (
  ports: ProjectsPorts,
  rows: readonly (OperationRow & { readonly mailboxJobId: string })[],
  statuses: readonly Status[],
  signal: AbortSignal,
): Promise<OperationRow[]> => {
  const now = await inLanes(ports.clock, rows, signal, async ({ mailboxJobId }) => statusOf(await mailboxJob(ports, mailboxJobId)));
  return rows.filter((_row, at) => statuses.some((status) => status === now[at]));
};

/** By id or by source address; what is listed twice is one row. */
const listed = (all: readonly (OperationRow & { readonly mailboxJobId: string })[], entries: readonly string[]): OperationRow[] => {
  const known = new Map(all.flatMap((row) => [[row.mailboxJobId, row] as const, [sameAddress(row.source), row] as const]));
  const chosen = new Map<string, OperationRow>();
  for (const entry of entries) {
    const row = known.get(entry) ?? known.get(sameAddress(entry)) ?? { mailboxJobId: null, source: entry };
    chosen.set(row.mailboxJobId ?? sameAddress(entry), row);
  }
  return [...chosen.values()];
};
