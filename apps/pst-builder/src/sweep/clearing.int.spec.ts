import { createHash } from 'node:crypto';
import { folderBlobStore, memoryBlobStore, openPartStore, putClaim, type BlobStore } from '@pstream/blob';
import {
  buildStream,
  extractionStream,
  mailboxJobStream,
  passControl,
  type BuildEvent,
  type Context,
  type DomainEvent,
  type ItemMeta,
  type PassControl,
  type PassSettings,
  type StreamName,
} from '@pstream/contracts';
import { sqliteEventStore } from '@pstream/event-store';
import { encodeExportStream } from '@pstream/fasttransfer';
import { deriveId, Fault, seededRandom } from '@pstream/kernel';
import { PT, type MapiItem } from '@pstream/mapi';
import { PST_LAYOUT } from '@pstream/platform';
import { FakeClock, tempDir } from '@pstream/testing';
import { sweepLeftovers } from './leftovers.js';
import type { BuilderPorts } from '../pass/builder-ports.js';
import { PassBuilder } from '../pass/pass-builder.js';
import { verifyPart } from '../verify/verify-part.js';

const KEEP_DAYS = 30;
const DAY_MS = 24 * 3_600_000;

const item = (subject: string): MapiItem => ({
  properties: [
    { id: 0x001a, type: PT.String, value: Buffer.from('IPM.Note', 'utf16le') },
    { id: 0x0037, type: PT.String, value: Buffer.from(subject, 'utf16le') },
  ],
  recipients: [],
  attachments: [],
  associated: false,
  warnings: [],
});

/** A pass of one mailbox with one folder, and builders that work on it. */
class Scene {
  readonly clock = new FakeClock();
  readonly store = sqliteEventStore({ path: ':memory:' });
  readonly uncleared: unknown[] = [];
  readonly refs = { workgroupId: 'w', customerId: 'c', projectId: 'p', mailboxJobId: 'job', passId: 'pass-1' };
  readonly #out = tempDir();
  #commits = 0;

  constructor(readonly work: BlobStore) {}

