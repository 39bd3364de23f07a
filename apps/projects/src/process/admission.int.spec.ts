import {
  ADMISSION_STREAM,
  mailboxJobStream,
  noItems,
  type MailboxJobEvent,
  type PassKind,
  type PublishedEvent,
  type RecordedEvent,
} from '@pstream/contracts';
import { deriveId, isFault } from '@pstream/kernel';
import { passSettings } from '@pstream/testing';
import { mailboxJob } from '../commands/passes.js';
import { changePlan } from '../commands/plans.js';
import { keepStates, type ProjectsPorts } from '../commands/ports.js';
import { Scene } from '../operations/operations.fixture.js';
import { Admissions, places } from './admission.js';

const at = '2026-03-01T00:00:00.000Z';
const projectId = deriveId('project');
const jobOf = (n: number): string => deriveId('mailbox', n);
const passOf = (n: number): string => deriveId('pass', n);
const refsOf = (n: number) => ({ workgroupId: 'w', customerId: deriveId('c'), projectId, mailboxJobId: jobOf(n), passId: passOf(n) });
const limits = { total: 2, perEndpoint: 2, perProject: 2 };

/** Passes of one project, the events of which are heard as often as the log gives them. */
class Passes {
  readonly scene = new Scene();
  readonly #log: RecordedEvent<PublishedEvent>[] = [];

  async append(n: number, event: MailboxJobEvent): Promise<void> {
    const stream = mailboxJobStream(jobOf(n));
    const expectedVersion = (await this.scene.ports.store.read(stream)).length;
    const metadata = { commandId: deriveId('test', n, expectedVersion), by: 'test' };
    const { events } = await this.scene.ports.store.append({ context: 'projects', stream, expectedVersion, events: [event], at, metadata });
    this.#log.push(...events);
  }

  /** Starts a pass at a time to come. */
  submit(n: number, startAt: string, kind: PassKind = 'full'): Promise<void> {
    return this.append(n, { type: 'PassStarted', data: { ...refsOf(n), number: 1, kind, settings: passSettings, startAt, at } });
  }

  start(n: number): Promise<void> {
    return this.append(n, { type: 'PassStarted', data: { ...refsOf(n), number: 1, kind: 'full', settings: passSettings, at } });
  }

  complete(n: number): Promise<void> {
    return this.append(n, { type: 'PassCompleted', data: { ...refsOf(n), kind: 'full', pass: noItems, mailbox: noItems, at } });
  }

  /** Has what happened never heard. */
  forget(): void {
    this.#log.length = 0;
  }

  /** Stops one that is open, until nothing of it is at work. */
  async stop(n: number): Promise<void> {
    await this.append(n, { type: 'PassStopRequested', data: { ...refsOf(n), attempt: 1, at } });
    await this.append(n, { type: 'PassStopped', data: { ...refsOf(n), at } });
  }

  /** Has everything heard that happened since it was heard last; what fails is heard again by whoever takes over. */
  async hear(ports: () => ProjectsPorts = () => this.scene.ports): Promise<void> {
    let admissions = new Admissions(ports(), limits);
    for (const event of this.#log.splice(0)) {
      for (;;) {
        try {
          await admissions.onEvent(event);
          break;
        } catch (error) {
          if (!isFault(error)) throw error;
          admissions = new Admissions(ports(), limits);
        }
      }
    }
  }

  async admitted(): Promise<readonly number[]> {
    const found: number[] = [];
    for (let n = 1; n <= 5; n++) {
      const job = await mailboxJob(this.scene.ports, jobOf(n));
      if ('pass' in job && job.pass.admitted) found.push(n);
    }
    return found;
  }
}

