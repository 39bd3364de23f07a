import {
  ADMISSION_STREAM,
  mailboxJobStream,
  projectStream,
  type AdmissionEvent,
  type HeldUp,
  type Places,
  type PlacesReply,
  type Plans,
  type PlansReply,
  type PublishedEvent,
  type QueuedPass,
  type RecordedEvent,
} from '@pstream/contracts';
import { streamOf, type StreamKind } from '@pstream/event-store';
import { assert, deriveId } from '@pstream/kernel';
import { mailboxJobs, projects } from '../commands/aggregates.js';
import { mailboxJob } from '../commands/passes.js';
import { execute, load, type ProjectsPorts } from '../commands/ports.js';
import { decide, type AdmissionLimits, type Heard } from '../domain/admission/decide.js';
import { heldByPlan, plansIn } from '../domain/admission/plans.js';
import { dueIn, evolve, nobodyWaits, placesIn, type Admission } from '../domain/admission/state.js';
import { isSubmitted, isUnderWay, type MailboxJob } from '../domain/mailbox-job/state.js';
import { inLanes } from '../operations/lanes.js';

/** A pass that waits for longer than this gives its place to another meanwhile. */
const YIELD_MS = 15_000;
/** What lasts is recorded again each minute, however short the waits between the tries are: such a pass has given its place away until then. */
const LASTING_MS = 70_000;

/** Passes of which is known what held them up last. */
const MOST_HELD = 1_000;

type Pending = { readonly heard: Heard; readonly settled: PromiseWithResolvers<void> };

const kindOf = ({ kept }: ProjectsPorts): StreamKind<AdmissionEvent, Admission> => ({
  context: 'projects',
  evolve,
  initial: nobodyWaits,
  kept: kept.admission,
});

/** Gives passes their places. What is heard is settled together with whatever else was heard meanwhile, in one commit, and a pass that it admits
 *  gets to know before anything of it counts as heard: so a process that dies leaves nothing undone. Several processes may do so at once. */
export class Admissions {
  readonly #ports: ProjectsPorts;
  readonly #limits: AdmissionLimits;
  #pending: Pending[] = [];
  #isSettling = false;
  /** Passes that are admitted and know it, as `<pass>/<attempt>`. */
  readonly #known = new Set<string>();
  /** What held a pass up last, when that was recorded, and until when it gives its place to another, if it does. It counts with all that
   *  is heard, and goes on record only where another gets a place by it: what waits for hours would otherwise say so each minute. */
  readonly #held = new Map<string, { readonly code: string; readonly atMs: number; readonly until?: string }>();

  constructor(ports: ProjectsPorts, limits: AdmissionLimits) {
    this.#ports = ports;
    this.#limits = limits;
  }

  /** Takes note of an event. Resolves when everything that follows from it is on record. */
  async onEvent(event: RecordedEvent<PublishedEvent>): Promise<void> {
    const heard = await this.#heardOf(event);
    if (heard !== undefined) await this.#settle(heard);
  }

  /** Puts an open pass in the queue, if it is neither there nor admitted. */
  async queue(job: MailboxJob): Promise<void> {
    const pass = queuedPass(job);
    if (pass !== undefined) await this.#settle({ is: 'queued', pass });
  }