  async begin(): Promise<void> {
    const { refs } = this;
    const at = this.clock.now();
    const settings: PassSettings = {
      type: 'mailbox',
      source: 'ada@contoso.com',
      destinationName: 'ada.pst',
      container: 'mailboxes',
      partBytes: 10 * 1024 ** 3,
      sourceEndpoint: { kind: 'microsoft-365', tenantId: 't', clientId: 'c', credential: { kind: 'secret', ref: 'secret:1' } },
      destination: { kind: 'folder', path: this.#out },
    };
    await this.append('projects', mailboxJobStream('job'), {
      type: 'PassStarted',
      data: { ...refs, number: 1, kind: 'full', settings, at },
    });
    const mailbox = { id: 'MBX', version: 'v1.0' as const };
    const folder = {
      key: 'inbox',
      parent: null,
      name: 'Inbox',
      containerClass: 'IPF.Note',
      wellKnownName: 'inbox',
      hidden: false,
      expected: 2,
      id: 'F',
      mailbox,
    };
    await this.append('extraction', extractionStream('pass-1'), {
      type: 'FoldersDiscovered',
      data: { ...refs, folders: [folder], last: true, at },
    });
  }

  async append<E extends DomainEvent>(context: Context, stream: StreamName<E>, event: NoInfer<E>): Promise<void> {
    const expectedVersion = (await this.store.read(stream)).length;
    await this.store.append({
      context,
      stream,
      expectedVersion,
      events: [event],
      at: this.clock.now(),
      metadata: { commandId: `c${this.#commits++}`, by: 'test' },
    });
  }

  async control(): Promise<PassControl> {
    return passControl(await this.store.read(mailboxJobStream('job')), 'pass-1')!;
  }

  /** What an extractor puts on the topic for a large item. */
  async published(nth: number): Promise<Extract<ItemMeta, { kind: 'item' }>> {
    const stream = encodeExportStream(item(`mail ${nth}`));
    const { attempt } = await this.control();
    const claim = await putClaim(
      this.work,
      { jobKey: createHash('sha256').update('job').digest(), job: 'job', pass: 'pass-1', attempt },
      stream,
    );
    return {
      kind: 'item',
      passId: 'pass-1',
      itemKey: deriveId('item', nth),
      itemId: `item-${nth}`,
      folderKey: 'inbox',
      mailbox: { id: 'MBX', version: 'v1.0' },
      itemType: 'IPM.Note',
      sha256: claim.sha256,
      bytes: claim.bytes,
      claim: claim.key,
    };
  }

  async builder(work: BlobStore = this.work): Promise<PassBuilder> {
    const parts = openPartStore(
      { kind: 'folder', path: this.#out, container: 'mailboxes' },
      { clock: this.clock, random: seededRandom(1), layout: PST_LAYOUT },
    );
    await parts.check();
    const ports: BuilderPorts = {
      store: this.store,
      work,
      clock: this.clock,
      limits: { checkpointBytes: 1, checkpointMs: 100 },
      parts: () => Promise.resolve(parts),
      verify: (_control, name, entries) => verifyPart(parts, name, entries),
      defect: (error) => {
        throw error;
      },
      uncleared: (error) => void this.uncleared.push(error),
    };
    return PassBuilder.open(ports, await this.control());
  }

  end(items: number): Extract<ItemMeta, { kind: 'end' }> {
    return { kind: 'end', ...this.refs, discovered: items, published: items, skipped: 0, failed: 0 };
  }

  sweep(): ReturnType<typeof sweepLeftovers> {
    return sweepLeftovers(this, KEEP_DAYS);
  }

  async built(): Promise<readonly BuildEvent[]> {
    return this.store.read(buildStream('pass-1'));
  }

  /** How many blobs there are of each kind. */
  async left(): Promise<Record<string, number>> {
    const counts: Record<string, number> = {};
    for await (const name of this.work.list('')) {
      const kind = name.split('/')[0]!;
      counts[kind] = (counts[kind] ?? 0) + 1;
    }
    return counts;
  }
}

const NOT_NOW = new Fault('blob.forbidden', { retry: 'never' });

describe.each([
  ['in memory', memoryBlobStore],
  ['in a folder', () => folderBlobStore({ dir: tempDir() })],
])('working storage %s', (_title, work) => {
  const scenes: Scene[] = [];
  const begin = async (): Promise<Scene> => {
    const scene = new Scene(work());
    scenes.push(scene);
    await scene.begin();
    return scene;
  };
  afterAll(async () => {
    for (const { store } of scenes) await store.close();
  });

  it('holds nothing of the mail any more when a pass has ended', async () => {
    const scene = await begin();
    const builder = await scene.builder();
    for (const nth of [1, 2, 3]) {
      await builder.take(await scene.published(nth), new Uint8Array(0));
      await builder.checkpoint();
    }
    expect(await scene.left()).toEqual({ claims: 3, ckpt: 3 });
    await builder.end(scene.end(3));
    expect(await scene.left()).toEqual({ lists: 1 });
    expect(await scene.built()).toMatchObject([
      { type: 'BuildFinished', data: { totals: { discovered: 3, exported: 3, skipped: 0, failed: 0 } } },
    ]);
    expect(scene.uncleared).toEqual([]);
  });

  it('is swept where a pass has ended and could not be cleared away, and the pass has not failed for that', async () => {
    const scene = await begin();
    const builder = await scene.builder({ ...scene.work, delete: () => Promise.reject(NOT_NOW) });
    await builder.take(await scene.published(1), new Uint8Array(0));
    await builder.end(scene.end(1));
    expect(scene.uncleared).toEqual([NOT_NOW]);
    expect((await scene.built()).map(({ type }) => type)).toEqual(['BuildFinished']);
    expect(await scene.left()).toEqual({ claims: 1, ckpt: 1, lists: 1 });
    expect(await scene.sweep()).toEqual({ claims: 1, checkpoints: 1 });
    expect(await scene.left()).toEqual({ lists: 1 });
    expect(await scene.sweep()).toEqual({ claims: 0, checkpoints: 0 });
  });

  it('is left alone by the sweep while the pass goes on, and where nobody knows whose it is', async () => {
    const scene = await begin();
    const builder = await scene.builder();
    await builder.take(await scene.published(1), new Uint8Array(0));
    await builder.checkpoint();
    await putClaim(scene.work, { jobKey: new Uint8Array(32), job: 'another', pass: 'pass-9', attempt: 1 }, new Uint8Array(9));
    await scene.work.putIfAbsent('ckpt/part-9/000001-000001', new Uint8Array(9));
    await scene.clock.advance(1000 * DAY_MS);
    expect(await scene.sweep()).toEqual({ claims: 0, checkpoints: 0 });
    await builder.end(scene.end(1));
    expect(await scene.left()).toEqual({ claims: 1, ckpt: 1, lists: 1 });
  });

  it('may be empty when a builder wakes up that was replaced long ago: it takes no item for lost', async () => {
    const scene = await begin();
    const late = await scene.builder();
    const records = [await scene.published(1), await scene.published(2)];
    await late.take(records[0]!, new Uint8Array(0));
    const builder = await scene.builder();
    for (const record of records) await builder.take(record, new Uint8Array(0));
    await builder.end(scene.end(2));
    await expect(late.take(records[1]!, new Uint8Array(0))).rejects.toMatchObject({ code: 'part.taken-over', retry: 'now' });
    await late.release();
    expect((await scene.built()).map(({ type }) => type)).toEqual(['BuildFinished']);
  });

  it('gives up the claims of a pass that rested for long; a resume lists as failed what was not built, and only that', async () => {
    const scene = await begin();
    const [first, second] = [await scene.published(1), await scene.published(2)];
    const builder = await scene.builder();
    await builder.take(first, new Uint8Array(0));
    await builder.pause(1);
    await scene.append('projects', mailboxJobStream('job'), { type: 'PassStopped', data: { ...scene.refs, at: scene.clock.now() } });
    await scene.clock.advance((KEEP_DAYS - 1) * DAY_MS);
    expect(await scene.sweep()).toEqual({ claims: 0, checkpoints: 0 });
    await scene.clock.advance(DAY_MS);
    expect(await scene.sweep()).toEqual({ claims: 2, checkpoints: 0 });

    await scene.append('projects', mailboxJobStream('job'), {
      type: 'PassResumed',
      data: { ...scene.refs, attempt: 2, at: scene.clock.now() },
    });
    const third = await scene.published(3);
    expect(await scene.sweep()).toEqual({ claims: 0, checkpoints: 0 });
    const resumed = await scene.builder();
    for (const record of [first, second, third]) await resumed.take(record, new Uint8Array(0));
    await resumed.end(scene.end(3));
    const events = await scene.built();
    expect(events.filter(({ type }) => type === 'ItemUnbuilt')).toMatchObject([
      { data: { itemKey: second.itemKey, itemId: 'item-2', code: 'claim.missing', advice: expect.stringContaining('Retry Errors') } },
    ]);
    expect(events.at(-1)).toMatchObject({ type: 'BuildFinished', data: { totals: { discovered: 3, exported: 2, skipped: 0, failed: 1 } } });
    expect(await scene.left()).toEqual({ lists: 1 });
  });
});
