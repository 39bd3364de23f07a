import { z } from 'zod';
import { Destination, EndpointConfig, EndpointSettings, Microsoft365Source, NewEndpointConfig } from './endpoints.js';
import { streamName, type StreamName } from './envelope.js';
import { at, count, id, ordinal, passRefs, workgroup, type EventOf } from './event-shapes.js';
import { PartFolder, partNameFault } from './part-name.js';
import { Day, NewProjectOptions, ProjectOptions } from './project-options.js';
import { Cause, PassKind, ProjectType, SmtpAddress, Totals, Ulid } from './words.js';

// Projects: customers, endpoints, projects with their line items, and the passes of each mailbox.

/** Container when none is given ("Bucket Name" in MigrationWiz). */
export const DEFAULT_CONTAINER = 'migrationwiz';
const GIB = 1024 ** 3;
/** A new PST is begun before a file would pass this size. */
export const DEFAULT_PART_BYTES = 10 * GIB;
/** Limits of the setting. The lower one exists for tests and trials; the manual recommends 1 GiB and more. */
export const PART_BYTES = { min: 1024 ** 2, max: 45 * GIB } as const;

/** The setting. A size that is refused is named: nobody counts the digits of bytes. */
const refusedBytes = ({ input }: { readonly input?: unknown }): string =>
  `Give 1 MiB to 45 GiB: a PST of ${(Number(input) / 1e9).toFixed(1)} GB is refused.`;
const PartBytes = z.int().min(PART_BYTES.min, { error: refusedBytes }).max(PART_BYTES.max, { error: refusedBytes });

const Name = z.string().trim().min(1).max(120);

export const CreateCustomer = z.strictObject({ workgroupId: z.string(), customerId: Ulid, name: Name });
export type CreateCustomer = z.infer<typeof CreateCustomer>;

export const AddEndpoint = z.strictObject({
  workgroupId: z.string(),
  customerId: Ulid,
  endpointId: Ulid,
  name: Name,
  config: NewEndpointConfig,
});
export type AddEndpoint = z.infer<typeof AddEndpoint>;

export const RenameCustomer = z.strictObject({ customerId: Ulid, name: Name });
export type RenameCustomer = z.infer<typeof RenameCustomer>;
export const RemoveCustomer = z.strictObject({ customerId: Ulid });
export type RemoveCustomer = z.infer<typeof RemoveCustomer>;

/** Another name or other settings of an endpoint; what is absent stays, and so does its secret. */
export const EditEndpoint = z.strictObject({
  customerId: Ulid,
  endpointId: Ulid,
  name: Name.optional(),
  settings: EndpointSettings.optional(),
});
export type EditEndpoint = z.infer<typeof EditEndpoint>;
export const RemoveEndpoint = z.strictObject({ customerId: Ulid, endpointId: Ulid });
export type RemoveEndpoint = z.infer<typeof RemoveEndpoint>;

/** Asks whether the value behind the endpoint's secret reference may be replaced; the sender replaces it when this is accepted. */
export const RotateEndpointSecret = z.strictObject({ endpointId: Ulid });
export type RotateEndpointSecret = z.infer<typeof RotateEndpointSecret>;

/** Container names as Azure Blob takes them. */
export const ContainerName = z
  .string()
  .regex(/^(?=.{3,63}$)[a-z0-9]+(-[a-z0-9]+)*$/, 'Use 3 to 63 lower-case letters, digits and single hyphens.');

export const CreateProject = z.strictObject({
  workgroupId: z.string(),
  customerId: Ulid,
  projectId: Ulid,
  name: Name,
  type: ProjectType,
  sourceEndpointId: Ulid,
  destinationEndpointId: Ulid,
  container: ContainerName.default(DEFAULT_CONTAINER),
  partBytes: PartBytes.default(DEFAULT_PART_BYTES),
  options: NewProjectOptions.optional(),
  /** Who creates it: the agent, or a token that belongs to none. */
  ownerId: z.string().min(1).max(64).optional(),
});
export type CreateProject = z.infer<typeof CreateProject>;

