import {
  buildStream,
  extractionStream,
  mailboxJobStream,
  operationStream,
  readWorkUnit,
  verificationStream,
  type DomainEvent,
  type PassKind,
  type StreamName,
} from '@pstream/contracts';
import { memoryEventStore, type EventStore } from '@pstream/event-store';
import { deriveId, type Facts } from '@pstream/kernel';
import { FakeClock, passSettings } from '@pstream/testing';
import type { OutgoingRecord } from '@pstream/transport';
import { keepStates, type ProjectsPorts } from '../commands/ports.js';
import { mailboxJob } from '../commands/passes.js';
import { Reconciler } from './reconcile.js';

const MINUTE_MS = 60_000;
const refs = {
  workgroupId: 'w',
  customerId: deriveId('customer'),
  projectId: deriveId('project'),
  mailboxJobId: deriveId('mailbox'),
  passId: deriveId('pass'),
};
const totals = { discovered: 3, exported: 3, skipped: 0, failed: 0 };

/** A mailbox with a pass, and what is sent because of it. */
class Scene {
  readonly clock = new FakeClock();
  readonly sent: { readonly topic: string; readonly record: OutgoingRecord }[] = [];
  readonly lines: Facts[] = [];
  readonly queued: string[] = [];
  /** Events that were read. */
  read = 0;
  readonly #inner = memoryEventStore();
  readonly #store: EventStore = {
    ...this.#inner,
    read: async (stream, after) => {
      const events = await this.#inner.read(stream, after);
      this.read += events.length;
      return events;
    },
  };
  readonly #projects: ProjectsPorts = {
    store: this.#store,
    kept: keepStates(),
    clock: this.clock,
    coverage: () => Promise.reject(new Error('nobody asks')),
    settleParts: () => Promise.reject(new Error('nobody asks')),
    applyBundles: () => Promise.reject(new Error('nobody asks')),
  };
  readonly #reconciler = new Reconciler({
    projects: this.#projects,
    transport: {
      send: (topic, records) => {
        this.sent.push(...records.map((record) => ({ topic, record })));
        return Promise.resolve();
      },
    },
    queue: (job) => Promise.resolve(void this.queued.push(job.is)),
    revived: (what, facts) => void this.lines.push({ what, ...facts }),
  });
  #commits = 0;

  async record<E extends DomainEvent>(
    context: 'projects' | 'extraction' | 'build' | 'credentials',
    stream: StreamName<E>,
    event: NoInfer<E>,
  ): Promise<void> {
    await this.#store.append({
      context,
      stream,
      expectedVersion: (await this.#store.read(stream)).length,
      events: [event],
      at: this.clock.now(),
      metadata: { commandId: `test-${this.#commits++}`, by: 'test' },
    });
  }

  async begin(kind: PassKind = 'full', isAdmitted = true): Promise<this> {
    const job = mailboxJobStream(refs.mailboxJobId);
    await this.record('projects', job, {
      type: 'PassStarted',
      data: { ...refs, number: 1, kind, settings: passSettings, at: this.clock.now() },
    });
    if (kind !== 'verify' && isAdmitted)
      await this.record('projects', job, { type: 'PassAdmitted', data: { ...refs, attempt: 1, at: this.clock.now() } });
    return this;
  }

  /** Looks once, `minutes` later. What was sent for it: kinds of units, or topics. */
  async later(minutes: number): Promise<readonly string[]> {
    await this.clock.advance(minutes * MINUTE_MS);
    const before = this.sent.length;
    await this.#reconciler.round(new AbortController().signal);
    return this.sent.slice(before).map(({ topic, record }) => (topic === 'extraction.work.v1' ? readWorkUnit(record).kind : topic));
  }

  async status(): Promise<string> {
    return (await mailboxJob(this.#projects, refs.mailboxJobId)).is;
  }
}

describe('the search for silent passes', () => {
  it('has the work of a pass done again whose unit was lost, and doubles the time until it does so again', async () => {
    const scene = await new Scene().begin();
    expect(await scene.later(9)).toEqual([]);
    expect(await scene.later(1)).toEqual(['continue', 'finish']);
    expect(await scene.later(5)).toEqual([]);
    expect(await scene.later(14)).toEqual([]);
    expect(await scene.later(1)).toEqual(['continue', 'finish']);
    expect(await scene.later(39)).toEqual([]);
    expect(await scene.later(1)).toEqual(['continue', 'finish']);
    expect(scene.lines).toMatchObject([{ what: 'pass', silentMs: 10 * MINUTE_MS, before: 0 }, { before: 1 }, { before: 2 }]);
  });

  it('only sees to it that a pass which waits for its place is in the queue', async () => {
    const scene = await new Scene().begin('full', false);
    expect(await scene.later(10)).toEqual([]);
    expect([scene.queued, scene.lines]).toEqual([['queued'], []]);
  });

  it('asks once a day at most', async () => {
    const scene = await new Scene().begin();
    let revivals = 0;
    for (let hour = 0; hour < 24 * 10; hour++) revivals += (await scene.later(60)).length / 2;
    expect(revivals).toBeGreaterThanOrEqual(10);
    expect(revivals).toBeLessThan(20);
  });

  it('leaves a pass alone that gives signs of life, and begins to count again after each', async () => {
    const scene = await new Scene().begin();
    expect(await scene.later(10)).toEqual(['continue', 'finish']);
    await scene.record('extraction', extractionStream(refs.passId), {
      type: 'ExtractionStarted',
      data: { ...refs, mailbox: { id: 'MBX:1@2', version: 'v1.0' }, at: scene.clock.now() },
    });
    expect(await scene.later(9)).toEqual([]);
    await scene.record('build', buildStream(refs.passId), {
      type: 'BuildCheckpointed',
      data: { ...refs, items: 1, bytes: 1, at: scene.clock.now() },
    });
    expect(await scene.later(9)).toEqual([]);
    expect(await scene.later(1)).toEqual(['continue', 'finish']);
  });

  it('leaves a pass alone as long as it said that it would wait', async () => {
    const scene = await new Scene().begin();
    const retryAt = new Date(Date.parse(scene.clock.now()) + 60 * MINUTE_MS).toISOString();
    await scene.record('extraction', extractionStream(refs.passId), {
      type: 'ExtractionWaited',
      data: { ...refs, waits: {}, held: { code: 'graph.mailbox-moving', retryAt }, at: scene.clock.now() },
    });
    expect(await scene.later(69)).toEqual([]);
    expect(await scene.later(1)).toEqual(['continue', 'finish']);
  });

  it('walks a pass to its end whose end was recorded and never arrived', async () => {
    const scene = await new Scene().begin();
    const at = scene.clock.now();
    await scene.record('extraction', extractionStream(refs.passId), {
      type: 'ExtractionStarted',
      data: { ...refs, mailbox: { id: 'MBX:1@2', version: 'v1.0' }, at },
    });
    await scene.record('build', buildStream(refs.passId), {
      type: 'BuildFinished',
      data: { ...refs, totals, bytes: 30, parts: 1, folders: {}, at },
    });
    expect(await scene.later(10)).toEqual([]);
    expect(await scene.status()).toBe('idle');
    expect(await scene.later(60)).toEqual([]);
  });

  it('reads nothing again of a mailbox at rest, until another pass is open', async () => {
    const scene = await new Scene().begin();
    const data = { ...refs, kind: 'full', pass: totals, mailbox: totals, at: scene.clock.now() } as const;
    await scene.record('projects', mailboxJobStream(refs.mailboxJobId), { type: 'PassCompleted', data });
    await scene.later(5);
    const before = scene.read;
    await scene.later(5);
    expect(scene.read).toBe(before);
    await scene.begin();
    expect(await scene.later(10)).toEqual(['continue', 'finish']);
  });

  it('asks a pass that is being stopped to stop again', async () => {
    const scene = await new Scene().begin();
    const job = mailboxJobStream(refs.mailboxJobId);
    await scene.record('projects', job, { type: 'PassStopRequested', data: { ...refs, attempt: 1, at: scene.clock.now() } });
    expect(await scene.later(10)).toEqual(['pause']);
    await scene.record('build', buildStream(refs.passId), { type: 'BuildPaused', data: { ...refs, attempt: 1, at: scene.clock.now() } });
    expect(await scene.later(10)).toEqual([]);
    expect(await scene.status()).toBe('stopped');
    expect(await scene.later(60)).toEqual([]);
  });

  it('leaves a pass alone that waits for its time, and begins a verification again whose time has come', async () => {
    const scene = new Scene();
    const startAt = new Date(Date.parse(scene.clock.now()) + 60 * MINUTE_MS).toISOString();
    const data = { ...refs, number: 1, kind: 'verify', settings: passSettings, startAt, at: scene.clock.now() } as const;
    const job = mailboxJobStream(refs.mailboxJobId);
    await scene.record('projects', job, { type: 'PassStarted', data });
    expect(await scene.later(60)).toEqual([]);
    await scene.record('projects', job, { type: 'PassDue', data: { ...refs, at: startAt } });
    expect(await scene.later(20)).toEqual(['projects.events.v1', 'projects.events.v1']);
    expect(scene.sent.at(-1)?.record.headers).toMatchObject({ ce_type: 'pstream.projects.PassDue.v1' });
  });

  it('begins a verification again', async () => {
    const scene = await new Scene().begin('verify');
    expect(await scene.later(10)).toEqual(['projects.events.v1']);
    expect(scene.sent.at(-1)?.record.headers).toMatchObject({ ce_type: 'pstream.projects.PassStarted.v1' });
    await scene.record('credentials', verificationStream(refs.passId), {
      type: 'VerificationFinished',
      data: { ...refs, verdict: 'pass', at: scene.clock.now() },
    });
    expect(await scene.later(20)).toEqual([]);
    expect(await scene.status()).toBe('idle');
  });

  it('has an operation heard again whose request was lost, until it has ended', async () => {
    const scene = new Scene();
    const operationId = deriveId('operation');
    const stream = operationStream(operationId);
    const { workgroupId, customerId, projectId } = refs;
    const operation = { operationId, workgroupId, customerId, projectId };
    const at = scene.clock.now();
    await scene.record('projects', stream, {
      type: 'OperationRequested',
      data: { ...operation, work: { verb: 'stop' }, selection: { by: 'all' }, by: 'token', at },
    });
    expect(await scene.later(10)).toEqual(['projects.events.v1']);
    expect(scene.sent.at(-1)?.record.headers).toMatchObject({ ce_type: 'pstream.projects.OperationRequested.v1', ce_subject: stream });
    expect(await scene.later(19)).toEqual([]);
    await scene.record('projects', stream, { type: 'OperationFailed', data: { ...operation, code: 'project.unknown', facts: {}, at } });
    expect(await scene.later(60)).toEqual([]);
  });
});
