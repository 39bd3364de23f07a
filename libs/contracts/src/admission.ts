import { z } from 'zod';
import { streamName, type StreamName } from './envelope.js';
import { at, count, id, ordinal, passRefs, type EventOf } from './event-shapes.js';
import { PlanWindow } from './plan-window.js';
import { Ulid } from './words.js';

// Admission: which of the passes that were started are worked on, and in which order the others follow.

/** A pass that waits for its turn. `endpoint` names tenant and app, whose limits it shares; `size` is what it has to export, in items, where an
 *  earlier pass tells; passes with a higher `priority` go first (0 if absent). `startAt` is of one whose time has not come. */
export const QueuedPass = z.object({
  ...passRefs,
  attempt: ordinal,
  endpoint: id,
  /** The endpoint of the customer that the pass reads from; absent in passes of releases up to 0.3.0. */
  endpointId: id.exactOptional(),
  priority: z.int().exactOptional(),
  size: count.exactOptional(),
  startAt: at.exactOptional(),
});
export type QueuedPass = Readonly<z.infer<typeof QueuedPass>>;

/** Why nothing new is begun. */
export const PauseReason = z.string().trim().min(1, 'This field cannot be left blank.').max(500);

/** How many mailboxes may be at work at once. */
export const MaxMailboxes = z.int().min(1).max(10_000);

/** Changes what all projects, those of a workgroup, those that read from an endpoint, or one, are bound to; what is absent stays as it is. Running mailboxes are finished. */
export const ChangePlan = z.strictObject({
  projectId: Ulid.optional(),
  workgroupId: z.string().min(1).max(64).optional(),
  endpointId: Ulid.optional(),
  maxMailboxes: MaxMailboxes.nullable().optional(),
  window: PlanWindow.nullable().optional(),
  paused: z.strictObject({ reason: PauseReason }).nullable().optional(),
});
export type ChangePlan = z.infer<typeof ChangePlan>;

const Paused = z.object({ reason: z.string(), by: id, since: at });

const passes = z.array(id).readonly();
/** Events of the admission. */
export const admissionEvents = {
  /** These were submitted for a time to come; they are queued when it has come. */
  PassesPlanned: z.object({ passes: z.array(QueuedPass).readonly(), at }),
  PassesQueued: z.object({ passes: z.array(QueuedPass).readonly(), at }),
  /** Ids of passes that are worked on from now on. */
  PassesAdmitted: z.object({ passes, at }),
  /** These wait for something outside, until a time: meanwhile others have their places. Recorded only together with those others. */
  PassesYielded: z.object({ passes: z.array(z.object({ passId: id, until: at })).readonly(), at }),
  /** Passes that wait have another priority from now on. */
  PassesPrioritised: z.object({ passes: z.array(z.object({ passId: id, priority: z.int() })).readonly(), at }),
  /** What all projects, those of a workgroup, those that read from an endpoint, or this one, are bound to from now on. While `paused`, and outside its `window`, nothing new is admitted. */
  PlanChanged: z.object({
    projectId: id.exactOptional(),
    workgroupId: id.exactOptional(),
    endpointId: id.exactOptional(),
    /** Whose project or endpoint that is; absent in events of releases up to 0.3.0. */
    customerId: id.exactOptional(),
    paused: Paused.nullable(),
    maxMailboxes: ordinal.exactOptional(),
    window: PlanWindow.exactOptional(),
    at,
  }),
  /** Ids of passes that have ended or were stopped. */
  PassesLeft: z.object({ passes, at }),
};
export type AdmissionEvent = EventOf<typeof admissionEvents>;

/** The one stream of the admission: who is next is decided over all projects. */
export const ADMISSION_STREAM: StreamName<AdmissionEvent> = streamName('admission');

/** Id of what binds all projects, where others are named by project, endpoint or workgroup. */
export const ALL_PLANS = 'all';

/** Asks where mailboxes of a project stand among those of it that wait. */
export const Places = z.strictObject({ projectId: Ulid, mailboxJobIds: z.array(Ulid) });
export type Places = z.infer<typeof Places>;

/** What keeps the mailboxes of a project from being begun, whoever has a place. */
const HeldByPlan = z.strictObject({
  code: z.enum(['plan.paused', 'plan.project-paused', 'plan.outside-window']),
  reason: z.string(),
  since: z.iso.datetime(),
  until: z.iso.datetime().nullable(),
});
export type HeldByPlan = z.infer<typeof HeldByPlan>;

/** In the order of the question: 1 is the next one of the project; null for those that don't wait. `held` is of all that wait. */
export const PlacesReply = z.strictObject({
  places: z.array(z.int().positive().nullable()),
  held: HeldByPlan.nullable().default(null),
});
export type PlacesReply = z.infer<typeof PlacesReply>;

/** Asks what the queue has of these projects. */
export const Plans = z.strictObject({ projectIds: z.array(Ulid).max(1_000) });
export type Plans = z.infer<typeof Plans>;
const ProjectPlan = z.strictObject({
  paused: Paused.nullable(),
  held: HeldByPlan.nullable(),
  maxMailboxes: z.int().positive().nullable(),
  /** Of the endpoint that the project reads from. */
  endpointLimit: z.int().positive().nullable().default(null),
  window: PlanWindow.nullable(),
  running: count,
  waiting: count,
  submitted: count,
  /** When the next of the submitted ones is to begin. */
  nextAt: z.iso.datetime().nullable(),
});
/** In the order of the question, and what binds all. */
export const PlansReply = z.strictObject({
  paused: Paused.nullable(),
  projects: z.array(ProjectPlan),
  /** Version of the stream of the admission that this was read at. */
  version: count.nullable().default(null),
});
export type PlansReply = z.infer<typeof PlansReply>;
