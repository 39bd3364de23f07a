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
    this.#feed ??= new PartitionFeed(this.partition, this.ports, { write });
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
    await this.feed.exclusively(() => this.feed.batch(records, this.signal.signal));
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
    await scene.feed.exclusively(() => scene.feed.idle());
    expect(scene.partition.commits).toEqual([first, 2n]);
    await scene.feed.close();
  });

  it('commits behind everything when the pass has ended', async () => {
    const scene = await begin(lazy);
    scene.append(await scene.pass.published(1));
    scene.append(scene.pass.end(1));
    await scene.deliver();
    expect(await scene.kinds()).toEqual(['BuildFinished']);
    expect(scene.partition.commits).toEqual([2n]);
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
    expect(await scene.pass.built()).toMatchObject([{ type: 'BuildFinished', data: { totals: { discovered: 1, exported: 1 } } }]);
    expect(scene.partition.commits.at(-1)).toBe(6n);
  });

  it('goes back to the first record that is in no checkpoint after a passing fault', async () => {
    let failures = 1;
    const scene = await begin((ports) => ({
      ...lazy(ports),
      verify: (control, name, entries) =>
        failures-- > 0 ? Promise.reject(new Fault('storage.unavailable', { retry: 'now' })) : ports.verify(control, name, entries),
    }));
    scene.append(await scene.pass.published(1));
    scene.append(scene.pass.end(1));
    const delivering = scene.deliver();
    await waitFor(() => scene.pass.clock.sleepers.length > 0);
    await scene.pass.clock.advance(1_000);
    await delivering;
    expect(scene.partition.seeks).toEqual([0n]);
    expect(await scene.kinds()).toEqual([]);
    await scene.deliver(0n);
    expect(await scene.pass.built()).toMatchObject([{ type: 'BuildFinished', data: { totals: { discovered: 1, exported: 1 } } }]);
    expect(scene.partition.commits.at(-1)).toBe(2n);
  });

  it('ends the attempt at a lasting fault, once, and holds its records for a resume', async () => {
    const scene = await begin((ports) => ({
      ...lazy(ports),
      verify: () => Promise.reject(new Fault('part.verification-failed', { retry: 'never', advice: 'Keep it.' })),
    }));
    scene.append(await scene.pass.published(1));
    scene.append(scene.pass.end(1));
    scene.append(scene.pass.end(1));
    await scene.deliver();
    expect(await scene.pass.built()).toMatchObject([
      { type: 'BuildFailed', data: { attempt: 1, cause: { code: 'part.verification-failed', advice: 'Keep it.' } } },
    ]);
    expect(scene.partition.commits).toEqual([0n]);
  });

  it('feeds a failed pass again from its first held record when another attempt begins', async () => {
    let failing = true;
    const scene = await begin((ports) => ({
      ...lazy(ports),
      verify: (control, name, entries) =>
        failing ? Promise.reject(new Fault('destination.gone', { retry: 'never' })) : ports.verify(control, name, entries),
    }));
    scene.append(await scene.pass.published(1));
    scene.append(scene.pass.end(1));
    await scene.deliver();
    failing = false;
    const { refs, clock } = scene.pass;
    await scene.pass.append('projects', mailboxJobStream(refs.mailboxJobId), {
      type: 'PassResumed',
      data: { ...refs, attempt: 2, at: clock.now() },
    });
    scene.append({ kind: 'begin', ...refs, attempt: 2 });
    await scene.deliver(2n);
    expect(scene.partition.seeks).toEqual([0n]);
    await scene.deliver(0n);
    expect((await scene.pass.built()).at(-1)).toMatchObject({ type: 'BuildFinished', data: { totals: { exported: 1 } } });
    expect(scene.partition.commits.at(-1)).toBe(3n);
  });

  it('holds the records of a pass that failed before they came here, so that a resume finds them', async () => {
    const scene = await begin(lazy);
    const { refs, clock } = scene.pass;
    await scene.pass.append('projects', mailboxJobStream(refs.mailboxJobId), {
      type: 'PassFailed',
      data: { ...refs, kind: 'full', cause: { code: 'graph.user-not-found' }, at: clock.now() },
    });
    scene.append(await scene.pass.published(1));
    await scene.deliver();
    expect(await scene.kinds()).toEqual([]);
    expect(scene.partition.commits).toEqual([0n]);
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
