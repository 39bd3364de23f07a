import { memoryBlobStore } from '@pstream/blob';
import { ITEMS_TOPIC, mailboxJobStream, type ItemMeta } from '@pstream/contracts';
import { Fault } from '@pstream/kernel';
import type { LogRecord, PartitionConsumer } from '@pstream/transport';
import { waitFor } from '@pstream/testing';
import { PassScene } from '../pass-scene.fixture.js';
import type { BuilderPorts } from '../pass/builder-ports.js';
import { PartitionFeed } from './partition-feed.js';

/** A partition that notes what its consumer asks of it. */
class Partition implements PartitionConsumer {
  readonly topic = ITEMS_TOPIC;
  readonly partition = 0;
  readonly logStart = 0n;
  readonly commits: bigint[] = [];
  readonly seeks: bigint[] = [];
  commit(next: bigint): Promise<void> {
    this.commits.push(next);
    return Promise.resolve();
  }
  seek(offset: bigint): void {
    this.seeks.push(offset);
  }
  pause(): void {}
  resume(): void {}
}

const unexpected = (error: unknown): never => {
  throw error;
};

/** A pass whose records lie on a partition, and the feed that owns it. */
class FeedScene {
  readonly partition = new Partition();
  readonly signal = new AbortController();
  readonly buried: { readonly offset: bigint; readonly code: string }[] = [];
  #feed: PartitionFeed | undefined;
  #records: LogRecord[] = [];

  constructor(
    readonly pass: PassScene,
    readonly ports: BuilderPorts,
  ) {}

  get feed(): PartitionFeed {
    const write = (record: LogRecord, _: string, fault: Fault): Promise<void> => {
      this.buried.push({ offset: record.offset, code: fault.code });
      return Promise.resolve();
    };
    this.#feed ??= new PartitionFeed(this.partition, this.ports, { deadLetters: { write }, failed: unexpected });
    return this.#feed;
  }

  /** Puts a record behind those that are there; returns its offset. */
  append(meta: ItemMeta): bigint {
    return this.put({ 'ps-meta': JSON.stringify(meta) });
  }

