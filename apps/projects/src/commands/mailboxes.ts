import {
  mailboxJobStream,
  projectStream,
  rosterStream,
  type CommandMeta,
  type CommandReply,
  type EditMailbox,
  type LineItem,
  type RemoveMailbox,
  type RosterEvent,
} from '@pstream/contracts';
import { streamOf, type CommandOutcome } from '@pstream/event-store';
import { deriveId, err, ok, type Rejection, type Result } from '@pstream/kernel';
import type { MailboxJobCommand } from '../domain/mailbox-job/commands.js';
import { needsFreeName, needsOtherName } from '../domain/mailbox-job/decide.js';
import type { MailboxJob } from '../domain/mailbox-job/state.js';
import type { Project, ProjectSettings } from '../domain/project/decide.js';
import { isClaimed, type Followed, type RosterCommand, type Wanted } from '../domain/roster/decide.js';
import type { Roster } from '../domain/roster/state.js';
import { mailboxJobs, projects, rosters } from './aggregates.js';
import { mailboxJob } from './passes.js';
import { claimNames, nextName, type NameTaken } from './places.js';
import { execute, isApplied, load, run, type ProjectsPorts } from './ports.js';
import { earlierRoster, lineItemsOf } from './rosters.js';

// Mailboxes of a project after they have been added: edited, removed, moved. New names are claimed on the roster for the next version of the mailbox's
// own stream, that stream decides, and the roster follows it; each step is idempotent, and in between all of the names are taken. A claim is free
// again once the stream has a later version than it was made for, and the roster never follows back to an earlier one: so it does not matter who
// follows when.

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

/** A command for the roster of a project: step `step` of the command that `meta` describes. It is decided afresh whenever the roster has changed, so
 *  it must be one that may be repeated. */
const onRoster = async (
  ports: ProjectsPorts,
  ids: ProjectIds,
  meta: CommandMeta,
  step: string,
  work: RosterWork,
): Promise<CommandOutcome<RosterEvent, Roster>> => {
  const aggregate = rosters(ports, await earlierRoster(ports, ids.projectId));
  const stream = rosterStream(ids.projectId);
  const { version } = await streamOf(ports.store, stream, { context: 'projects', ...aggregate }).fold();
  const own = { commandId: deriveId('roster', meta.commandId, ids.projectId, step, version), by: meta.by, at: meta.at };
  return execute(ports, aggregate, stream, { ...ids, ...work, at: meta.at }, own);
};

/** Claims names for mailboxes on the roster of a project, for the command that `meta` describes: for each whose names are free, or with `all` for all
 *  of them or none. Returns those that have them, and why not the others. */
export const claimNamesOnRoster = async (
  ports: ProjectsPorts,
  ids: ProjectIds,
  meta: CommandMeta,
  wanted: readonly Wanted[],
  all: boolean,
): Promise<{ readonly held: readonly Wanted[]; readonly refused?: Rejection }> => {
  const by = meta.commandId;
  const step = ['claim', ...wanted.map(({ item, jobVersion }) => `${item.mailboxJobId} ${jobVersion}`)].join();
  for (;;) {
    const outcome = await onRoster(ports, ids, meta, step, { type: 'ClaimLineItems', wanted, by, all });
    if (!outcome.accepted) return { held: [], refused: outcome.rejection };
    const held = wanted.filter((one) => isClaimed(outcome.state, by, one));
    // The same command, carried out by somebody else at the same time, may have taken its claim back already.
    if (!all || held.length === wanted.length) return { held };
  }
};

/** A mailbox as its own stream has it, and the version of that stream. */
export const mailboxAt = (ports: ProjectsPorts, mailboxJobId: string): Promise<{ readonly state: MailboxJob; readonly version: number }> =>
  streamOf(ports.store, mailboxJobStream(mailboxJobId), { context: 'projects', ...mailboxJobs }).fold();

/** Another address or PST name for a mailbox. Whoever changes the mailbox meanwhile is waited for: names are claimed for one version of its stream, and
 *  only the next version may have them. */