describe('the admission of passes', () => {
  it('tells those that are admitted, and where the others stand', async () => {
    const passes = new Passes();
    for (const n of [1, 2, 3, 4]) await passes.start(n);
    await passes.hear();
    expect(await passes.admitted()).toEqual([1, 2]);
    const ask = [4, 1, 3].map(jobOf);
    expect(await places(passes.scene.ports, { projectId, mailboxJobIds: ask })).toEqual({ places: [2, null, 1], held: null });
    await passes.complete(1);
    await passes.hear();
    expect(await passes.admitted()).toEqual([2, 3]);
  });

  it('gives the place of one that is held for long, or again and again, to another', async () => {
    const passes = new Passes();
    const admissions = new Admissions(passes.scene.ports, limits);
    for (const n of [1, 2, 3, 4]) await passes.start(n);
    await passes.hear();
    const held = (n: number, seconds: number, retryMs: number): Promise<void> => {
      const begun = Date.parse(at) + seconds * 1_000;
      const [now, retryAt] = [begun, begun + retryMs].map((ms) => new Date(ms).toISOString()) as [string, string];
      const data = { ...refsOf(n), held: { code: 'destination.unavailable', retryAt }, at: now };
      return admissions.onEvent({ type: 'BuildWaited', data } as RecordedEvent<PublishedEvent>);
    };
    await held(1, 0, 5_000);
    expect(await passes.admitted()).toEqual([1, 2]);
    await held(1, 60, 5_000);
    expect(await passes.admitted()).toEqual([1, 2, 3]);
    await held(2, 60, 600_000);
    expect(await passes.admitted()).toEqual([1, 2, 3, 4]);
  });

  it('keeps in mind who is held while nobody waits, and records it when another gets the place', async () => {
    const passes = new Passes();
    const { ports } = passes.scene;
    const admissions = new Admissions(ports, limits);
    for (const n of [1, 2, 3, 4, 5]) await passes.start(n);
    const [first, second, ...others] = await Promise.all([1, 2, 3, 4, 5].map((n) => mailboxJob(ports, jobOf(n))));
    for (const job of [first, second]) await admissions.queue(job!);
    const recorded = async (): Promise<number> => (await ports.store.read(ADMISSION_STREAM)).length;
    const before = await recorded();
    const retryAt = '2026-03-01T01:00:00.000Z';
    const hold = async (n: number): Promise<void> => {
      for (let minute = 0; minute < 10; minute++) {
        const now = new Date(Date.parse(at) + minute * 60_000).toISOString();
        const data = { ...refsOf(n), held: { code: 'graph.throttled', retryAt }, at: now };
        await admissions.onEvent({ type: 'BuildWaited', data } as RecordedEvent<PublishedEvent>);
      }
    };
    await hold(1);
    await hold(2);
    expect(await recorded()).toBe(before);
    for (const job of others) await admissions.queue(job);
    expect(await passes.admitted()).toEqual([1, 2, 3, 4]);
    const then = await recorded();
    for (const n of [1, 2, 3, 4]) await hold(n);
    // The fifth waits: as many as may be are at work already.
    expect(await recorded()).toBe(then);
  });

  it('gives no place to a pass that was queued late, after it had been stopped', async () => {
    const passes = new Passes();
    const { ports } = passes.scene;
    const admissions = new Admissions({ ...ports, clock: { ...ports.clock, now: () => '2026-03-01T00:10:00.000Z' } }, limits);
    for (const n of [1, 2, 3, 4]) await passes.start(n);
    await passes.hear();
    const [third, fourth] = await Promise.all([3, 4].map((n) => mailboxJob(ports, jobOf(n))));
    await passes.stop(3);
    await passes.stop(4);
    await passes.hear();
    await admissions.queue(third!);
    await admissions.queue(fourth!);
    await passes.start(5);
    await passes.complete(1);
    await passes.hear();
    expect(await passes.admitted()).toEqual([2, 5]);
  });

  it('frees the places of passes that have ended, of which nobody will say so, when it begins', async () => {
    const passes = new Passes();
    for (const n of [1, 2, 3]) await passes.start(n);
    await passes.hear();
    await passes.complete(1);
    passes.forget();
    await passes.start(4);
    await passes.hear();
    expect(await passes.admitted()).toEqual([2, 3]);
  });

  it('settles what is heard at the same time with one commit', async () => {
    const passes = new Passes();
    const admissions = new Admissions(passes.scene.ports, limits);
    for (const n of [1, 2, 3, 4, 5]) await passes.start(n);
    const jobs = await Promise.all([1, 2, 3, 4, 5].map((n) => mailboxJob(passes.scene.ports, jobOf(n))));
    const before = passes.scene.faults.appends;
    await Promise.all(jobs.map((job) => admissions.queue(job)));
    // One for the first, one for all others, and one for each that is admitted.
    expect(passes.scene.faults.appends - before).toBe(4);
  });

  describe('that were submitted for a time', () => {
    const evening = '2026-03-01T20:00:00.000Z';
    const signal = new AbortController().signal;
    const portsAt = ({ scene: { ports } }: Passes, now: string): ProjectsPorts => ({
      ...ports,
      kept: keepStates(),
      clock: { ...ports.clock, now: () => now },
    });
    const tickAt = (passes: Passes, now: string): Promise<void> => new Admissions(portsAt(passes, now), limits).tick(signal);
    const kinds = async (passes: Passes, n: number): Promise<readonly string[]> =>
      (await passes.scene.ports.store.read(mailboxJobStream(jobOf(n)))).map(({ type }) => type);

    it('are queued once when it has come, whoever looks at the clock', async () => {
      const passes = new Passes();
      for (const n of [1, 2, 3]) await passes.submit(n, evening);
      await passes.hear();
      await tickAt(passes, '2026-03-01T19:59:59.999Z');
      expect(await passes.admitted()).toEqual([]);
      await Promise.all([tickAt(passes, evening), tickAt(passes, evening)]);
      await tickAt(passes, '2026-03-01T20:00:05.000Z');
      expect(await passes.admitted()).toEqual([1, 2]);
      expect(await kinds(passes, 1)).toEqual(['PassStarted', 'PassDue', 'PassAdmitted']);
      expect(await kinds(passes, 3)).toEqual(['PassStarted', 'PassDue']);
    });

    it('are queued though it came while nobody was there', async () => {
      const passes = new Passes();
      await passes.submit(1, evening);
      await passes.hear();
      await tickAt(passes, '2026-03-09T00:00:00.000Z');
      expect(await passes.admitted()).toEqual([1]);
    });

    it('are not queued once they have been stopped', async () => {
      const passes = new Passes();
      await passes.submit(1, evening);
      await passes.hear();
      await passes.append(1, { type: 'PassStopped', data: { ...refsOf(1), at } });
      passes.forget();
      await tickAt(passes, evening);
      expect(await kinds(passes, 1)).toEqual(['PassStarted', 'PassStopped']);
      expect(await passes.admitted()).toEqual([]);
    });

    it('take no place where they are verifications', async () => {
      const passes = new Passes();
      await passes.submit(1, evening, 'verify');
      await passes.hear();
      await tickAt(passes, evening);
      await tickAt(passes, evening);
      expect(await kinds(passes, 1)).toEqual(['PassStarted', 'PassDue']);
      expect((await passes.scene.ports.store.read(ADMISSION_STREAM)).map(({ type }) => type)).toEqual(['PassesPlanned', 'PassesLeft']);
    });

    it.each([1, 2, 3])('are queued once though the process dies at its append number %i, before or after it took effect', async (nth) => {
      for (const when of ['before', 'after'] as const) {
        const passes = new Passes();
        await passes.submit(1, evening);
        await passes.hear();
        const first = passes.scene.faults.appends;
        passes.scene.faults.fail = (append) => (append === first + nth ? when : undefined);
        await expect(tickAt(passes, evening)).rejects.toMatchObject({ code: 'event-store.unavailable' });
        await tickAt(passes, evening);
        expect(await kinds(passes, 1)).toEqual(['PassStarted', 'PassDue', 'PassAdmitted']);
      }
    });
  });

  it('moves a mailbox that gets another priority while it waits', async () => {
    const passes = new Passes();
    for (const n of [1, 2, 3, 4, 5]) await passes.start(n);
    await passes.hear();
    const { passId: _passId, ...ids } = refsOf(5);
    await passes.append(5, { type: 'MailboxPrioritised', data: { ...ids, priority: 7, at } });
    await passes.hear();
    expect(await places(passes.scene.ports, { projectId, mailboxJobIds: [3, 4, 5].map(jobOf) })).toEqual({ places: [2, 3, 1], held: null });
  });

  it('begins nobody while paused, and those that waited when it ends', async () => {
    const passes = new Passes();
    const { ports } = passes.scene;
    const pause = async (n: number, paused: { readonly reason: string } | null): Promise<void> => {
      await changePlan(ports, { commandId: deriveId('plan', n), by: 'eve', at }, { paused });
      const events = (await ports.store.read(ADMISSION_STREAM)) as RecordedEvent<PublishedEvent>[];
      const [event] = events.filter(({ type }) => type === 'PlanChanged').slice(-1);
      await new Admissions(ports, limits).onEvent(event!);
    };
    for (const n of [1, 2, 3]) await passes.start(n);
    await passes.hear();
    await pause(1, { reason: 'moving' });
    await passes.complete(1);
    await passes.start(4);
    await passes.hear();
    expect(await passes.admitted()).toEqual([2]);
    const held = { code: 'plan.paused', reason: 'moving', since: at, until: null };
    expect(await places(ports, { projectId, mailboxJobIds: [3, 4].map(jobOf) })).toEqual({ places: [1, 2], held });
    await pause(2, null);
    expect(await passes.admitted()).toEqual([2, 3]);
  });

  // The sixth append is that of the test: it completes a pass.
  it.each([1, 2, 3, 4, 5, 7, 8])(
    'leaves nobody out when the process dies at its append number %i, before or after it took effect',
    async (nth) => {
      for (const when of ['before', 'after'] as const) {
        const passes = new Passes();
        for (const n of [1, 2, 3]) await passes.start(n);
        const first = passes.scene.faults.appends;
        passes.scene.faults.fail = (append) => (append === first + nth ? when : undefined);
        await passes.hear(() => ({ ...passes.scene.ports, kept: keepStates() }));
        expect(await passes.admitted()).toEqual([1, 2]);
        await passes.complete(2);
        await passes.hear(() => ({ ...passes.scene.ports, kept: keepStates() }));
        expect(await passes.admitted()).toEqual([1, 3]);
      }
    },
  );
});
