import { memoryBlobStore, type PartStaging, type PartStore, type StagedExtent } from '@pstream/blob';
import {
  buildStream,
  extractionStream,
  itemRecord,
  ITEMS_TOPIC,
  mailboxJobStream,
  type Context,
  type DomainEvent,
  type ItemMeta,
  type StreamName,
} from '@pstream/contracts';
import { memoryEventStore } from '@pstream/event-store';
import { encodeExportStream } from '@pstream/fasttransfer';
import { countingIds, deriveId, Fault } from '@pstream/kernel';
import { FakeClock, passSettings } from '@pstream/testing';
import type { LogRecord, PartitionConsumer } from '@pstream/transport';
import fc from 'fast-check';
import { createHash } from 'node:crypto';
import type { BuilderPorts } from '../pass/builder-ports.js';
import { PartitionFeed } from './partition-feed.js';

/** What a destination does, and how long it takes for it. */
type Trouble = 'none' | 'forbidden' | 'black-hole' | 'unavailable' | 'never-verified' | 'hardly-verified';
const troubles: readonly Trouble[] = ['forbidden', 'black-hole', 'unavailable', 'never-verified', 'hardly-verified'];

const ITEMS = 20;
/** A mailbox gives an item in this time. */
const PACE_MS = 3_000;
const STREAM = encodeExportStream({ properties: [], recipients: [], attachments: [], associated: false, warnings: [] });
const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** A destination in memory that takes a while for everything. */
const partStore = (clock: FakeClock): PartStore => {
  const staging = (epoch: number): PartStaging => ({
    epoch,
    stage: async (index, bytes): Promise<StagedExtent> => {
      await clock.sleep(100);
      return { id: `e${epoch}-${index}`, index, bytes: bytes.length, sha256: digest(bytes) };
    },
    commit: async (extents) => {
      await clock.sleep(100);
      return { name: 'a.pst', etag: '1', bytes: extents.reduce((sum, { bytes }) => sum + bytes, 0) };
    },
    abandon: () => Promise.resolve(),
    release: () => Promise.resolve(),
  });
  return {
    check: () => Promise.resolve(),
    take: (_part, epoch) => Promise.resolve(staging(epoch)),
    head: () => Promise.resolve(undefined),
    removeUnchanged: () => Promise.resolve({ is: 'gone' }),
    remove: () => Promise.resolve(true),
    open: () => Promise.reject(new Fault('part.not-found', { retry: 'never' })),
    locate: (name) => name,
  };
};

/** Passes on one partition, each with its own destination, under virtual time. */
class Neighbours {
  readonly clock = new FakeClock({ autoAdvance: true });
  readonly store = memoryEventStore();
  readonly seen: string[] = [];
  #commits = 0;

  constructor(readonly destinations: readonly Trouble[]) {}