/** A project that exports nothing: it keeps what machines report that find PSTs and upload them to its destination. */
export const CreateDiscoveryProject = CreateProject.pick({
  workgroupId: true,
  customerId: true,
  projectId: true,
  name: true,
  destinationEndpointId: true,
  container: true,
  ownerId: true,
});
export type CreateDiscoveryProject = z.infer<typeof CreateDiscoveryProject>;

/** Replaces the advanced options of a project. Passes that have been started keep those they started with. */
export const ChangeOptions = z.strictObject({ projectId: Ulid, options: NewProjectOptions });
export type ChangeOptions = z.infer<typeof ChangeOptions>;

/** Says whether the content of a project's finished PSTs may be looked at. Not at first. */
export const SwitchViewing = z.strictObject({ projectId: Ulid, allowed: z.boolean() });
export type SwitchViewing = z.infer<typeof SwitchViewing>;

/** Another name or other settings of a project, for passes that are started from now on; what is absent stays. */
export const EditProject = z.strictObject({
  projectId: Ulid,
  name: Name.optional(),
  sourceEndpointId: Ulid.optional(),
  destinationEndpointId: Ulid.optional(),
  container: ContainerName.optional(),
  partBytes: PartBytes.optional(),
});
export type EditProject = z.infer<typeof EditProject>;
export const RemoveProject = z.strictObject({ projectId: Ulid });
export type RemoveProject = z.infer<typeof RemoveProject>;

/** One mailbox of a project: where it comes from, and the name of its first PST. */
export const LineItem = z.strictObject({ mailboxJobId: Ulid, source: SmtpAddress, destination: z.string() });
export type LineItem = z.infer<typeof LineItem>;

export const AddLineItems = z.strictObject({ projectId: Ulid, items: z.array(LineItem).min(1).max(100_000) });
export type AddLineItems = z.infer<typeof AddLineItems>;

/** Asks which of these addresses and PST names mailboxes of a project have already. */
export const TakenNames = z.strictObject({ projectId: Ulid, sources: z.array(z.string()), destinations: z.array(z.string()) });
export type TakenNames = z.infer<typeof TakenNames>;
const Holders = z.array(z.tuple([z.int().nonnegative(), Ulid]));
/** The positions of those that are taken, each with the mailbox that has it. */
export const TakenNamesReply = z.strictObject({ sources: Holders, destinations: Holders });
export type TakenNamesReply = z.infer<typeof TakenNamesReply>;

/** Name of a mailbox's first PST, as folders and containers take it. */
export const PartName = z
  .string()
  .trim()
  .superRefine((name, context) => {
    const fault = partNameFault(name);
    if (fault !== undefined) context.addIssue({ code: 'custom', message: fault.advice });
  });

/** Another address or another PST name for a mailbox; what is absent stays. */
export const EditMailbox = z.strictObject({
  mailboxJobId: Ulid,
  projectId: Ulid,
  source: SmtpAddress.optional(),
  destination: PartName.optional(),
});
export type EditMailbox = z.infer<typeof EditMailbox>;

/** Removes a mailbox from its project. A pass under way refuses that, or with `stop` is stopped first. */
export const RemoveMailbox = z.strictObject({ mailboxJobId: Ulid, projectId: Ulid, stop: z.boolean() });
export type RemoveMailbox = z.infer<typeof RemoveMailbox>;

/** Where a Pre-Stage ends: mail older than so many days, or than a date (midnight UTC). */
export const PRE_STAGE_DAYS = [30, 60, 90] as const;
export const preStageFields = { olderThanDays: z.literal([...PRE_STAGE_DAYS]).optional(), before: Day.optional() };

/** Whether the two fields fit the kind: a Pre-Stage needs exactly one of them, every other pass none. */
export const fitsKind = ({
  kind,
  olderThanDays,
  before,
}: {
  kind: PassKind;
  olderThanDays?: number | undefined;
  before?: string | undefined;
}): boolean => (olderThanDays === undefined ? 0 : 1) + (before === undefined ? 0 : 1) === (kind === 'pre-stage' ? 1 : 0);
export const FITS_KIND = {
  error: 'A Pre-Stage needs either olderThanDays (30, 60 or 90) or before (a date); other passes take neither.',
  path: ['before'],
};

