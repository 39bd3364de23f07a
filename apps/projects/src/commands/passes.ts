import {
  endpointStream,
  mailboxJobStream,
  projectStream,
  type CommandMeta,
  type CommandReply,
  type PassSettings,
  type ResumePass,
  type StartPass,
  type StopPass,
} from '@pstream/contracts';
import { deriveId, type Facts } from '@pstream/kernel';
import { endpoints, mailboxJobs, projects } from './aggregates.js';
import { load, run, type ProjectsPorts } from './ports.js';

/** Starts a pass with the settings of now, frozen; for a pass that needs one, licensing is asked for the user's bundle first. */
export const startPass = async (ports: ProjectsPorts, meta: CommandMeta, body: StartPass): Promise<CommandReply> => {
  const project = await load(ports, { ...projects }, projectStream(body.projectId));
  if (project.is === 'none') return refuse('project.unknown', { projectId: body.projectId });
  const item = project.items.get(body.mailboxJobId);
  if (item === undefined) return refuse('mailbox-job.unknown', { mailboxJobId: body.mailboxJobId });
  const { workgroupId, customerId, type, container, partBytes, options } = project.settings;
  const source = await load(ports, endpoints, endpointStream(project.settings.sourceEndpointId));
  const destination = await load(ports, endpoints, endpointStream(project.settings.destinationEndpointId));
  if (source.is === 'none' || source.config.kind !== 'microsoft-365')
    return refuse('endpoint.unknown', { endpointId: project.settings.sourceEndpointId });
  if (destination.is === 'none' || destination.config.kind === 'microsoft-365')
    return refuse('endpoint.unknown', { endpointId: project.settings.destinationEndpointId });
  const settings: PassSettings = {
    type,
    source: item.source,
    destinationName: item.destination,
    container,
    partBytes,
    sourceEndpoint: source.config,
    destination: destination.config,
    ...preStage(body, meta.at),
    ...(options === undefined ? {} : { options }),
  };
  const coveredUntil =
    body.kind === 'full' || body.kind === 'pre-stage' ? await bundleOf(ports, workgroupId, customerId, item.source) : null;
  const passId = deriveId('pass', body.mailboxJobId, meta.commandId);
  const refs = { workgroupId, customerId, projectId: body.projectId, mailboxJobId: body.mailboxJobId, passId };
  return run(
    ports,
    mailboxJobs,
    mailboxJobStream(body.mailboxJobId),
    { type: 'StartPass', kind: body.kind, refs, settings, coveredUntil, at: meta.at },
    meta,
  );
};

/** Stops a pass in any state but the finished ones. */
export const stopPass = (ports: ProjectsPorts, meta: CommandMeta, body: StopPass): Promise<CommandReply> =>
  run(ports, mailboxJobs, mailboxJobStream(body.mailboxJobId), { type: 'StopPass', at: meta.at }, meta);

/** Goes on with a stopped or failed pass where it was. */
export const resumePass = (ports: ProjectsPorts, meta: CommandMeta, body: ResumePass): Promise<CommandReply> =>
  run(ports, mailboxJobs, mailboxJobStream(body.mailboxJobId), { type: 'ResumePass', at: meta.at }, meta);

/** Where a Pre-Stage ends, as a time that stays the same however long the pass takes. */
const preStage = ({ olderThanDays, before }: StartPass, at: string): Pick<PassSettings, 'before'> => {
  if (before !== undefined) return { before: `${before}T00:00:00.000Z` };
  return olderThanDays === undefined ? {} : { before: new Date(Date.parse(at) - olderThanDays * DAY_MS).toISOString() };
};

const DAY_MS = 24 * 60 * 60 * 1000;

const bundleOf = async (ports: ProjectsPorts, workgroupId: string, customerId: string, user: string): Promise<string | null> =>
  (await ports.coverage({ workgroupId, customerId, users: [user] })).covered[0]?.expiresAt ?? null;

const refuse = (code: string, facts: Facts): CommandReply => ({ accepted: false, rejection: { code, facts } });
