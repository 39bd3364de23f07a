import { memoryBlobStore, putClaim, type BlobStore } from '@pstream/blob';
import {
  buildStream,
  mailboxJobStream,
  partStream,
  type BuildEvent,
  type Context,
  type DomainEvent,
  type MailboxJobEvent,
  type PassSettings,
  type StreamName,
} from '@pstream/contracts';
import { memoryEventStore } from '@pstream/event-store';
import { FakeClock } from '@pstream/testing';
import fc from 'fast-check';
import { clearPass, needOf, sweepLeftovers, type Need } from './leftovers.js';

const SEED = 20_261_122;
const KEEP_DAYS = 30;
const DAY_MS = 24 * 3_600_000;

const settings: PassSettings = {
  type: 'mailbox',
  source: 'ada@contoso.com',
  destinationName: 'ada.pst',
  container: 'mailboxes',
  partBytes: 10 * 1024 ** 3,
  sourceEndpoint: { kind: 'microsoft-365', tenantId: 't', clientId: 'c', credential: { kind: 'secret', ref: 'secret:1' } },
  destination: { kind: 'folder', path: '/out' },
};
const totals = { discovered: 0, exported: 0, skipped: 0, failed: 0 };
const refsOf = (passId: string) => ({ workgroupId: 'w', customerId: 'c', projectId: 'p', mailboxJobId: 'job', passId });

type Step =
  /** An extractor stores an item of the pass that is open, under the attempt that it knows of, and publishes a record. */
  | { readonly do: 'put'; readonly content: number }
  | { readonly do: 'checkpoint' | 'stop' | 'fail' | 'resume' | 'finish' | 'start' | 'late' }
  /** The pass ends, and another begins; or it stops and rests for long. */
  | { readonly do: 'next' | 'rest' }
  | { readonly do: 'wait'; readonly days: number }
  /** A sweep, and what others do between its calls of the working storage. */
  | { readonly do: 'sweep'; readonly meanwhile: readonly (readonly Step[])[] };

const plain: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('put' as const), content: fc.nat(3) }) },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constantFrom(
        'checkpoint' as const,
        'stop' as const,
        'fail' as const,
        'resume' as const,
        'resume' as const,
        'next' as const,
        'rest' as const,
        'late' as const,
      ),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('wait' as const), days: fc.constantFrom(29, 31, 31) }) },
);
const sweep: fc.Arbitrary<Step> = fc.record({
  do: fc.constant('sweep' as const),
  meanwhile: fc.array(fc.array(plain, { maxLength: 3 }), { maxLength: 4 }),
});
const steps = fc.array(fc.oneof({ weight: 5, arbitrary: plain }, { weight: 1, arbitrary: sweep }), { minLength: 1, maxLength: 40 });

/** A sweep that has judged a pass which rests, and meets what its next attempt stores. */
const RESUMED_MEANWHILE: Step[] = [
  { do: 'put', content: 0 },
  { do: 'rest' },
  { do: 'sweep', meanwhile: [[], [{ do: 'resume' }, { do: 'put', content: 0 }]] },
];

/** A mailbox job whose passes run, rest, go on and end, with the records that its builders have still to read. */
class Job {
  readonly clock = new FakeClock();
  readonly #store = memoryEventStore();
  readonly #work = memoryBlobStore();
  readonly #job: MailboxJobEvent[] = [];
  readonly #build: BuildEvent[] = [];
  #commits = 0;
  #passes = 0;
  #checkpoints = 0;
  #state: 'none' | 'open' | 'resting' = 'none';
  #attempt = 0;
  /** Claims that records of the pass under way name, and those of them that a sweep may have taken. */
  #named = new Set<string>();
  #saved = new Set<string>();
  readonly #given = new Set<string>();
  #sweeping = false;

