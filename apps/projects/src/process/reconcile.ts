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
import { streamOf } from '@pstream/event-store';
import type { Facts } from '@pstream/kernel';
import type { Transport } from '@pstream/transport';
import { mailboxJobs } from '../commands/aggregates.js';
import { load, type ProjectsPorts } from '../commands/ports.js';
import { isSubmitted, isUnderWay, type MailboxJob } from '../domain/mailbox-job/state.js';
import { commandFor, hear } from './pass-process.js';
import { Silence } from './silence.js';

/** What the search for silent passes works with. `revived` gets a line for each pass or operation whose work is asked for again. */
export type ReconcilePorts = {
  readonly projects: ProjectsPorts;
  readonly transport: Pick<Transport, 'send'>;
  readonly revived: (what: 'pass' | 'operation', facts: Facts) => void;
  /** Puts a pass in the queue that is not in it. */
  readonly queue: (job: MailboxJob) => Promise<void>;
};

/** Streams that are looked at in a row, and the pause after them: the search is never in the way. */
const IN_A_ROW = 100;
const PAUSE_MS = 1_000;

/** Mailboxes that are remembered to be at rest, about 100 bytes each; what is beyond is read again in each round. */
const MOST_AT_REST = 100_000;

const JOBS = 'mailbox-job:';
const OPERATIONS = 'operation:';

/** Finds passes and operations that are open and give no sign of life, because a unit, an end or an event of theirs was lost, and has their
 *  work done again.
 *  Nothing here decides: events are heard as if they came now, and units ask for what is not done. Both are harmless where nothing
 *  was lost, and what an older attempt is asked for is ignored. */
export class Reconciler {
  readonly #ports: ReconcilePorts;
  /** By the pass's id, or the stream of the operation. */
  readonly #watched = new Map<string, Silence>();
  /** Operations that have ended, of which nothing will ever be read again. */
  readonly #ended = new Set<string>();
  /** Mailboxes of which nothing is open, and the version of their streams then: only what came after it can be open. */
  readonly #atRest = new Map<StreamName, number>();
  #looked = 0;

  constructor(ports: ReconcilePorts) {
    this.#ports = ports;
  }

  /** Looks at every mailbox and every operation once. Returns how many passes and operations were revived. */
  async round(signal: AbortSignal): Promise<number> {
    const open = new Set<string>();
    this.#looked = 0;
    const revived = (await this.#passes(open, signal)) + (await this.#operations(open, signal));
    for (const id of this.#watched.keys()) if (!open.has(id)) this.#watched.delete(id);
    return revived;
  }

  async #passes(open: Set<string>, signal: AbortSignal): Promise<number> {
    const { projects, queue } = this.#ports;
    let revived = 0;
    for await (const name of projects.store.streams(JOBS)) {
      await this.#pace(signal);
      const job = await this.#newsOf(name as StreamName<MailboxJobEvent>);
      if (job === undefined || !isUnderWay(job)) continue;
      const { refs } = job.pass;
      open.add(refs.passId);
      const silence = this.#silenceOf(refs.passId);
      await silence.look(projects.store, streamsOf(refs));
      if (!silence.isTooLong(this.#nowMs)) continue;
      if (waitsForPlace(job)) {
        // It is silent for as long as that takes.
        silence.excuse(this.#nowMs);
        await queue(job);
        continue;
      }
      await this.#revive(refs, silence);
      revived++;
    }
    return revived;
  }

  /** A mailbox as it is now; undefined if it is at rest as it was before. */
  async #newsOf(name: StreamName<MailboxJobEvent>): Promise<MailboxJob | undefined> {
    const { store } = this.#ports.projects;
    const version = this.#atRest.get(name);
    if (version !== undefined && (await store.read(name, version)).length === 0) return undefined;
    const job = await streamOf(store, name, { context: 'projects', ...mailboxJobs }).fold();
    if (isUnderWay(job.state)) this.#atRest.delete(name);
    else if (version !== undefined || this.#atRest.size < MOST_AT_REST) this.#atRest.set(name, job.version);
    return job.state;
  }

  /** An operation goes on, from where it stands, whenever its request is heard. */
  async #operations(open: Set<string>, signal: AbortSignal): Promise<number> {
    const { projects, transport, revived } = this.#ports;
    let count = 0;
    for await (const stream of projects.store.streams(OPERATIONS)) {
      if (this.#ended.has(stream)) continue;
      await this.#pace(signal);
      const events = await projects.store.read(stream);
      if (events.some(({ type }) => type === 'OperationFinished' || type === 'OperationFailed')) {
        this.#ended.add(stream);
        continue;
      }
      open.add(stream);
      const silence = this.#silenceOf(stream);
      await silence.look(projects.store, [stream]);
      if (!silence.isTooLong(this.#nowMs)) continue;
      revived('operation', { stream, ...silence.revive(this.#nowMs) });
      await transport.send(eventTopic('projects'), events.filter(({ type }) => type === 'OperationRequested').map(toCloudEvent));
      count++;
    }
    return count;
  }

  get #nowMs(): number {
    return Date.parse(this.#ports.projects.clock.now());
  }

  #silenceOf(id: string): Silence {
    const silence = this.#watched.get(id) ?? new Silence();
    this.#watched.set(id, silence);
    return silence;
  }

  async #pace(signal: AbortSignal): Promise<void> {
    if (++this.#looked % IN_A_ROW === 0) await this.#ports.projects.clock.sleep(PAUSE_MS, signal);
    signal.throwIfAborted();
  }

  async #revive(refs: PassRefs, silence: Silence): Promise<void> {
    const { projects, transport, revived } = this.#ports;
    revived('pass', { mailboxJobId: refs.mailboxJobId, passId: refs.passId, ...silence.revive(this.#nowMs) });
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

  /** A verification begins with the event that starts it, or that says that its time has come. */
  async #publishAgain(job: StreamName<MailboxJobEvent>, passId: string): Promise<void> {
    const { projects, transport } = this.#ports;
    const started = (await projects.store.read(job)).filter(
      (event) => (event.type === 'PassStarted' || event.type === 'PassDue') && event.data.passId === passId,
    );
    await transport.send(eventTopic('projects'), started.map(toCloudEvent));
  }
}

const waitsForPlace = (job: MailboxJob): boolean =>
  isSubmitted(job) || (job.is === 'queued' && job.pass.kind !== 'verify' && !job.pass.admitted);

const streamsOf = ({ mailboxJobId, passId }: PassRefs): readonly StreamName[] => [
  mailboxJobStream(mailboxJobId),
  extractionStream(passId),
  buildStream(passId),
  verificationStream(passId),
];
