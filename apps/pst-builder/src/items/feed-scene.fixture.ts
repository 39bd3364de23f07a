import { memoryBlobStore } from '@pstream/blob';
import { ITEMS_TOPIC, type ItemMeta } from '@pstream/contracts';
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

/** Takes what must not happen. */
export const unexpected = (error: unknown): never => {
  throw error;
};

/** A pass whose records lie on a partition, and the feed that owns it. */
export class FeedScene {
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

/** Makes scenes of one suite, and closes them after it. */
export const feedScenes = (): ((change?: (ports: BuilderPorts) => BuilderPorts) => Promise<FeedScene>) => {
  const scenes: PassScene[] = [];
  afterAll(async () => {
    for (const { store } of scenes) await store.close();
  });
  return async (change = (ports) => ports) => {
    const pass = new PassScene(memoryBlobStore());
    scenes.push(pass);
    await pass.begin();
    return new FeedScene(pass, change(await pass.ports()));
  };
};

/** A checkpoint is written only when a test asks for one. */
export const lazy = (ports: BuilderPorts): BuilderPorts => ({ ...ports, limits: { checkpointBytes: 2 ** 40, checkpointMs: 60_000 } });