export const editMailbox = async (ports: ProjectsPorts, meta: CommandMeta, body: EditMailbox): Promise<CommandReply> => {
  const { mailboxJobId, projectId } = body;
  const ids = await projectIds(ports, projectId);
  if (ids === undefined) return unknownMailbox(mailboxJobId);
  const reply = (await isApplied(ports, meta)) ? await editAt(ports, ids, meta, body) : await editInTurn(ports, ids, meta, body);
  await followMailboxes(ports, ids, meta, [mailboxJobId]);
  return reply;
};

const editInTurn = async (ports: ProjectsPorts, ids: ProjectIds, meta: CommandMeta, body: EditMailbox): Promise<CommandReply> => {
  const { mailboxJobId, projectId } = body;
  for (;;) {
    const { state, version } = await mailboxAt(ports, mailboxJobId);
    const item = state.item ?? (await lineItemsOf(ports, projectId)).find(mailboxJobId);
    if (item === undefined) return unknownMailbox(mailboxJobId);
    const at = { ...meta, expectedVersion: meta.expectedVersion ?? version };
    const decision = mailboxJobs.decide(editOf(ids, meta, body, item), state);
    if (at.expectedVersion === version && decision.accepted && decision.events.length > 0) {
      const wanted: LineItem = { mailboxJobId, source: body.source ?? item.source, destination: body.destination ?? item.destination };
      const refused = await claim(ports, ids, meta, wanted, version);
      if (refused !== undefined) return refused;
    }
    const reply = await editAt(ports, ids, at, body);
    if (!isOutrun(reply) || meta.expectedVersion !== undefined) return reply;
  }
};

/** Gives a mailbox a free PST name where its own is not: `offer`, if another mailbox holds it; the next one, if a pass found that it is somebody else's.
 *  Returns the name that it has been given, if so, or why it cannot be. */
export const takeFreeName = async (
  ports: ProjectsPorts,
  meta: CommandMeta,
  settings: ProjectSettings,
  item: LineItem,
  offer: string | undefined,
): Promise<Result<string | undefined, Rejection>> => {
  const { mailboxJobId } = item;
  const own: CommandMeta = { commandId: deriveId('free-name', meta.commandId), by: meta.by, at: meta.at };
  const { foreignName } = await mailboxJob(ports, mailboxJobId);
  const isForeign = foreignName === item.destination;
  const isDone = await isApplied(ports, own);
  if (offer === undefined && !isForeign && !isDone) return ok(undefined);
  const destination = isDone ? item.destination : (offer ?? (await nextName(ports, settings, item)));
  const reply = await editMailbox(ports, own, { mailboxJobId, projectId: settings.projectId, destination });
  return reply.accepted ? ok(destination) : err(reply.rejection);
};

/** Has a mailbox begin again from nothing. PSTs that are kept keep their names, so the next ones get another, which is claimed as by an edit. */
export const startOver = async (
  ports: ProjectsPorts,
  meta: CommandMeta,
  ids: ProjectIds,
  { mailboxJobId, parts }: Pick<StartOver, 'parts'> & { readonly mailboxJobId: string },
): Promise<CommandReply> => {
  const project = await load(ports, projects, projectStream(ids.projectId));
  if (project.is !== 'project') return unknownMailbox(mailboxJobId);
  const reply = await startOverInTurn(ports, meta, ids, project.settings, { mailboxJobId, parts });
  await followMailboxes(ports, ids, meta, [mailboxJobId]);
  return reply;
};