  /** Queues the passes whose time has come. Done again, it changes nothing: nobody has to know whether it was done before. */
  async tick(signal: AbortSignal): Promise<void> {
    const { state, version } = await streamOf(this.#ports.store, ADMISSION_STREAM, kindOf(this.#ports)).fold();
    const due = dueIn(state, this.#ports.clock.now());
    await inLanes(this.#ports.clock, due, signal, ({ mailboxJobId, passId }) => this.#begin(mailboxJobId, passId));
    await this.#settle({ is: 'time', version });
  }

  /** Lets a pass know that its time has come, and queues it; one that has been stopped meanwhile leaves. */
  async #begin(mailboxJobId: string, passId: string): Promise<void> {
    const at = this.#ports.clock.now();
    const meta = { commandId: deriveId('due', passId), by: 'projects', at };
    const outcome = await execute(this.#ports, mailboxJobs, mailboxJobStream(mailboxJobId), { type: 'QueuePass', passId, at }, meta);
    assert(outcome.accepted, 'the time of a pass is not refused');
    const pass = queuedPass(outcome.state);
    await this.#settle(pass?.passId === passId ? { is: 'queued', pass } : { is: 'left', passId });
  }

  #settle(heard: Heard): Promise<void> {
    const settled = Promise.withResolvers<void>();
    this.#pending.push({ heard, settled });
    if (!this.#isSettling) void this.#settleAll();
    return settled.promise;
  }

  async #settleAll(): Promise<void> {
    this.#isSettling = true;
    while (this.#pending.length > 0) {
      const batch = this.#pending.splice(0);
      try {
        await this.#settleTogether(batch.map(({ heard }) => heard));
        for (const { settled } of batch) settled.resolve();
      } catch (error) {
        for (const { settled } of batch) settled.reject(error);
      }
    }
    this.#isSettling = false;
  }

  async #settleTogether(heard: readonly Heard[]): Promise<void> {
    let gone = await this.#settleOnce(heard, 0);
    // Their places go to others, some of which may be gone as well.
    while (gone.passes.length > 0) gone = await this.#settleOnce(gone.passes, gone.version);
  }

  /** Settles with one commit, as what follows from that of `after` (0: from events). Returns those that have a place and no use for it. */
  async #settleOnce(heard: readonly Heard[], after: number): Promise<{ readonly passes: readonly Heard[]; readonly version: number }> {
    const at = this.#ports.clock.now();
    const commandId = deriveId('settle', at, ...(after === 0 ? [] : [after]), ...heard.map(nameOfHeard));
    const stream = streamOf(this.#ports.store, ADMISSION_STREAM, kindOf(this.#ports));
    const command = { heard: [...this.#yielded(at), ...heard], limits: this.#limits, at };
    const outcome = await stream.decide((state) => decide(command, state), { commandId, by: 'projects', at });
    assert(outcome.accepted, 'the admission refuses nothing');
    const { admitted } = outcome.state;
    for (const passId of this.#held.keys()) if (!admitted.has(passId)) this.#held.delete(passId);
    const fresh = new Set(outcome.events.flatMap((event) => (event.type === 'PassesAdmitted' ? event.data.passes : [])));
    for (const name of this.#known) {
      const passId = name.split('/')[0]!;
      if (!admitted.has(passId) || fresh.has(passId)) this.#known.delete(name);
    }
    const news = [...admitted.values()].filter(({ pass }) => !this.#known.has(nameOf(pass)));
    const useless = await Promise.all(news.map(async ({ pass }) => ((await this.#admit(pass)) ? [] : [pass])));
    const passes = useless.flat().map(({ passId, attempt }): Heard => ({ is: 'left', passId, attempt }));
    return { passes, version: outcome.version };
  }

  /** Tells a pass that it has a place. False if it has no use for it: it may have ended or been stopped before it was queued, and nobody says that again. */
  async #admit(pass: QueuedPass): Promise<boolean> {
    const { mailboxJobId, passId, attempt } = pass;
    const at = this.#ports.clock.now();
    const meta = { commandId: deriveId('admit', passId, attempt), by: 'projects', at };
    const outcome = await execute(
      this.#ports,
      mailboxJobs,
      mailboxJobStream(mailboxJobId),
      { type: 'AdmitPass', passId, attempt, at },
      meta,
    );
    assert(outcome.accepted, 'a place is not refused');
    if (!takesPlace(outcome.state, pass)) return false;
    this.#known.add(nameOf(pass));
    return true;
  }

  /** Those that give their places to others now. */
  #yielded(at: string): readonly Heard[] {
    return [...this.#held].flatMap(([passId, { until }]) => (until === undefined || until <= at ? [] : [{ is: 'yielded', passId, until }]));
  }

  #yields(passId: string, { code, retryAt }: HeldUp, at: string): Heard | undefined {
    const atMs = Date.parse(at);
    const before = this.#held.get(passId);
    const lasts = before?.code === code && atMs - before.atMs < LASTING_MS;
    const untilMs = Math.max(Date.parse(retryAt), lasts ? atMs + LASTING_MS : 0);
    const until = untilMs - atMs < YIELD_MS ? undefined : new Date(untilMs).toISOString();
    this.#held.delete(passId);
    this.#held.set(passId, { code, atMs, ...(until === undefined ? {} : { until }) });
    const [oldest] = this.#held.keys();
    if (this.#held.size > MOST_HELD && oldest !== undefined) this.#held.delete(oldest);
    return until === undefined ? undefined : { is: 'yielded', passId, until };
  }

  async #heardOf(event: RecordedEvent<PublishedEvent>): Promise<Heard | undefined> {
    switch (event.type) {
      case 'PassStarted':
      case 'PassDue':
      case 'PassResumed': {
        const { mailboxJobId, passId } = event.data;
        const pass = queuedPass(await mailboxJob(this.#ports, mailboxJobId));
        return pass?.passId === passId ? { is: 'queued', pass } : undefined;
      }
      case 'PlanChanged':
        return { is: 'time', version: event.version };
      case 'MailboxPrioritised': {
        const pass = queuedPass(await mailboxJob(this.#ports, event.data.mailboxJobId));
        return pass === undefined ? undefined : { is: 'prioritised', passId: pass.passId, priority: pass.priority ?? 0 };
      }
      case 'PassStopRequested': {
        // One that is at work keeps its place until it has stopped.
        const { admitted } = (await streamOf(this.#ports.store, ADMISSION_STREAM, kindOf(this.#ports)).recall()).state;
        return admitted.has(event.data.passId) ? undefined : { is: 'left', passId: event.data.passId };
      }
      case 'PassStopped':
      case 'PassCompleted':
      case 'PassFailed':
        this.#held.delete(event.data.passId);
        return { is: 'left', passId: event.data.passId };
      case 'ExtractionWaited':
      case 'BuildWaited': {
        const { held, passId, at } = event.data;
        return held === undefined || held === null ? undefined : this.#yields(passId, held, at);
      }
      default:
        return undefined;
    }
  }
}

/** Answers where mailboxes stand among those of their project that wait. */
export const places = async (ports: ProjectsPorts, { projectId, mailboxJobIds }: Places): Promise<PlacesReply> => {
  const { state } = await streamOf(ports.store, ADMISSION_STREAM, kindOf(ports)).fold();
  const found = placesIn(state, projectId);
  return { places: mailboxJobIds.map((id) => found.get(id) ?? null), held: heldByPlan(state, projectId, ports.clock.now()) };
};

/** Answers what the queue has of some projects. */
export const plans = async (ports: ProjectsPorts, { projectIds }: Plans): Promise<PlansReply> => {
  const sources = await Promise.all(
    projectIds.map(async (projectId) => {
      const project = await load(ports, projects, projectStream(projectId));
      return project.is === 'project' ? project.settings.sourceEndpointId : undefined;
    }),
  );
  const { state, version } = await streamOf(ports.store, ADMISSION_STREAM, kindOf(ports)).fold();
  return { ...plansIn(state, projectIds, ports.clock.now(), sources), version };
};

const nameOfHeard = (heard: Heard): string => {
  switch (heard.is) {
    case 'queued':
      return `queued/${nameOf(heard.pass)}`;
    case 'prioritised':
      return `prioritised/${heard.passId}/${heard.priority}`;
    case 'time':
      return `time/${heard.version}`;
    default:
      return `${heard.is}/${heard.passId}`;
  }
};

const nameOf = ({ passId, attempt }: QueuedPass): string => `${passId}/${attempt}`;

/** Whether this attempt of the pass takes a place; one that is being stopped does until it has. */
const takesPlace = (job: MailboxJob, { passId, attempt }: QueuedPass): boolean =>
  isUnderWay(job) && job.pass.refs.passId === passId && job.pass.attempt === attempt;

/** The open pass of a mailbox as it enters the queue; undefined if it does not wait for a place. */
const queuedPass = (job: MailboxJob): QueuedPass | undefined => {
  if ((job.is !== 'queued' && job.is !== 'migrating') || (job.is === 'queued' && job.pass.admitted)) return undefined;
  const { refs, kind, attempt, settings, startAt } = job.pass;
  // A verification waits for its time only, and for no place.
  if (kind === 'verify' && !isSubmitted(job)) return undefined;
  const { sourceEndpointId: endpointId } = settings;
  const { tenantId, clientId } = settings.sourceEndpoint;
  const size = kind === 'retry-errors' ? job.mailbox.failed : job.exported ? job.mailbox.discovered : undefined;
  return {
    ...refs,
    attempt,
    endpoint: deriveId('source', tenantId, clientId),
    ...(endpointId === undefined ? {} : { endpointId }),
    ...(size === undefined ? {} : { size }),
    ...(job.priority === 0 ? {} : { priority: job.priority }),
    ...(startAt === undefined ? {} : { startAt }),
  };
};