  /** Runs until every pass without trouble has been built; returns when each of them was, in milliseconds from the start. */
  async run(): Promise<readonly number[]> {
    const records = (await Promise.all(this.destinations.map((_trouble, nth) => this.#begin(nth)))).flat();
    const log = records.toSorted((a, b) => a.availableMs - b.availableMs).map((record, at) => ({ ...record, offset: BigInt(at) }));
    let position = 0;
    const partition: PartitionConsumer = {
      topic: ITEMS_TOPIC,
      partition: 0,
      logStart: 0n,
      commit: () => Promise.resolve(),
      seek: (offset) => (position = Number(offset)),
      pause: () => undefined,
      resume: () => undefined,
    };
    const unexpected = (error: unknown): never => {
      throw error instanceof Error ? error : new Error('a record could not be read');
    };
    const feed = new PartitionFeed(partition, this.#ports(), { deadLetters: { write: unexpected }, failed: unexpected });
    const ending = new AbortController();
    const ticking = (async () => {
      while (!ending.signal.aborted) {
        await this.clock.sleep(1_000);
        await feed.tick();
      }
    })();
    const ended = new Map<number, number>();
    const healthy = this.destinations.flatMap((trouble, nth) => (trouble === 'none' ? [nth] : []));
    while (ended.size < healthy.length && this.clock.monotonicMs() < 3_600_000) {
      const nowMs = this.clock.monotonicMs();
      const batch = log.slice(position, position + 50).filter(({ availableMs }) => availableMs <= nowMs);
      if (batch.length === 0) await this.clock.sleep(250);
      const before = position;
      await feed.batch(batch, ending.signal);
      if (position === before) position += batch.length;
      for (const nth of healthy) if (!ended.has(nth) && (await this.#isBuilt(nth))) ended.set(nth, this.clock.monotonicMs());
    }
    ending.abort();
    await ticking;
    await feed.close();
    await this.store.close();
    return healthy.map((nth) => ended.get(nth) ?? Infinity);
  }

  async #isBuilt(nth: number): Promise<boolean> {
    return (await this.store.read(buildStream(this.#refs(nth).passId))).some(({ type }) => type === 'BuildFinished');
  }

  #refs(nth: number) {
    return {
      workgroupId: 'w',
      customerId: deriveId('customer'),
      projectId: deriveId('project'),
      mailboxJobId: deriveId('job', nth),
      passId: deriveId('pass', nth),
    };
  }

  async #begin(nth: number): Promise<(Omit<LogRecord, 'offset'> & { readonly availableMs: number })[]> {
    const refs = this.#refs(nth);
    const at = this.clock.now();
    const mailbox = { id: `MBX-${nth}`, version: 'v1.0' as const };
    const settings = { ...passSettings, destinationName: String(nth) };
    await this.#append('projects', mailboxJobStream(refs.mailboxJobId), {
      type: 'PassStarted',
      data: { ...refs, number: 1, kind: 'full', settings, at },
    });
    const folder = { key: 'inbox', parent: null, name: 'Inbox', containerClass: null, wellKnownName: null, hidden: false, expected: ITEMS };
    await this.#append('extraction', extractionStream(refs.passId), {
      type: 'FoldersDiscovered',
      data: { ...refs, folders: [{ ...folder, id: 'F', mailbox }], last: true, at },
    });
    const { passId } = refs;
    const items = Array.from({ length: ITEMS }, (_, item): ItemMeta => {
      const sizes = { sha256: digest(STREAM), bytes: STREAM.length };
      return {
        kind: 'item',
        passId,
        itemKey: deriveId('item', nth, item),
        itemId: `i${item}`,
        folderKey: 'inbox',
        mailbox,
        itemType: 'IPM.Note',
        ...sizes,
      };
    });
    const end: ItemMeta = { kind: 'end', ...refs, discovered: ITEMS, published: ITEMS, skipped: 0, failed: 0 };
    return [...items, end].map((meta, position) => ({
      topic: ITEMS_TOPIC,
      partition: 0,
      availableMs: position * PACE_MS,
      ...itemRecord(refs.mailboxJobId, meta, meta.kind === 'item' ? STREAM : new Uint8Array(0)),
    }));
  }

  async #append<E extends DomainEvent>(context: Context, stream: StreamName<E>, event: E): Promise<void> {
    const expectedVersion = (await this.store.read(stream)).length;
    const metadata = { commandId: `c${this.#commits++}`, by: 'test' };
    await this.store.append({ context, stream, expectedVersion, events: [event], at: this.clock.now(), metadata });
  }

  #ports(): BuilderPorts {
    const { clock } = this;
    const healthy = partStore(clock);
    const troubleOf = (name: string): Trouble => this.destinations[Number(name.split('.')[0])] ?? 'none';
    const later = (code: string): Fault => new Fault(code, { retry: { afterMs: 10_000 } });
    let verifications = 0;
    return {
      store: this.store,
      work: memoryBlobStore(),
      clock,
      ids: countingIds(),
      limits: { checkpointBytes: 2 ** 30, checkpointMs: 10_000 },
      parts: async ({ settings }) => {
        await clock.sleep(200);
        const trouble = troubleOf(settings.destinationName);
        if (trouble === 'forbidden') throw new Fault('destination.forbidden', { retry: 'never' });
        if (trouble === 'unavailable') throw later('destination.unavailable');
        if (trouble === 'black-hole') {
          await clock.sleep(60_000);
          throw later('destination.unavailable');
        }
        return healthy;
      },
      verify: async ({ settings }) => {
        await clock.sleep(2_000);
        const trouble = troubleOf(settings.destinationName);
        if (trouble === 'never-verified') throw new Fault('part.verification-failed', { retry: 'never' });
        if (trouble === 'hardly-verified' && verifications++ < 5) throw later('destination.unavailable');
        return digest(STREAM);
      },
      waiting: ({ passId, fault }) => void this.seen.push(`${passId} ${fault.code}`),
      defect: (error) => {
        throw error;
      },
      uncleared: (error) => {
        throw error;
      },
    };
  }
}

describe('mailboxes beside any set of failing ones on their partition', () => {
  it('end in the time that they need alone', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 3 }),
        fc.array(fc.constantFrom(...troubles), { minLength: 1, maxLength: 6 }),
        async (count, failing) => {
          const healthy = Array.from({ length: count }, (): Trouble => 'none');
          const alone = await new Neighbours(healthy).run();
          const beside = await new Neighbours([...healthy, ...failing]).run();
          for (const [nth, ms] of beside.entries()) {
            expect(alone[nth]).toBeGreaterThanOrEqual(ITEMS * PACE_MS);
            expect(ms).toBeLessThanOrEqual(alone[nth]! * 1.2);
          }
        },
      ),
      { numRuns: 20 },
    );
  });
});