const startOverInTurn = async (
  ports: ProjectsPorts,
  meta: CommandMeta,
  ids: ProjectIds,
  settings: ProjectSettings,
  { mailboxJobId, parts }: Pick<StartOver, 'parts'> & { readonly mailboxJobId: string },
): Promise<CommandReply> => {
  for (;;) {
    const { state, version } = await mailboxAt(ports, mailboxJobId);
    const item = state.item ?? (await lineItemsOf(ports, ids.projectId)).find(mailboxJobId);
    if (item === undefined) return unknownMailbox(mailboxJobId);
    const command: StartOver = {
      type: 'StartOver',
      refs: { ...ids, mailboxJobId },
      item: lineItem(item),
      parts,
      next: item.destination,
      at: meta.at,
    };
    let { next } = command;
    if (needsOtherName(parts, state) && mailboxJobs.decide(command, state).accepted) {
      const claimed = await claimNext(ports, ids, meta, settings, lineItem(item), version);
      if (!claimed.ok) return claimed.error;
      next = claimed.value;
    }
    const here = { ...meta, expectedVersion: version };
    const reply = await run(ports, mailboxJobs, mailboxJobStream(mailboxJobId), { ...command, next }, here);
    if (!isOutrun(reply)) return reply;
  }
};

/** Resumes a pass; where something that is not ours has the name of its next part, under the next free name, which is claimed as by an edit. Returns
 *  the name as well, if it was given one. */
export const resumeRenamed = async (
  ports: ProjectsPorts,
  meta: CommandMeta,
  ids: ProjectIds,
  mailboxJobId: string,
): Promise<{ readonly reply: CommandReply; readonly renamed?: string }> => {
  const project = await load(ports, projects, projectStream(ids.projectId));
  if (project.is !== 'project') return { reply: unknownMailbox(mailboxJobId) };
  const reply = await resumeInTurn(ports, meta, ids, project.settings, mailboxJobId);
  await followMailboxes(ports, ids, meta, [mailboxJobId]);
  // As it was recorded: it may have been carried out before.
  const resumed = (await ports.store.read(mailboxJobStream(mailboxJobId))).find(
    (event) => event.type === 'PassResumed' && event.metadata.commandId === meta.commandId,
  );
  const renamed = resumed?.type === 'PassResumed' ? resumed.data.destination : undefined;
  return renamed === undefined ? { reply } : { reply, renamed };
};

const resumeInTurn = async (
  ports: ProjectsPorts,
  meta: CommandMeta,
  ids: ProjectIds,
  settings: ProjectSettings,
  mailboxJobId: string,
): Promise<CommandReply> => {
  for (;;) {
    const { state, version } = await mailboxAt(ports, mailboxJobId);
    const command: MailboxJobCommand = { type: 'ResumePass', at: meta.at };
    if (!('pass' in state) || !needsFreeName(state) || !mailboxJobs.decide(command, state).accepted)
      return run(ports, mailboxJobs, mailboxJobStream(mailboxJobId), command, meta);
    const { source, destinationName } = state.pass.settings;
    const item: LineItem = { mailboxJobId, source: state.item?.source ?? source, destination: destinationName };
    const claimed = await claimNext(ports, ids, meta, settings, item, version);
    if (!claimed.ok) return claimed.error;
    const here = { ...meta, expectedVersion: version };
    const reply = await run(ports, mailboxJobs, mailboxJobStream(mailboxJobId), { ...command, next: claimed.value }, here);
    if (!isOutrun(reply)) return reply;
  }
};

/** Claims the next free name for a mailbox. Where somebody else takes it between the choice and the claim, another one is chosen. */
const claimNext = async (
  ports: ProjectsPorts,
  ids: ProjectIds,
  meta: CommandMeta,
  settings: ProjectSettings,
  item: LineItem,
  version: number,
): Promise<Result<string, CommandReply>> => {
  for (let tried: string | undefined; ; ) {
    const next = await nextName(ports, settings, item);
    const refused = await claim(ports, ids, meta, { ...item, destination: next }, version);
    if (refused === undefined) return ok(next);
    if (next === tried) return err(refused);
    tried = next;
  }
};

type StartOver = Extract<MailboxJobCommand, { readonly type: 'StartOver' }>;

const editAt = async (ports: ProjectsPorts, ids: ProjectIds, meta: CommandMeta, body: EditMailbox): Promise<CommandReply> => {
  const { mailboxJobId, projectId } = body;
  const item = (await mailboxJob(ports, mailboxJobId)).item ?? (await lineItemsOf(ports, projectId)).find(mailboxJobId);
  if (item === undefined) return unknownMailbox(mailboxJobId);
  return run(ports, mailboxJobs, mailboxJobStream(mailboxJobId), editOf(ids, meta, body, item), meta);
};

