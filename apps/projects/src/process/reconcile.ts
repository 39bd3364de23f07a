import {
  buildStream,
  eventTopic,
  extractionStream,
  mailboxJobStream,
  toCloudEvent,
  unfinishedWork,
  verificationStream,
  WORK_TOPIC,
  workRecord,
  type MailboxJobEvent,
  type PassRefs,
  type PublishedEvent,
  type RecordedEvent,
  type StreamName,
} from '@pstream/contracts';
import type { Facts } from '@pstream/kernel';
import type { Transport } from '@pstream/transport';
import { mailboxJobs } from '../commands/aggregates.js';
import { load, type ProjectsPorts } from '../commands/ports.js';
import type { MailboxJob, OpenPass } from '../domain/mailbox-job/state.js';
import { commandFor, hear } from './pass-process.js';

/** What the search for silent passes works with. `revived` gets a line for each pass whose work is asked for again. */
export type ReconcilePorts = {
  readonly projects: ProjectsPorts;
  readonly transport: Pick<Transport, 'send'>;
  readonly revived: (facts: Facts) => void;
  /** Puts a pass in the queue that is not in it. */
  readonly queue: (job: MailboxJob) => Promise<void>;
};

/** Whatever works on a pass records something more often than this: slices, checkpoints, and once a minute what holds it up. */
const SILENT_MS = 10 * 60_000;
/** Longest time between two revivals of one pass: each doubles the time to the next. */
const MOST_MS = 24 * 3_600_000;
/** Streams that are looked at in a row, and the pause after them: the search is never in the way. */
const IN_A_ROW = 100;
const PAUSE_MS = 1_000;

const JOBS = 'mailbox-job:';

/** An open pass between two looks: how far its streams were read, its last sign of life, and how often it was revived since. */
type Watched = { readonly read: Map<string, number>; signAtMs: number; revivals: number; revivedAtMs: number };

/** Finds passes that are open and give no sign of life, because a unit, an end or an event of theirs was lost, and has their work done again.
 *  Nothing here decides: events are heard as if they came now, and units ask for what is not done. Both are harmless where nothing
 *  was lost, and what an older attempt is asked for is ignored. */
export class Reconciler {
  readonly #ports: ReconcilePorts;
  readonly #watched = new Map<string, Watched>();

  constructor(ports: ReconcilePorts) {
    this.#ports = ports;
  }

  /** Looks at every mailbox once. Returns how many passes were revived. */
  async round(signal: AbortSignal): Promise<number> {
    const { store, clock } = this.#ports.projects;
    const open = new Set<string>();
    let revived = 0;
    let looked = 0;
    for await (const name of store.streams(JOBS)) {
      if (++looked % IN_A_ROW === 0) await clock.sleep(PAUSE_MS, signal);
      signal.throwIfAborted();
      const job = await load(this.#ports.projects, mailboxJobs, name as StreamName<MailboxJobEvent>);
      if (!isUnderWay(job)) continue;
      const { refs } = job.pass;
      open.add(refs.passId);
      const watched = this.#watched.get(refs.passId) ?? { read: new Map(), signAtMs: -Infinity, revivals: 0, revivedAtMs: -Infinity };
      this.#watched.set(refs.passId, watched);
      await this.#look(refs, watched);
      if (!this.#isSilent(watched)) continue;
      if (waitsForPlace(job)) {
        // It is silent for as long as that takes.
        watched.revivedAtMs = Date.parse(this.#ports.projects.clock.now());
        await this.#ports.queue(job);
        continue;
      }
      await this.#revive(refs, watched);
      revived++;
    }
    for (const passId of this.#watched.keys()) if (!open.has(passId)) this.#watched.delete(passId);
    return revived;
  }

  /** Reads what is new in the streams of a pass. A pass that waits until a time that it named gives a sign of life then. */
  async #look(refs: PassRefs, watched: Watched): Promise<void> {
    for (const stream of streamsOf(refs)) {
      const news = await this.#ports.projects.store.read(stream, watched.read.get(stream) ?? 0);
      const last = news.at(-1);
      if (last === undefined) continue;
      watched.read.set(stream, last.version);
      for (const event of news) {
        const signAtMs = Math.max(Date.parse(event.at), heldUntilMs(event));
        if (signAtMs <= watched.signAtMs) continue;
        watched.signAtMs = signAtMs;
        watched.revivals = 0;
      }
    }
  }

  #isSilent({ signAtMs, revivals, revivedAtMs }: Watched): boolean {
    const waitMs = Math.min(MOST_MS, SILENT_MS * 2 ** revivals);
    return Date.parse(this.#ports.projects.clock.now()) - Math.max(signAtMs, revivedAtMs) >= waitMs;
  }

  async #revive(refs: PassRefs, watched: Watched): Promise<void> {
    const { projects, transport, revived } = this.#ports;
    const nowMs = Date.parse(projects.clock.now());
    revived({ mailboxJobId: refs.mailboxJobId, passId: refs.passId, silentMs: nowMs - watched.signAtMs, before: watched.revivals });
    watched.revivals++;
    watched.revivedAtMs = nowMs;
    const job = mailboxJobStream(refs.mailboxJobId);
    for (const stream of streamsOf(refs)) {
      if (stream === job) continue;
      for (const event of (await projects.store.read(stream)) as readonly RecordedEvent<PublishedEvent>[])
        if (commandFor(event, event.at) !== undefined) await hear(projects, event);
    }
    const now = await load(projects, mailboxJobs, job);
    if (!isUnderWay(now) || now.pass.refs.passId !== refs.passId) return;
    const { kind, attempt, admitted } = now.pass;
    if (kind === 'verify') await this.#publishAgain(job, refs.passId);
    else
      await transport.send(
        WORK_TOPIC,
        unfinishedWork({ state: now.is === 'stopping' ? 'stopping' : 'open', refs, attempt, admitted }).map(workRecord),
      );
  }

  /** A verification begins with the event that starts it. */
  async #publishAgain(job: StreamName<MailboxJobEvent>, passId: string): Promise<void> {
    const { projects, transport } = this.#ports;
    const started = (await projects.store.read(job)).filter((event) => event.type === 'PassStarted' && event.data.passId === passId);
    await transport.send(eventTopic('projects'), started.map(toCloudEvent));
  }
}

const isUnderWay = (job: MailboxJob): job is MailboxJob & { readonly is: 'queued' | 'migrating' | 'stopping'; readonly pass: OpenPass } =>
  job.is === 'queued' || job.is === 'migrating' || job.is === 'stopping';

const waitsForPlace = (job: MailboxJob): boolean => job.is === 'queued' && job.pass.kind !== 'verify' && !job.pass.admitted;

const streamsOf = ({ mailboxJobId, passId }: PassRefs): readonly StreamName[] => [
  mailboxJobStream(mailboxJobId),
  extractionStream(passId),
  buildStream(passId),
  verificationStream(passId),
];

const heldUntilMs = ({ type, data }: RecordedEvent): number => {
  if (type !== 'ExtractionWaited' && type !== 'BuildWaited') return -Infinity;
  const { held } = data as Extract<PublishedEvent, { readonly type: typeof type }>['data'];
  return held === undefined || held === null ? -Infinity : Date.parse(held.retryAt);
};
