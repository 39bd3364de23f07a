import {
  endpointStream,
  mailboxJobStream,
  projectStream,
  rosterStream,
  type ClosedPart,
  type CommandMeta,
  type CommandReply,
  type LineItem,
  type OperationRow,
  type OperationWork,
  type SettleParts,
} from '@pstream/contracts';
import { assert, deriveId } from '@pstream/kernel';
import { endpoints, mailboxJobs, projects } from '../commands/aggregates.js';
import { mailboxAt } from '../commands/mailboxes.js';
import { load, run, type ProjectsPorts } from '../commands/ports.js';
import { lineItemsOf } from '../commands/rosters.js';
import type { OperationCommand } from '../domain/operation/decide.js';
import type { OperationRequest } from '../domain/operation/state.js';
import { isUnderWay } from '../domain/mailbox-job/state.js';
import type { Acting, MailboxRow } from './acting.js';
import { inLanes } from './lanes.js';

type CloseWork = Extract<OperationWork, { readonly verb: 'close' }>;

/** Mailboxes that a refusal names. */
const MOST_NAMED = 10;

/** Closes the project, and chooses its rows: every mailbox that has ever been in it, since its PSTs are the project's wherever it is now. Nothing is
 *  closed while passes are under way. A pass that is started at the same moment refuses its own row later. */
export const beginClosing = async (ports: ProjectsPorts, request: OperationRequest, signal: AbortSignal): Promise<OperationCommand> => {
  const { projectId, operationId, work, by } = request;
  assert(projectId !== null && work.verb === 'close', 'a project is closed');
  const at = ports.clock.now();
  const rows = await everyMailbox(ports, projectId);
  const busy = await inLanes(ports.clock, rows, signal, async ({ mailboxJobId }) => {
    const { state } = await mailboxAt(ports, mailboxJobId);
    return isUnderWay(state) && state.pass.refs.projectId === projectId;
  });
  const named = rows.filter((_row, n) => busy[n]).map(({ source }) => source);
  if (named.length > 0)
    return {
      type: 'FailOperation',
      code: 'project.passes-open',
      facts: { passes: named.length, mailboxes: named.slice(0, MOST_NAMED) },
      at,
    };
  if (!work.dryRun) {
    const meta = { commandId: deriveId('close-project', operationId), by, at };
    const reply = await run(ports, projects, projectStream(projectId), { type: 'CloseProject', projectId, at }, meta);
    if (!reply.accepted) return { type: 'FailOperation', ...reply.rejection, at };
  }
  return { type: 'BeginOperation', rows, at };
};

type Row = OperationRow & { readonly mailboxJobId: string };

/** In the order in which they came to the project. */
const everyMailbox = async (ports: ProjectsPorts, projectId: string): Promise<Row[]> => {
  const rows = new Map<string, Row>();
  const add = ({ mailboxJobId, source }: LineItem): void => void rows.set(mailboxJobId, { mailboxJobId, source });
  // Releases up to 0.2.0 put them on the project's own stream.
  const events = [...(await ports.store.read(projectStream(projectId))), ...(await ports.store.read(rosterStream(projectId)))];
  for (const event of events) if (event.type === 'LineItemsAdded') event.data.items.forEach(add);
  // As they are called now.
  for (const item of (await lineItemsOf(ports, projectId)).all()) add(item);
  return [...rows.values()];
};

/** Closes mailboxes one by one, and has their PSTs settled. */
export const closing = async (
  ports: ProjectsPorts,
  { operationId, projectId, workgroupId, customerId }: OperationRequest,
  { parts: mode, dryRun }: CloseWork,
  metaOf: (mailboxJobId: string) => CommandMeta,
): Promise<Acting> => {
  assert(projectId !== null, 'a project is closed');
  const roster = await lineItemsOf(ports, projectId);
  const now = await placeOfNow(ports, projectId);
  const parts = new Map<string, readonly ClosedPart[]>();
  const act = async ({ mailboxJobId }: MailboxRow): Promise<CommandReply> => {
    const meta = metaOf(mailboxJobId);
    const refs = { workgroupId, customerId, projectId, mailboxJobId };
    const command = { type: 'CloseMailbox', refs, item: roster.find(mailboxJobId), at: meta.at } as const;
    const reply = dryRun ? await wouldReply(ports, command) : await run(ports, mailboxJobs, mailboxJobStream(mailboxJobId), command, meta);
    if (!reply.accepted) return reply;
    const wanted = mode === 'keep' ? 'keep' : dryRun ? 'look' : 'delete';
    const settled = await ports.settleParts({ operationId, projectId, mailboxJobId, mode: wanted, now });
    parts.set(mailboxJobId, settled.parts);
    return reply;
  };
  return { act, parts };
};

/** What the mailbox would answer; nothing is recorded. */
const wouldReply = async (
  ports: ProjectsPorts,
  command: Parameters<typeof mailboxJobs.decide>[0] & { readonly refs: { readonly mailboxJobId: string } },
): Promise<CommandReply> => {
  const { mailboxJobId } = command.refs;
  const { state, version } = await mailboxAt(ports, mailboxJobId);
  const decision = mailboxJobs.decide(command, state);
  if (!decision.accepted) return { accepted: false, rejection: decision.rejection };
  return { accepted: true, stream: mailboxJobStream(mailboxJobId), version };
};

/** Where the project writes at present; null where its endpoint is gone. */
const placeOfNow = async (ports: ProjectsPorts, projectId: string): Promise<SettleParts['now']> => {
  const project = await load(ports, projects, projectStream(projectId));
  if (project.is === 'none') return null;
  const { destinationEndpointId, container } = project.settings;
  const endpoint = await load(ports, endpoints, endpointStream(destinationEndpointId));
  return endpoint.is !== 'endpoint' || endpoint.config.kind === 'microsoft-365' ? null : { destination: endpoint.config, container };
};