const editOf = (
  ids: ProjectIds,
  { at }: CommandMeta,
  { mailboxJobId, source, destination }: EditMailbox,
  item: LineItem,
): MailboxJobCommand => ({ type: 'EditMailbox', refs: { ...ids, mailboxJobId }, item, source, destination, at });

/** Whether a command for a version of a mailbox came after somebody else's. */
export const isOutrun = (reply: CommandReply): boolean => !reply.accepted && reply.rejection.code === 'stream.version-mismatch';

/** Claims names at the destination and on the roster. Returns why they are not to be had, if so. */
const claim = async (
  ports: ProjectsPorts,
  ids: ProjectIds,
  meta: CommandMeta,
  item: LineItem,
  jobVersion: number,
): Promise<CommandReply | undefined> => {
  const { refused } = await claimNamesOnRoster(ports, ids, meta, [{ item, jobVersion }], true);
  if (refused !== undefined) return refusedBy(refused);
  const facts = await nameTaken(ports, meta, ids.projectId, item);
  return facts === undefined ? undefined : { accepted: false, rejection: { code: 'mailbox.name-taken', facts } };
};

/** Has the roster of a project follow what the mailboxes' own streams say, and takes back what the command claimed there. The last step of whatever
 *  changes mailboxes, or tried to: sent again after a failure it does what is left. */
export const followMailboxes = async (
  ports: ProjectsPorts,
  ids: ProjectIds,
  meta: CommandMeta,
  mailboxJobIds: readonly string[],
): Promise<void> => {
  const mailboxes = await Promise.all(
    mailboxJobIds.map(async (mailboxJobId): Promise<Followed> => {
      const { state, version: jobVersion } = await mailboxAt(ports, mailboxJobId);
      const isGone = state.is === 'removed' || (state.item !== null && state.item.projectId !== ids.projectId);
      return { mailboxJobId, jobVersion, item: isGone ? null : state.item === null ? undefined : lineItem(state.item) };
    }),
  );
  const step = ['follow', ...mailboxes.map(({ mailboxJobId, jobVersion }) => `${mailboxJobId} ${jobVersion}`)].join();
  await onRoster(ports, ids, meta, step, { type: 'FollowMailboxes', mailboxes, by: meta.commandId });
};

/** Who holds the name at the destination, where somebody else does. */
const nameTaken = async (ports: ProjectsPorts, meta: CommandMeta, projectId: string, item: LineItem): Promise<NameTaken | undefined> => {
  const project = await load(ports, projects, projectStream(projectId));
  return project.is === 'project' ? (await claimNames(ports, meta, project.settings, [item])).get(item.mailboxJobId) : undefined;
};

/** Removes a mailbox from its project, or has that done when its pass has been stopped. */
export const removeMailbox = async (ports: ProjectsPorts, meta: CommandMeta, body: RemoveMailbox): Promise<CommandReply> => {
  const { mailboxJobId, projectId, stop } = body;
  const ids = await projectIds(ports, projectId);
  if (ids === undefined) return unknownMailbox(mailboxJobId);
  const reply = await removePlaced(ports, meta, ids, mailboxJobId, stop);
  await followMailboxes(ports, ids, meta, [mailboxJobId]);
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

export const lineItem = ({ mailboxJobId, source, destination }: LineItem): LineItem => ({ mailboxJobId, source, destination });

export const unknownMailbox = (mailboxJobId: string): CommandReply => ({
  accepted: false,
  rejection: { code: 'mailbox-job.unknown', facts: { mailboxJobId } },
});

/** A conflict on the roster as the refusal of one mailbox. */
const refusedBy = ({ code, facts }: Rejection): CommandReply => {
  const [first] = Array.isArray(facts['conflicts']) ? facts['conflicts'] : [];
  return { accepted: false, rejection: first === undefined ? { code, facts } : { code: String(first).split(':')[2] ?? code, facts: {} } };
};