/** Whether an update is asked of a kind of pass that takes all that is new. */
export const fitsUpdate = ({ kind, update }: { kind: PassKind; update?: boolean | undefined }): boolean =>
  update !== true || kind === 'full';
export const FITS_UPDATE = { error: 'Only a Full pass can update.', path: ['update'] };

/** How far before others of its project a mailbox goes; 0 if nobody says. */
export const Priority = z.int().min(-100).max(100);

/** What a pass keeps from start to end, whatever is changed in the project meanwhile. */
export const PassSettings = z.strictObject({
  type: ProjectType,
  source: SmtpAddress,
  destinationName: z.string(),
  container: z.string(),
  partBytes: z.int(),
  sourceEndpoint: Microsoft365Source,
  /** Whose settings these are; absent in passes of releases up to 0.3.0. */
  sourceEndpointId: Ulid.optional(),
  destination: Destination,
  /** Of a Pre-Stage: it takes mail from before this time. */
  before: z.iso.datetime().optional(),
  /** Folder of the container for the PSTs; without it they are at its top. */
  folder: PartFolder.optional(),
  /** The pass also takes items that are in a PST already and were changed since; their older copies are listed as superseded. */
  update: z.literal(true).optional(),
  options: ProjectOptions.optional(),
});
export type PassSettings = z.infer<typeof PassSettings>;

/** Events of a customer. */
export const customerEvents = {
  CustomerCreated: z.object({ ...workgroup, customerId: id, name: z.string(), at }),
  CustomerRenamed: z.object({ ...workgroup, customerId: id, name: z.string(), at }),
  CustomerRemoved: z.object({ ...workgroup, customerId: id, at }),
};
export type CustomerEvent = EventOf<typeof customerEvents>;

/** Events of an endpoint. */
export const endpointEvents = {
  EndpointAdded: z.object({ ...workgroup, customerId: id, endpointId: id, name: z.string(), config: EndpointConfig, at }),
  EndpointSecretRotated: z.object({ endpointId: id, at }),
  EndpointEdited: z.object({ ...workgroup, customerId: id, endpointId: id, name: z.string(), config: EndpointConfig, at }),
  EndpointRemoved: z.object({ ...workgroup, customerId: id, endpointId: id, at }),
};
export type EndpointEvent = EventOf<typeof endpointEvents>;

/** Events of a name within its scope. */
export const nameEvents = {
  NameReserved: z.object({ scope: z.string(), holder: id, at }),
  NameReleased: z.object({ scope: z.string(), holder: id, at }),
};
export type NameEvent = EventOf<typeof nameEvents>;

/** Events of what depends on a customer, its endpoints and projects, or on an endpoint, the projects that use it. `of` is the customer or endpoint. */
export const dependentEvents = {
  /** The command `by` is about to make `dependent`, or to have it use the endpoint. */
  DependentAdded: z.object({ of: id, dependent: id, kind: z.enum(['endpoint', 'project']), by: id, at }),
  /** The command was refused. */
  DependentDropped: z.object({ of: id, by: id, at }),
  /** The customer or endpoint goes; nothing may depend on it any more. */
  DependentsClosed: z.object({ of: id, at }),
};
export type DependentEvent = EventOf<typeof dependentEvents>;

