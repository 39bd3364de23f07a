import {
  mailboxJobStream,
  projectStream,
  rosterStream,
  type CommandMeta,
  type CommandReply,
  type EditMailbox,
  type LineItem,
  type RemoveMailbox,
} from '@pstream/contracts';
import { streamOf } from '@pstream/event-store';
import { deriveId, type Rejection } from '@pstream/kernel';
import type { Project } from '../domain/project/decide.js';
import type { RosterCommand } from '../domain/roster/decide.js';
import { mailboxJobs, projects, rosters } from './aggregates.js';
import { mailboxJob } from './passes.js';
import { claimNames } from './places.js';
import { isApplied, load, run, type ProjectsPorts } from './ports.js';
import { earlierRoster, lineItemsOf } from './rosters.js';

// Mailboxes of a project after they have been added: edited, removed, moved. A new name is claimed on the roster, the mailbox's own stream decides,
// and the roster follows it; each step is idempotent, and in between both names are taken.

type ProjectIds = Pick<RosterCommand, 'workgroupId' | 'customerId' | 'projectId'>;

/** The ids of a project; undefined if there is none. */
const projectIds = async (ports: ProjectsPorts, projectId: string): Promise<ProjectIds | undefined> => {
  const project: Project = await load(ports, projects, projectStream(projectId));
  if (project.is !== 'project') return undefined;
  const { workgroupId, customerId } = project.settings;
  return { workgroupId, customerId, projectId };
};

/** What a command for a mailbox of a project carries; undefined if the project has no such mailbox. */
const placedAt = async (
  ports: ProjectsPorts,
  projectId: string,
  mailboxJobId: string,
): Promise<{ readonly refs: ProjectIds & { readonly mailboxJobId: string }; readonly item: LineItem } | undefined> => {
  const ids = await projectIds(ports, projectId);
  const own = (await mailboxJob(ports, mailboxJobId)).item;
  const item = own ?? (await lineItemsOf(ports, projectId)).find(mailboxJobId);
  return ids === undefined || item === undefined ? undefined : { refs: { ...ids, mailboxJobId }, item };
};

type RosterWork<T extends RosterCommand = RosterCommand> = T extends unknown ? Omit<T, keyof ProjectIds | 'at'> : never;

/** A command for the roster of a project: step `step` of the command that `meta` describes. */
export const onRoster = async (
  ports: ProjectsPorts,
  ids: ProjectIds,
  meta: CommandMeta,
  step: string,
  work: RosterWork,
): Promise<CommandReply> =>
  run(
    ports,
    rosters(ports, await earlierRoster(ports, ids.projectId)),
    rosterStream(ids.projectId),
    { ...ids, ...work, at: meta.at },
    { commandId: deriveId('roster', meta.commandId, step), by: meta.by, at: meta.at },
  );

/** Another address or PST name for a mailbox. */
export const editMailbox = async (ports: ProjectsPorts, meta: CommandMeta, body: EditMailbox): Promise<CommandReply> => {
  const { mailboxJobId, projectId, source, destination } = body;
  const placed = await placedAt(ports, projectId, mailboxJobId);
  if (placed === undefined) return unknownMailbox(mailboxJobId);
  const { refs, item } = placed;
  const wanted: LineItem = { mailboxJobId, source: source ?? item.source, destination: destination ?? item.destination };
  if (!(await isApplied(ports, meta))) {
    const claim = await onRoster(ports, refs, meta, 'claim', { type: 'ClaimLineItem', item: wanted });
    if (!claim.accepted) return refusedBy(claim.rejection);
    const [offer] = await nameTaken(ports, meta, projectId, wanted);
    if (offer !== undefined) {
      await settle(ports, refs, meta, item);
      return { accepted: false, rejection: { code: 'mailbox.name-taken', facts: { offer } } };
    }
  }
  const reply = await run(
    ports,
    mailboxJobs,
    mailboxJobStream(mailboxJobId),
    { type: 'EditMailbox', refs, item, source, destination, at: meta.at },
    meta,
  );
  await settle(ports, refs, meta, item);
  return reply;
};

