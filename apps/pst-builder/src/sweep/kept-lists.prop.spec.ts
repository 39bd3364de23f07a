import { memoryBlobStore, type BlobStore } from '@pstream/blob';
import { mailboxJobStream, noItems, partStream, type Context, type DomainEvent, type StreamName } from '@pstream/contracts';
import { memoryEventStore } from '@pstream/event-store';
import { FakeClock, passSettings } from '@pstream/testing';
import fc from 'fast-check';
import { sweepKeptLists } from './kept-lists.js';

const SEED = 20_261_201;

type Step =
  | { readonly do: 'start' | 'seal' | 'take-over' | 'complete' | 'fail' | 'resume' | 'start-over' | 'close' | 'remove' | 'lose-part' }
  | { readonly do: 'sweep'; readonly meanwhile: readonly (readonly Step[])[] };

const plain: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('start' as const, 'seal' as const, 'complete' as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom('take-over' as const, 'fail' as const, 'resume' as const, 'start-over' as const, 'lose-part' as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('close' as const, 'remove' as const) }) },
);
const steps = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: plain },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constant('sweep' as const), meanwhile: fc.array(fc.array(plain, { maxLength: 3 }), { maxLength: 6 }) }),
    },
  ),
  { minLength: 1, maxLength: 30 },
);

/** What a pass has left: pages, a list of an update, and the keys of its part, by each of its owners. */
type Pass = { readonly id: string; epoch: number; sealed: boolean; lost: boolean; state: 'open' | 'rests' | 'completed' | 'over' };

/** A mailbox whose passes leave lists, and what passes after them may still ask for. */
class Job {
  readonly work = memoryBlobStore();
  readonly #store = memoryEventStore();
  readonly #clock = new FakeClock();
  readonly #passes: Pass[] = [];
  #commits = 0;
  #state: 'here' | 'closed' | 'removed' = 'here';

