import {
  endpointStream,
  mailboxJobStream,
  projectStream,
  type CommandMeta,
  type CommandReply,
  type LineItem,
  type OperationWork,
  type PassRefs,
  type PassSettings,
} from '@pstream/contracts';
import { deriveId, err, ok, type Rejection, type Result } from '@pstream/kernel';
import type { MailboxJob } from '../domain/mailbox-job/state.js';
import { noExport, type ProjectSettings } from '../domain/project/decide.js';
import { endpoints, mailboxJobs, projects } from './aggregates.js';
import { load, run, type ProjectsPorts } from './ports.js';
import { lineItemsOf } from './rosters.js';

type StartWork = Extract<OperationWork, { verb: 'start' }>;

/** What passes that are started together have in common; read once, however many they are. */
export type Start = {
  readonly workgroupId: string;
  readonly customerId: string;
  readonly projectId: string;
  readonly kind: StartWork['kind'];
  readonly project: ProjectSettings;
  readonly settings: Omit<PassSettings, 'source' | 'destinationName'>;
  readonly startAt: string | undefined;
  readonly priority: number | undefined;
};

/** Reads the settings of now. `requestedAt` is what the age of a Pre-Stage counts from. */
export const prepareStart = async (
  ports: ProjectsPorts,
  projectId: string,
  work: StartWork,
  requestedAt: string,
): Promise<Result<Start, Rejection>> => {
  const project = await load(ports, projects, projectStream(projectId));
  if (project.is !== 'project') return err(noExport(projectId, project));
  if (project.closed) return err({ code: 'project.closed', facts: { projectId } });
  const { workgroupId, customerId, type, container, partBytes, options, sourceEndpointId, destinationEndpointId } = project.settings;
  const source = await load(ports, endpoints, endpointStream(sourceEndpointId));
  const destination = await load(ports, endpoints, endpointStream(destinationEndpointId));
  if (source.is !== 'endpoint' || source.config.kind !== 'microsoft-365')
    return err({ code: 'endpoint.unknown', facts: { endpointId: sourceEndpointId } });
  if (destination.is !== 'endpoint' || destination.config.kind === 'microsoft-365')
    return err({ code: 'endpoint.unknown', facts: { endpointId: destinationEndpointId } });
  const settings: Start['settings'] = {
    type,
    container,
    partBytes,
    sourceEndpoint: source.config,
    sourceEndpointId,
    destination: destination.config,
    ...preStage(work, work.startAt ?? requestedAt),
    ...(work.update === true ? { update: true as const } : {}),
    ...(options === undefined ? {} : { options }),
  };
  return ok({
    workgroupId,
    customerId,
    projectId,
    kind: work.kind,
    project: project.settings,
    settings,
    startAt: startAtOf(work),
    priority: work.priority,
  });
};

/** A mailbox with its line item, and until when its user's bundle is valid, where the pass needs one. */
export type Startable = { readonly item: LineItem; readonly coveredUntil: string | null; readonly needsNoLicence?: boolean };

/** Reads what the start of each of these mailboxes is decided on: one question to licensing for all of them. Undefined stands for a mailbox
 *  that the project does not have. */
export const readStartables = async (
  ports: ProjectsPorts,
  { workgroupId, customerId, projectId, kind }: Start,
  mailboxJobIds: readonly string[],
): Promise<readonly (Startable | undefined)[]> => {
  const items = await lineItems(ports, projectId, mailboxJobIds);
  const users = items.flatMap((item) => (item === undefined ? [] : [item.source]));
  const needsBundle = (kind === 'full' || kind === 'pre-stage') && users.length > 0;
  const { covered, enforced } = needsBundle ? await ports.coverage({ workgroupId, customerId, users }) : { covered: [], enforced: true };
  let next = 0;
  return items.map((item) =>
    item === undefined ? undefined : { item, coveredUntil: covered[next++]?.expiresAt ?? null, needsNoLicence: !enforced },
  );
};

/** Starts a pass with the settings of now, frozen. */
export const startPass = (
  ports: ProjectsPorts,
  meta: CommandMeta,
  start: Start,
  { item, coveredUntil, needsNoLicence = false }: Startable,
): Promise<CommandReply> => {
  const { workgroupId, customerId, projectId, kind, settings, startAt, priority } = start;
  const { mailboxJobId } = item;
  const refs = { workgroupId, customerId, projectId, mailboxJobId, passId: deriveId('pass', mailboxJobId, meta.commandId) };
  return run(
    ports,
    mailboxJobs,
    mailboxJobStream(mailboxJobId),
    { type: 'StartPass', kind, refs, item, settings, coveredUntil, needsNoLicence, startAt, priority, at: meta.at },
    meta,
  );
};

/** Stops a pass in any state but the finished ones. */
export const stopPass = (ports: ProjectsPorts, meta: CommandMeta, mailboxJobId: string): Promise<CommandReply> =>
  run(ports, mailboxJobs, mailboxJobStream(mailboxJobId), { type: 'StopPass', at: meta.at }, meta);

/** Goes on with a stopped or failed pass where it was. */
export const resumePass = (ports: ProjectsPorts, meta: CommandMeta, mailboxJobId: string): Promise<CommandReply> =>
  run(ports, mailboxJobs, mailboxJobStream(mailboxJobId), { type: 'ResumePass', at: meta.at }, meta);

/** Gives a mailbox another priority, for a pass that waits and for those that follow. */
export const prioritiseMailbox = (
  ports: ProjectsPorts,
  meta: CommandMeta,
  {
    item,
    priority,
    ...refs
  }: Pick<PassRefs, 'workgroupId' | 'customerId' | 'projectId'> & { readonly item: LineItem; readonly priority: number },
): Promise<CommandReply> => {
  const { mailboxJobId } = item;
  const command = { type: 'PrioritiseMailbox', refs: { ...refs, mailboxJobId }, item, priority, at: meta.at } as const;
  return run(ports, mailboxJobs, mailboxJobStream(mailboxJobId), command, meta);
};

/** The state of a mailbox job. */
export const mailboxJob = (ports: ProjectsPorts, mailboxJobId: string): Promise<MailboxJob> =>
  load(ports, mailboxJobs, mailboxJobStream(mailboxJobId));

/** Line items by what the mailboxes' own streams say; the roster is read only if one of them has never been acted on. */
export const lineItems = async (
  ports: ProjectsPorts,
  projectId: string,
  mailboxJobIds: readonly string[],
): Promise<readonly (LineItem | undefined)[]> => {
  const own = await Promise.all(mailboxJobIds.map(async (id) => (await mailboxJob(ports, id)).item));
  if (own.every((item) => item !== null)) return own.map((item) => (item.projectId === projectId ? item : undefined));
  const roster = await lineItemsOf(ports, projectId);
  return mailboxJobIds.map((id, at) => {
    const item = own[at] ?? null;
    return item === null ? roster.find(id) : item.projectId === projectId ? item : undefined;
  });
};

/** In the one form in which times are compared. */
const startAtOf = ({ startAt }: StartWork): string | undefined => (startAt === undefined ? undefined : new Date(startAt).toISOString());

/** Where a Pre-Stage ends, as a time that stays the same however long the pass takes. */
const preStage = ({ olderThanDays, before }: StartWork, at: string): Pick<PassSettings, 'before'> => {
  if (before !== undefined) return { before: `${before}T00:00:00.000Z` };
  return olderThanDays === undefined ? {} : { before: new Date(Date.parse(at) - olderThanDays * DAY_MS).toISOString() };
};

const DAY_MS = 24 * 60 * 60 * 1000;