  /** Puts any record there. */
  put(headers: Readonly<Record<string, string>>): bigint {
    const offset = BigInt(this.#records.length);
    const key = this.pass.refs.mailboxJobId;
    this.#records.push({ topic: ITEMS_TOPIC, partition: 0, offset, key, headers, value: new Uint8Array(0) });
    return offset;
  }

  /** Delivers everything from an offset on, as the log does after a seek. */
  async deliver(from = 0n): Promise<void> {
    const records = this.#records.filter(({ offset }) => offset >= from);
    await this.feed.batch(records, this.signal.signal);
  }

  /** A second passes, and whatever is due then is begun. */
  tick(): Promise<void> {
    return this.feed.tick();
  }

  /** Delivers again, once the feed has asked for it. */
  async again(): Promise<void> {
    await waitFor(() => this.partition.seeks.length > 0);
    await this.deliver(this.partition.seeks.pop());
  }

  /** Waits until the pass has so many events of its building; returns them. */
  async built(count: number): Promise<Awaited<ReturnType<PassScene['built']>>> {
    await waitFor(async () => (await this.pass.built()).length >= count);
    return this.pass.built();
  }

  /** Waits until the group's position has been moved there. */
  async committed(offset: bigint): Promise<void> {
    await waitFor(async () => {
      await this.feed.tick();
      return this.partition.commits.at(-1) === offset;
    });
  }

  async kinds(): Promise<string[]> {
    return (await this.pass.built()).map(({ type }) => type);
  }
}

describe('the feed of a partition', () => {
  const scenes: PassScene[] = [];
  const begin = async (change: (ports: BuilderPorts) => BuilderPorts = (ports) => ports): Promise<FeedScene> => {
    const pass = new PassScene(memoryBlobStore());
    scenes.push(pass);
    await pass.begin();
    return new FeedScene(pass, change(await pass.ports()));
  };
  afterAll(async () => {
    for (const { store } of scenes) await store.close();
  });
  /** A checkpoint is written only when a test asks for one. */
  const lazy = (ports: BuilderPorts): BuilderPorts => ({ ...ports, limits: { checkpointBytes: 2 ** 40, checkpointMs: 60_000 } });

  it('commits behind an item only when a checkpoint holds it', async () => {
    const scene = await begin(lazy);
    const first = scene.append(await scene.pass.published(1));
    scene.append(await scene.pass.published(2));
    await scene.deliver();
    expect(scene.partition.commits).toEqual([first]);
    await scene.pass.clock.advance(60_000);
    await scene.committed(2n);
    expect(scene.partition.commits).toEqual([first, 2n]);
    await scene.feed.close();
  });

  it('commits behind everything when the pass has ended', async () => {
    const scene = await begin(lazy);
    scene.append(await scene.pass.published(1));
    scene.append(scene.pass.end(1));
    await scene.deliver();
    expect(await scene.built(1)).toMatchObject([{ type: 'BuildFinished' }]);
    await scene.committed(2n);
  });

  it('buries a record that is none of ours, wherever it stands, and builds the pass around it', async () => {
    const scene = await begin(lazy);
    const unread = [scene.put({ 'ps-meta': '{"kind":"hologram"}' })];
    scene.append(await scene.pass.published(1));
    unread.push(scene.put({}), scene.put({ 'ps-meta': 'junk' }));
    scene.append(scene.pass.end(1));
    unread.push(scene.put({ 'ps-meta': '[]' }));
    await scene.deliver();
    expect(scene.buried).toEqual(unread.map((offset) => ({ offset, code: 'item-record.unreadable' })));
    expect(await scene.built(1)).toMatchObject([{ type: 'BuildFinished', data: { totals: { discovered: 1, exported: 1 } } }]);
    await scene.committed(6n);
  });

  it('sets the records of a pass aside while a passing fault lasts, says so, and builds them when it is over', async () => {
    let failures = 2;
    const scene = await begin((ports) => ({
      ...lazy(ports),
      verify: (control, name, entries) =>
        failures-- > 0
          ? Promise.reject(new Fault('storage.unavailable', { retry: { afterMs: 30_000 }, advice: 'Wait.' }))
          : ports.verify(control, name, entries),
    }));
    scene.append(await scene.pass.published(1));
    scene.append(scene.pass.end(1));
    await scene.deliver();
    await scene.again();
    await scene.committed(2n);
    expect((await scene.pass.left())['aside']).toBe(1);
    expect(await scene.built(1)).toMatchObject([{ type: 'BuildWaited', data: { held: { code: 'storage.unavailable', advice: 'Wait.' } } }]);
    expect(scene.pass.waits).toMatchObject([{ passId: scene.pass.refs.passId, waitMs: 30_000 }]);
    await scene.tick();
    expect(failures).toBe(1);
    await scene.pass.clock.advance(30_000);
    await scene.tick();
    await waitFor(() => failures === 0);
    // The second failure is the same, within the minute: it is not said again.
    await waitFor(async () => {
      await scene.pass.clock.advance(10_000);
      await scene.tick();
      return (await scene.kinds()).length > 1;
    });
    expect((await scene.built(2)).at(-1)).toMatchObject({ type: 'BuildFinished', data: { totals: { discovered: 1, exported: 1 } } });
    expect((await scene.pass.left())['aside']).toBeUndefined();
  });

  it('ends the attempt at a lasting fault, once, and its records leave the log', async () => {
    const scene = await begin((ports) => ({
      ...lazy(ports),
      verify: () => Promise.reject(new Fault('part.verification-failed', { retry: 'never', advice: 'Keep it.' })),
    }));
    scene.append(await scene.pass.published(1));
    scene.append(scene.pass.end(1));
    scene.append(scene.pass.end(1));
    await scene.deliver();
    await scene.again();
    expect(await scene.built(1)).toMatchObject([
      { type: 'BuildFailed', data: { attempt: 1, cause: { code: 'part.verification-failed', advice: 'Keep it.' } } },
    ]);
    await scene.committed(3n);
    expect((await scene.pass.left())['aside']).toBe(1);
  });

  /** A pass that fails at its destination, with everything off the log. */
  const failedOnce = async (): Promise<{ readonly scene: FeedScene; readonly mend: () => void }> => {
    let failing = true;
    const scene = await begin((ports) => ({
      ...lazy(ports),
      verify: (control, name, entries) =>
        failing ? Promise.reject(new Fault('destination.gone', { retry: 'never' })) : ports.verify(control, name, entries),
    }));
    scene.append(await scene.pass.published(1));
    scene.append(scene.pass.end(1));
    await scene.deliver();
    await scene.again();
    await scene.built(1);
    await scene.pass.resume(2);
    return { scene, mend: () => (failing = false) };
  };

  it('builds what was set aside of a failed pass when another attempt begins', async () => {
    const { scene, mend } = await failedOnce();
    mend();
    scene.append({ kind: 'begin', ...scene.pass.refs, attempt: 2 });
    await scene.deliver(2n);
    expect((await scene.built(2)).at(-1)).toMatchObject({ type: 'BuildFinished', data: { totals: { exported: 1 } } });
    await scene.committed(3n);
    expect((await scene.pass.left())['aside']).toBeUndefined();
  });

  it('hands what was set aside on to the next owner of the partition', async () => {
    const { scene, mend } = await failedOnce();
    await scene.feed.close();
    mend();
    const next = new PartitionFeed(scene.partition, scene.ports, { deadLetters: { write: unexpected }, failed: unexpected });
    await next.begin();
    expect((await scene.built(2)).at(-1)).toMatchObject({ type: 'BuildFinished', data: { totals: { exported: 1 } } });
    await next.close();
  });

  it('fails again with the attempt that meets the same fault, and keeps its records', async () => {
    const { scene } = await failedOnce();
    scene.append({ kind: 'begin', ...scene.pass.refs, attempt: 2 });
    await scene.deliver(2n);
    expect(await scene.built(2)).toMatchObject([{ type: 'BuildFailed' }, { type: 'BuildFailed', data: { attempt: 2 } }]);
    expect((await scene.pass.left())['aside']).toBe(1);
  });

  it('stops a pass that waits without another try', async () => {
    const scene = await begin((ports) => ({
      ...lazy(ports),
      parts: () => Promise.reject(new Fault('blob.unavailable', { retry: { afterMs: 600_000 } })),
    }));
    const { refs } = scene.pass;
    scene.append(await scene.pass.published(1));
    await scene.deliver();
    await scene.again();
    scene.append({ kind: 'pause', ...refs, attempt: 1 });
    await scene.deliver(1n);
    expect(await scene.built(2)).toMatchObject([{ type: 'BuildWaited' }, { type: 'BuildPaused', data: { attempt: 1 } }]);
    await scene.committed(2n);
    expect((await scene.pass.left())['aside']).toBe(1);
  });

  it('sets the records of a pass aside that failed before they came here, so that a resume finds them', async () => {
    const scene = await begin(lazy);
    const { refs, clock } = scene.pass;
    await scene.pass.append('projects', mailboxJobStream(refs.mailboxJobId), {
      type: 'PassFailed',
      data: { ...refs, kind: 'full', cause: { code: 'graph.user-not-found' }, at: clock.now() },
    });
    scene.append(await scene.pass.published(1));
    await scene.deliver();
    expect(await scene.kinds()).toEqual([]);
    await scene.committed(1n);
    expect((await scene.pass.left())['aside']).toBe(1);
  });

  it('waits for a pass that is stuck no longer than a moment, and builds what came behind afterwards', async () => {
    const stuck = Promise.withResolvers<void>();
    const scene = await begin((ports) => ({
      ...lazy(ports),
      parts: async (control) => {
        await stuck.promise;
        return ports.parts(control);
      },
    }));
    for (const nth of [1, 2, 3]) scene.append(await scene.pass.published(nth));
    scene.append(scene.pass.end(3));
    const delivering = scene.deliver();
    await waitFor(() => scene.pass.clock.sleepers.length > 0);
    await scene.pass.clock.advance(5_000);
    await delivering;
    expect((await scene.pass.left())['aside']).toBe(1);
    expect(scene.partition.commits).toEqual([0n]);
    stuck.resolve();
    expect((await scene.built(1)).at(-1)).toMatchObject({ type: 'BuildFinished', data: { totals: { exported: 3 } } });
    await scene.committed(4n);
  });

  it('misses nothing of what is set aside while it looks for what is set aside', async () => {
    const stuck = Promise.withResolvers<void>();
    let late: (() => Promise<void>) | undefined;
    const scene = await begin((ports) => {
      const { work } = ports;
      const slow: typeof work = Object.create(work, {
        list: {
          value: async function* (prefix: string): AsyncGenerator<string> {
            const names: string[] = [];
            for await (const name of work.list(prefix)) names.push(name);
            const meanwhile = prefix.startsWith('aside/') && names.length === 0 ? late : undefined;
            if (meanwhile !== undefined) late = undefined;
            await meanwhile?.();
            yield* names;
          },
        },
      }) as typeof work;
      const parts: typeof ports.parts = async (control) => {
        await stuck.promise;
        return ports.parts(control);
      };
      return { ...lazy(ports), parts, work: slow };
    });
    for (const nth of [1, 2]) scene.append(await scene.pass.published(nth));
    const delivering = scene.deliver();
    await waitFor(() => scene.pass.clock.sleepers.length > 0);
    await scene.pass.clock.advance(5_000);
    await delivering;
    const third = scene.append(await scene.pass.published(3));
    scene.append(scene.pass.end(3));
    late = () => scene.deliver(third);
    stuck.resolve();
    expect((await scene.built(1)).at(-1)).toMatchObject({ type: 'BuildFinished', data: { totals: { exported: 3, failed: 0 } } });
    await scene.committed(4n);
  });

  it('ends a pass from what was set aside only when the log has brought again what it rewound', async () => {
    const stuck = Promise.withResolvers<void>();
    let fails = true;
    const scene = await begin((ports) => ({
      ...lazy(ports),
      parts: async (control) => {
        await stuck.promise;
        if (fails) throw new Fault('part.taken-over', { retry: 'now' });
        return ports.parts(control);
      },
    }));
    for (const nth of [1, 2]) scene.append(await scene.pass.published(nth));
    scene.append(scene.pass.end(2));
    const delivering = scene.deliver();
    await waitFor(() => scene.pass.clock.sleepers.length > 0);
    await scene.pass.clock.advance(5_000);
    await delivering;
    expect((await scene.pass.left())['aside']).toBe(1);
    stuck.resolve();
    await waitFor(() => scene.partition.seeks.length > 0);
    fails = false;
    // the fault has passed, and the log has not brought the first item yet
    for (let second = 0; second < 3; second++) {
      await scene.pass.clock.advance(1_000);
      await scene.tick();
    }
    expect(await scene.kinds()).not.toContain('BuildFinished');
    await scene.again();
    await waitFor(async () => {
      await scene.pass.clock.advance(1_000);
      await scene.tick();
      return (await scene.kinds()).includes('BuildFinished');
    });
    expect((await scene.pass.built()).at(-1)).toMatchObject({ data: { totals: { exported: 2, failed: 0 } } });
  });

  it('passes over the records of a pass that nobody knows', async () => {
    const scene = await begin(lazy);
    scene.append({ ...(await scene.pass.published(1)), passId: '01JQ0000000000000000000009' });
    await scene.deliver();
    expect(await scene.kinds()).toEqual([]);
    expect(scene.partition.commits).toEqual([1n]);
  });

  it('stops between two records when the partition is lost, and keeps what it has in a checkpoint', async () => {
    const scene = await begin(lazy);
    scene.append(await scene.pass.published(1));
    await scene.deliver();
    scene.append(await scene.pass.published(2));
    scene.signal.abort();
    await scene.deliver(1n);
    await scene.feed.close();
    expect(scene.partition.commits).toEqual([0n, 1n]);
    expect((await scene.pass.left())['ckpt']).toBe(1);
  });

  it('records that nothing is under way when the pass is paused', async () => {
    const scene = await begin(lazy);
    const { refs } = scene.pass;
    scene.append(await scene.pass.published(1));
    scene.append({ kind: 'pause', ...refs, attempt: 1 });
    await scene.deliver();
    expect(await scene.pass.built()).toMatchObject([{ type: 'BuildPaused', data: { attempt: 1 } }]);
    expect(scene.partition.commits).toEqual([2n]);
  });
});