  async take(step: Step): Promise<void> {
    const at = this.#clock.now();
    const mailbox = { workgroupId: 'w', customerId: 'c', projectId: 'p', mailboxJobId: 'job' };
    const pass = this.#passes.at(-1);
    const isOpen = pass?.state === 'open';
    const rests = pass?.state === 'rests';
    const ids = { ...mailbox, passId: pass?.id ?? '' };
    const job = mailboxJobStream('job');
    const part = partStream(`part-${ids.passId}`);
    const parts = { ...ids, partId: `part-${ids.passId}` };
    if (this.#state === 'removed' && step.do !== 'sweep') return;
    switch (step.do) {
      case 'start': {
        if (isOpen || rests || this.#state === 'closed') return;
        const passId = `pass-${String(this.#passes.length + 1)}`;
        this.#passes.push({ id: passId, epoch: 1, sealed: false, lost: false, state: 'open' });
        const settings = { ...passSettings, update: true as const };
        await this.#append('projects', job, {
          type: 'PassStarted',
          data: { ...mailbox, passId, number: this.#passes.length, kind: 'full', settings, at },
        });
        for (const name of [`manifests/${passId}/inbox-0.json`, `updates/${passId}/0.json`]) await this.#put(name);
        const opened = { ...mailbox, passId, partId: `part-${passId}`, at };
        await this.#append(
          'build',
          partStream(opened.partId),
          { type: 'PartOpened', data: { ...opened, name: 'a.pst', container: 'mailboxes', ordinal: 1 } },
          { type: 'BuilderTookOver', data: { ...opened, epoch: 1 } },
        );
        return this.#put(`keys/${opened.partId}/1`);
      }
      case 'take-over':
        if (!isOpen || pass.sealed || pass.lost) return;
        await this.#append('build', part, { type: 'BuilderTookOver', data: { ...parts, epoch: ++pass.epoch, at } });
        return this.#put(`keys/${parts.partId}/${String(pass.epoch)}`);
      case 'seal': {
        if (!isOpen || pass.sealed || pass.lost) return;
        pass.sealed = true;
        const sizes = { extents: 1, bytes: 1, items: 1, folders: 1 };
        return this.#append('build', part, {
          type: 'PartSealIntended',
          data: { ...parts, epoch: pass.epoch, listKey: 'l', listSha256: 's', ...sizes, at },
        });
      }
      case 'lose-part':
        if (!isOpen || pass.lost) return;
        pass.lost = true;
        return this.#append('build', part, { type: 'PartAbandoned', data: { ...parts, reason: 'part.extents-lost', at } });
      case 'complete':
        if (!isOpen) return;
        pass.state = 'completed';
        return this.#append('projects', job, {
          type: 'PassCompleted',
          data: { ...ids, kind: 'full', pass: noItems, mailbox: noItems, at },
        });
      case 'fail':
        if (!isOpen) return;
        pass.state = 'rests';
        return this.#append('projects', job, { type: 'PassFailed', data: { ...ids, kind: 'full', cause: { code: 'x.y' }, at } });
      case 'resume':
        if (!rests || this.#state === 'closed') return;
        pass.state = 'open';
        return this.#append('projects', job, { type: 'PassResumed', data: { ...ids, attempt: 2, at } });
      case 'start-over': {
        if (isOpen || this.#state === 'closed') return;
        const passIds = this.#passes.filter(({ state }) => state !== 'over').map(({ id }) => id);
        for (const one of this.#passes) one.state = 'over';
        return this.#append('projects', job, {
          type: 'MailboxStartedOver',
          data: { ...mailbox, passIds, parts: 'keep', destination: 'b.pst', at },
        });
      }
      case 'close':
        if (isOpen || this.#state === 'closed') return;
        this.#state = 'closed';
        if (rests) pass.state = 'over';
        return this.#append('projects', job, { type: 'MailboxClosed', data: { ...mailbox, at } });
      case 'remove':
        if (isOpen) return;
        this.#state = 'removed';
        return this.#append('projects', job, { type: 'MailboxRemoved', data: { ...mailbox, at } });
      case 'sweep':
        return this.#sweep(step.meanwhile);
    }
  }

  /** What passes to come, and questions about those that were, may read. */
  get needed(): string[] {
    if (this.#state === 'removed') return [];
    return this.#passes
      .filter(({ state }) => state !== 'over')
      .flatMap(({ id, epoch, lost }) => [
        ...(this.#state === 'closed' || lost ? [] : [`keys/part-${id}/${String(epoch)}`]),
        `manifests/${id}/inbox-0.json`,
        `updates/${id}/0.json`,
      ])
      .toSorted();
  }

  async names(): Promise<string[]> {
    const names: string[] = [];
    for await (const name of this.work.list('')) names.push(name);
    return names;
  }

  async #sweep(meanwhile: readonly (readonly Step[])[]): Promise<void> {
    const queue = [...meanwhile];
    const others = async (): Promise<void> => {
      for (const step of queue.shift() ?? []) await this.take(step);
    };
    const { work } = this;
    const watched: BlobStore = {
      ...work,
      async *list(prefix) {
        await others();
        for await (const name of work.list(prefix)) {
          yield name;
          await others();
        }
      },
      delete: async (all) => {
        await others();
        await work.delete(all);
      },
    };
    await sweepKeptLists({ store: this.#store, work: watched, clock: this.#clock });
  }

  async #put(name: string): Promise<void> {
    await this.work.putIfAbsent(name, new Uint8Array(1));
  }

  async #append<E extends DomainEvent>(context: Context, stream: StreamName<E>, ...events: NoInfer<E>[]): Promise<void> {
    const expectedVersion = (await this.#store.read(stream)).length;
    const metadata = { commandId: `c${String(this.#commits++)}`, by: 'test' };
    await this.#store.append({ context, stream, expectedVersion, events, at: this.#clock.now(), metadata });
  }

  close(): Promise<void> {
    return this.#store.close();
  }
}

describe(`the lists that passes leave for those after them (seed ${String(SEED)})`, () => {
  it('stay while a pass or a question may need them, and only so long, whatever happens during a sweep', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (all) => {
        const job = new Job();
        for (const step of all) {
          await job.take(step);
          const there = new Set(await job.names());
          expect(job.needed.filter((name) => !there.has(name))).toEqual([]);
        }
        await job.take({ do: 'sweep', meanwhile: [] });
        expect(await job.names()).toEqual(job.needed);
        await job.close();
      }),
      { seed: SEED, numRuns: 300 },
    );
  });

  it('are left alone where nobody knows whose they are', async () => {
    const job = new Job();
    for (const name of ['keys/part-9/1', 'manifests/pass-9/inbox-0.json', 'updates/pass-9/0.json'])
      await job.work.putIfAbsent(name, new Uint8Array(1));
    await job.take({ do: 'sweep', meanwhile: [] });
    expect(await job.names()).toHaveLength(3);
    await job.close();
  });
});