  get #passId(): string {
    return `pass-${this.#passes}`;
  }

  async take(step: Step): Promise<void> {
    const refs = { ...refsOf(this.#passId), at: this.clock.now() };
    const cause = { code: 'x.y' };
    switch (step.do) {
      case 'start':
        if (this.#state !== 'none') return;
        this.#passes++;
        [this.#state, this.#attempt, this.#named, this.#saved] = ['open', 1, new Set(), new Set()];
        await this.#appendToJob({
          type: 'PassStarted',
          data: { ...refs, passId: this.#passId, number: this.#passes, kind: 'full', settings },
        });
        return this.#append('build', partStream(`part-${this.#passes}`), {
          type: 'PartOpened',
          data: { ...refs, passId: this.#passId, partId: `part-${this.#passes}`, name: 'ada.pst', container: 'mailboxes', ordinal: 1 },
        });
      case 'put':
        if (this.#state === 'open') this.#named.add(await this.#put(this.#passes, step.content));
        return;
      case 'checkpoint':
        if (this.#state !== 'open') return;
        this.#saved.add(`ckpt/part-${this.#passes}/${++this.#checkpoints}`);
        await this.#work.putIfAbsent(`ckpt/part-${this.#passes}/${this.#checkpoints}`, new Uint8Array(1));
        return;
      case 'stop':
      case 'fail':
        if (this.#state !== 'open') return;
        this.#state = 'resting';
        return this.#appendToJob(
          step.do === 'stop' ? { type: 'PassStopped', data: refs } : { type: 'PassFailed', data: { ...refs, kind: 'full', cause } },
        );
      case 'resume':
        if (this.#state !== 'resting') return;
        [this.#state, this.#attempt] = ['open', this.#attempt + 1];
        return this.#appendToJob({ type: 'PassResumed', data: { ...refs, attempt: this.#attempt } });
      case 'finish':
        if (this.#state !== 'open') return;
        this.#state = 'none';
        await this.#appendToBuild({
          type: 'BuildFinished',
          data: { ...refs, totals, bytes: 0, parts: 1, folders: {} },
        });
        return this.#appendToJob({
          type: 'PassCompleted',
          data: { ...refs, kind: 'full', pass: totals, mailbox: totals },
        });
      case 'next':
        await this.take({ do: 'finish' });
        return this.take({ do: 'start' });
      case 'rest':
        await this.take({ do: 'stop' });
        return this.take({ do: 'wait', days: 31 });
      case 'late':
        // Whoever ended the pass before wakes up and clears it away once more.
        if (this.#passes > 1) await clearPass(this.#work, refsOf(`pass-${this.#passes - 1}`), [`part-${this.#passes - 1}`]);
        return;
      case 'wait':
        await this.clock.advance(step.days * DAY_MS);
        this.#giveAway();
        return;
      case 'sweep':
        return this.#sweep(step.meanwhile);
    }
  }

  async #sweep(meanwhile: readonly (readonly Step[])[]): Promise<void> {
    const queue = [...meanwhile];
    const names = (prefix: string): Promise<string[]> => this.list(prefix);
    const others = async (): Promise<void> => {
      for (const step of queue.shift() ?? []) await this.take(step);
    };
    const work: BlobStore = {
      ...this.#work,
      async *list(prefix) {
        for (let last = ''; ; ) {
          await others();
          const next = (await names(prefix)).find((name) => name > last);
          if (next === undefined) return;
          yield (last = next);
        }
      },
      delete: async (all) => {
        await others();
        for (const name of all) {
          await this.#work.delete([name]);
          await others();
        }
      },
    };
    this.#sweeping = true;
    this.#giveAway();
    await sweepLeftovers({ store: this.#store, work, clock: this.clock }, KEEP_DAYS);
    this.#sweeping = false;
    await this.check();
  }

  /** A pass that has rested for long while a sweep goes on may lose what its attempts so far have named. */
  #giveAway(): void {
    if (
      this.#sweeping &&
      needOf(
        this.#job,
        this.#build.filter(({ data }) => data.passId === this.#passId),
        this.#passId,
        this.clock.now(),
        KEEP_DAYS,
      ).is === 'checkpoints'
    )
      for (const name of this.#named) this.#given.add(name);
  }

  async #put(pass: number, content: number): Promise<string> {
    const owner = { job: 'job', pass: `pass-${pass}`, attempt: this.#attempt };
    return (await putClaim(this.#work, { jobKey: new Uint8Array(32), ...owner }, Uint8Array.of(content))).key;
  }

  #appendToJob(event: MailboxJobEvent): Promise<void> {
    this.#job.push(event);
    return this.#append('projects', mailboxJobStream('job'), event);
  }

  #appendToBuild(event: BuildEvent): Promise<void> {
    this.#build.push(event);
    return this.#append('build', buildStream(this.#passId), event);
  }

  async #append<E extends DomainEvent>(context: Context, stream: StreamName<E>, event: NoInfer<E>): Promise<void> {
    const expectedVersion = (await this.#store.read(stream)).length;
    await this.#store.append({
      context,
      stream,
      expectedVersion,
      events: [event],
      at: this.clock.now(),
      metadata: { commandId: `c${this.#commits++}`, by: 'test' },
    });
  }

  async list(prefix: string): Promise<string[]> {
    const names: string[] = [];
    for await (const name of this.#work.list(prefix)) names.push(name);
    return names;
  }

  /** What a builder of the pass under way may read is there, but for what it was given away. */
  async check(): Promise<void> {
    if (this.#state === 'none') return;
    const there = new Set(await this.list(''));
    for (const name of [...this.#saved, ...this.#named])
      if (!this.#given.has(name)) expect(there.has(name) ? name : `${name} is gone`).toBe(name);
  }

  close(): Promise<void> {
    return this.#store.close();
  }
}

describe(`what passes leave behind (seed ${SEED})`, () => {
  it('is never removed while somebody may read it, and all gone after the last pass, whatever happens during a sweep', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (all) => {
        const job = new Job();
        for (const step of [{ do: 'start' } as const, ...all]) {
          await job.take(step);
          await job.check();
        }
        for (const step of ['resume', 'finish', 'sweep'] as const)
          await job.take(step === 'sweep' ? { do: step, meanwhile: [] } : { do: step });
        expect([...(await job.list('claims/')), ...(await job.list('ckpt/'))]).toEqual([]);
        await job.close();
      }),
      { seed: SEED, numRuns: 300, examples: [[RESUMED_MEANWHILE]] },
    );
  });
});

describe('what a pass needs', () => {
  const at = (day: number): string => new Date(Date.parse('2026-01-01T00:00:00.000Z') + day * DAY_MS).toISOString();
  const refs = refsOf('pass-1');
  const started: MailboxJobEvent = { type: 'PassStarted', data: { ...refs, number: 1, kind: 'full', settings, at: at(0) } };
  const stopped: MailboxJobEvent = { type: 'PassStopped', data: { ...refs, at: at(1) } };
  const failed: MailboxJobEvent = { type: 'PassFailed', data: { ...refs, kind: 'full', cause: { code: 'x.y' }, at: at(1) } };
  const resumed: MailboxJobEvent = { type: 'PassResumed', data: { ...refs, attempt: 2, at: at(2) } };
  const finished: BuildEvent = { type: 'BuildFinished', data: { ...refs, totals, bytes: 0, parts: 1, folders: {}, at: at(3) } };
  const need = (job: readonly MailboxJobEvent[], day: number, build: readonly BuildEvent[] = []): Need =>
    needOf(job, build, 'pass-1', at(day), KEEP_DAYS);

  it('is everything while it goes on, and for so many days after it was stopped or has failed', () => {
    expect(need([started], 1000)).toEqual({ is: 'everything' });
    expect(need([started, { type: 'PassStopRequested', data: { ...refs, attempt: 1, at: at(1) } }], 1000)).toEqual({ is: 'everything' });
    expect(need([started, stopped], 30.9)).toEqual({ is: 'everything' });
    expect(need([started, failed, resumed], 1000)).toEqual({ is: 'everything' });
  });

  it('is its checkpoints, and what later attempts store, after that', () => {
    expect(need([started, stopped], 31)).toEqual({ is: 'checkpoints', attempt: 1 });
    expect(need([started, stopped, resumed, { ...failed, data: { ...failed.data, at: at(2) } } as MailboxJobEvent], 32)).toEqual({
      is: 'checkpoints',
      attempt: 2,
    });
  });

  it('is nothing after it was built to its end, taken note of or not', () => {
    expect(need([started], 3, [finished])).toEqual({ is: 'nothing' });
    expect(need([started, failed], 3, [finished])).toEqual({ is: 'nothing' });
  });

  it('is nothing once another one has taken its place', () => {
    const { passId: _passId, ...ids } = refs;
    const next: MailboxJobEvent = {
      type: 'PassStarted',
      data: { ...refs, passId: 'pass-2', number: 2, kind: 'full', settings, at: at(2) },
    };
    const edited: MailboxJobEvent = { type: 'MailboxEdited', data: { ...ids, source: 'a@b.cd', destination: 'b.pst', at: at(2) } };
    for (const after of [next, edited]) expect(need([started, failed, after], 3)).toEqual({ is: 'nothing' });
  });

  it('is nothing once its mailbox was removed', () => {
    const { passId: _passId, ...ids } = refs;
    expect(need([started, stopped, { type: 'MailboxRemoved', data: { ...ids, at: at(2) } }], 3)).toEqual({ is: 'nothing' });
  });

  it('is everything where nobody knows the pass', () => {
    expect(need([], 1000)).toEqual({ is: 'everything' });
    expect(needOf([started, stopped], [], 'pass-2', at(1000), KEEP_DAYS)).toEqual({ is: 'everything' });
  });
});