/** Has the roster follow the mailbox's own stream; `onRecord` is its line item if it has none there. Others may edit the mailbox meanwhile, so
 *  whoever has settled what no longer holds settles again. */
const settle = async (ports: ProjectsPorts, ids: ProjectIds, meta: CommandMeta, onRecord: LineItem): Promise<void> => {
  const stream = streamOf(ports.store, mailboxJobStream(onRecord.mailboxJobId), { context: 'projects', ...mailboxJobs });
  for (let settled: LineItem | undefined; ; ) {
    const { state, version } = await stream.fold();
    const item = lineItem(state.item ?? onRecord);
    if (item.source === settled?.source && item.destination === settled.destination) return;
    // Each version is a step of its own: the same command may have settled another one before.
    await onRoster(ports, ids, meta, `settle ${version}`, { type: 'ChangeLineItem', item });
    settled = item;
  }
};

/** A free name instead, where somebody else has the name at the destination. */
const nameTaken = async (ports: ProjectsPorts, meta: CommandMeta, projectId: string, item: LineItem): Promise<string[]> => {
  const project = await load(ports, projects, projectStream(projectId));
  return project.is === 'project' ? [...(await claimNames(ports, meta, project.settings, [item])).values()] : [];
};

/** Removes a mailbox from its project, or has that done when its pass has been stopped. */
export const removeMailbox = async (ports: ProjectsPorts, meta: CommandMeta, body: RemoveMailbox): Promise<CommandReply> => {
  const { mailboxJobId, projectId, stop } = body;
  const ids = await projectIds(ports, projectId);
  if (ids === undefined) return unknownMailbox(mailboxJobId);
  const reply = await removePlaced(ports, meta, ids, mailboxJobId, stop);
  await leaveRoster(ports, ids, meta, [mailboxJobId]);
  return reply;
};

/** The mailbox's own part of its removal; its roster is left behind. */
export const removePlaced = async (
  ports: ProjectsPorts,
  meta: CommandMeta,
  ids: ProjectIds,
  mailboxJobId: string,
  stop: boolean,
): Promise<CommandReply> => {
  const refs = { ...ids, mailboxJobId };
  // One that is gone already must still reach its stream, which knows a command that was sent before.
  const item = (await placedAt(ports, ids.projectId, mailboxJobId))?.item;
  return run(ports, mailboxJobs, mailboxJobStream(mailboxJobId), { type: 'RemoveMailbox', stop, refs, item, at: meta.at }, meta);
};

/** Takes those of the mailboxes off the roster that have been removed. */
export const leaveRoster = async (
  ports: ProjectsPorts,
  ids: ProjectIds,
  meta: CommandMeta,
  mailboxJobIds: readonly string[],
): Promise<void> => {
  const states = await Promise.all(mailboxJobIds.map((mailboxJobId) => mailboxJob(ports, mailboxJobId)));
  const gone = mailboxJobIds.filter((_id, at) => states[at]?.is === 'removed');
  if (gone.length > 0) await onRoster(ports, ids, meta, 'leave', { type: 'RemoveLineItems', mailboxJobIds: gone });
};

export const lineItem = ({ mailboxJobId, source, destination }: LineItem): LineItem => ({ mailboxJobId, source, destination });

export const unknownMailbox = (mailboxJobId: string): CommandReply => ({
  accepted: false,
  rejection: { code: 'mailbox-job.unknown', facts: { mailboxJobId } },
});

/** A conflict on the roster as the refusal of one mailbox. */
export const refusedBy = ({ code, facts }: Rejection): CommandReply => {
  const [first] = Array.isArray(facts['conflicts']) ? facts['conflicts'] : [];
  return { accepted: false, rejection: first === undefined ? { code, facts } : { code: String(first).split(':')[2] ?? code, facts: {} } };
};