const project = { ...workgroup, customerId: id, projectId: id };
/** Events of a project. */
export const projectEvents = {
  ProjectCreated: z.object({
    ...project,
    name: z.string(),
    type: ProjectType,
    sourceEndpointId: id,
    destinationEndpointId: id,
    container: z.string(),
    partBytes: count,
    options: ProjectOptions.optional(),
    ownerId: id.optional(),
    at,
  }),
  ProjectEdited: z.object({
    ...project,
    name: z.string(),
    sourceEndpointId: id,
    destinationEndpointId: id,
    container: z.string(),
    partBytes: count,
    at,
  }),
  DiscoveryProjectCreated: z.object({
    ...project,
    name: z.string(),
    destinationEndpointId: id,
    container: z.string(),
    ownerId: id.optional(),
    at,
  }),
  DiscoveryProjectEdited: z.object({ ...project, name: z.string(), destinationEndpointId: id, container: z.string(), at }),
  /** It is the record of runs from now on, which is not removed. */
  FirstRunBegun: z.object({ ...project, at }),
  ProjectRemoved: z.object({ ...project, at }),
  /** Nothing of it is exported any more; what was stays on record. */
  ProjectClosed: z.object({ ...project, at }),
  OptionsChanged: z.object({ ...project, options: ProjectOptions, at }),
  ViewingSwitched: z.object({ ...project, allowed: z.boolean(), at }),
  /** `jobVersions` are those of the mailboxes' own streams where these say what the items are; absent where nothing else says it. */
  LineItemsAdded: z.object({ ...project, items: z.array(LineItem).readonly(), jobVersions: z.array(count).readonly().exactOptional(), at }),
};
export type ProjectEvent = EventOf<typeof projectEvents>;

/** A PST name, and the mailbox that holds it at a destination. */
export const NameClaim = z.object({ projectId: id, mailboxJobId: id, name: z.string() });
export type NameClaim = Readonly<z.infer<typeof NameClaim>>;

/** Events of the PST names in one container of one destination. */
export const placeEvents = {
  NamesClaimed: z.object({ place: z.string(), claims: z.array(NameClaim).readonly(), at }),
};
export type PlaceEvent = EventOf<typeof placeEvents>;

/** Claims in one event. */
export const CLAIMS_PER_EVENT = 500;

/** Events of a project's roster, besides `LineItemsAdded`. */
export const rosterEvents = {
  /** The mailbox holds this address and this PST name too, until it is known whether its line item changes: claimed by the command `by` for what its
   *  own stream may say after version `jobVersion`. Releases up to 0.3.0 recorded neither. */
  LineItemClaimed: z.object({ ...project, ...LineItem.shape, by: id.exactOptional(), jobVersion: count.exactOptional(), at }),
  /** The line item is this from now on, as its own stream says at `jobVersion`; what was claimed for earlier versions is free again. Without a version,
   *  everything else is. */
  LineItemChanged: z.object({ ...project, ...LineItem.shape, jobVersion: count.exactOptional(), at }),
  /** What the command `by` claimed for these mailboxes is free again, and what was claimed for versions before `jobVersions`. */
  LineItemClaimsReleased: z.object({
    ...project,
    mailboxJobIds: z.array(id).readonly(),
    jobVersions: z.array(count).readonly(),
    by: id,
    at,
  }),
  /** The project goes; nothing is added any more. */
  RosterClosed: z.object({ ...project, at }),
  /** At these versions their own streams say that they are gone. Without versions, everything that they claimed is free again. */
  LineItemsRemoved: z.object({
    ...project,
    mailboxJobIds: z.array(id).readonly(),
    jobVersions: z.array(count).readonly().exactOptional(),
    at,
  }),
};

/** What happens on a project's roster. Projects of releases up to 0.2.0 have `LineItemsAdded` on the project's own stream. */
export type RosterEvent = Extract<ProjectEvent, { type: 'LineItemsAdded' }> | EventOf<typeof rosterEvents>;

/** Events of a mailbox job: the passes of one mailbox. */
export const mailboxJobEvents = {
  /** The line item as the roster had it when the mailbox was first acted on; from then on its own stream says what it is. */
  MailboxJobOpened: z.object({ ...project, ...LineItem.shape, at }),
  /** The line item is this from now on; in another project, if it was moved. A pass that had read nothing is given up. */
  MailboxEdited: z.object({ ...project, ...LineItem.shape, at }),
  /** The mailbox is to be removed when the pass under way has ended. */
  MailboxRemovalRequested: z.object({ ...project, mailboxJobId: id, at }),
  /** The mailbox is no longer in its project; nothing follows. */
  MailboxRemoved: z.object({ ...project, mailboxJobId: id, at }),
  /** Its project is closed: a pass that was stopped or failed is given up, and none follows. */
  MailboxClosed: z.object({ ...project, mailboxJobId: id, at }),
  /** The mailbox begins again from nothing: what these passes exported counts no more, and is exported again. Their PSTs are kept, or deleted by
   *  whoever builds the next pass. `destination` is the name of its first PST from now on. */
  MailboxStartedOver: z.object({
    ...project,
    mailboxJobId: id,
    passIds: z.array(id).readonly(),
    parts: z.enum(['keep', 'delete']),
    destination: z.string(),
    at,
  }),
  /** With `startAt`, it does nothing until `PassDue`. */
  PassStarted: z.object({ ...passRefs, number: ordinal, kind: PassKind, settings: PassSettings, startAt: at.exactOptional(), at }),
  /** The time for which the pass was submitted has come: it waits for a place from now on. */
  PassDue: z.object({ ...passRefs, at }),
  /** Passes of the mailbox go before others of its project that have a lower priority; 0 before the first such event. */
  MailboxPrioritised: z.object({ ...project, mailboxJobId: id, priority: z.int(), at }),
  /** The attempt has got a place: it is worked on from now on. */
  PassAdmitted: z.object({ ...passRefs, attempt: ordinal, at }),
  PassBegun: z.object({ ...passRefs, at }),
  PassStopRequested: z.object({ ...passRefs, attempt: ordinal, at }),
  PassStopped: z.object({ ...passRefs, at }),
  /** With `destination`, something that is not ours had the name of the part to come: that part and those after it begin with this name, and so do
   *  later passes; parts that are sealed keep theirs. */
  PassResumed: z.object({ ...passRefs, attempt: ordinal, destination: z.string().exactOptional(), at }),
  PassCompleted: z.object({
    ...passRefs,
    kind: PassKind,
    pass: Totals,
    mailbox: Totals,
    /** Folders of the mailbox that no pass could list to their end; 0 if absent. */
    foldersNotListed: count.exactOptional(),
    /** Items of the pass that `mailbox` counts once, though passes before it had exported them: they were changed or moved. 0 if absent. */
    superseded: count.exactOptional(),
    at,
  }),
  PassFailed: z.object({ ...passRefs, kind: PassKind, cause: Cause, at }),
};
export type MailboxJobEvent = EventOf<typeof mailboxJobEvents>;

/** Line items in one event: it is one record on the log, and read models apply it as one step. */
export const LINE_ITEMS_PER_EVENT = 500;

export const customerStream = (customerId: string): StreamName<CustomerEvent> => streamName(`customer:${customerId}`);
export const endpointStream = (endpointId: string): StreamName<EndpointEvent> => streamName(`endpoint:${endpointId}`);
/** Stream of what depends on a customer or an endpoint. */
export const dependentsStream = (of: string): StreamName<DependentEvent> => streamName(`dependents:${of}`);
export const projectStream = (projectId: string): StreamName<ProjectEvent> => streamName(`project:${projectId}`);
/** Stream of the line items of a project: who is on it, and which PST names are taken. */
export const rosterStream = (projectId: string): StreamName<RosterEvent> => streamName(`roster:${projectId}`);
/** Where PSTs with the same name would be the same file, whichever endpoint or project leads there. */
export const placeName = (destination: Destination, container: string): string => {
  if (destination.kind === 'folder') return `folder ${destination.path.replace(/[/\\]+$/, '')}/${container}`;
  const address = destination.endpoint ?? `https://${destination.account}.blob.core.windows.net`;
  return `azure-blob ${address.replace(/\/+$/, '').toLowerCase()}/${container}`;
};

/** Stream of the PST names in one container of one destination, whatever project writes there. */
export const placeStream = (placeId: string): StreamName<PlaceEvent> => streamName(`place:${placeId}`);
export const mailboxJobStream = (mailboxJobId: string): StreamName<MailboxJobEvent> => streamName(`mailbox-job:${mailboxJobId}`);
