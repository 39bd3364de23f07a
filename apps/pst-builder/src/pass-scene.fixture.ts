import { createHash } from 'node:crypto';
import { openPartStore, putClaim, type BlobStore, type PartStore } from '@pstream/blob';
import {
  buildStream,
  extractionStream,
  mailboxJobStream,
  manifestSha256,
  passControl,
  type BuildEvent,
  type Context,
  type DomainEvent,
  type ItemMeta,
  type PageManifest,
  type PassControl,
  type StreamName,
} from '@pstream/contracts';
import { memoryEventStore } from '@pstream/event-store';
import { encodeExportStream } from '@pstream/fasttransfer';
import { countingIds, deriveId, seededRandom } from '@pstream/kernel';
import { PT, type MapiItem } from '@pstream/mapi';
import { PST_LAYOUT } from '@pstream/platform';
import { FakeClock, passSettings, tempDir } from '@pstream/testing';
import type { BuilderPorts } from './pass/builder-ports.js';
import { PassBuilder } from './pass/pass-builder.js';
import { verifyPart } from './verify/verify-part.js';

const CUSTOMER = '01JQ0000000000000000000003';
const PROJECT = '01JQ0000000000000000000002';
const JOB = '01JQ0000000000000000000000';
const PASS = '01JQ0000000000000000000001';

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
export class PassScene {
  readonly clock = new FakeClock();
  readonly store = memoryEventStore();
  readonly uncleared: unknown[] = [];
  readonly waits: Parameters<BuilderPorts['waiting']>[0][] = [];
  readonly refs = { workgroupId: 'w', customerId: CUSTOMER, projectId: PROJECT, mailboxJobId: JOB, passId: PASS };
  readonly #out = tempDir();
  readonly #ids = countingIds();
  #commits = 0;

  constructor(readonly work: BlobStore) {}

  async begin(): Promise<void> {
    const { refs } = this;
    const at = this.clock.now();
    const settings = { ...passSettings, destination: { kind: 'folder' as const, path: this.#out } };
    await this.append('projects', mailboxJobStream(JOB), {
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
    await this.append('extraction', extractionStream(PASS), {
      type: 'FoldersDiscovered',
      data: { ...refs, folders: [folder], last: true, at },
    });
  }

  async append<E extends DomainEvent>(context: Context, stream: StreamName<E>, event: E): Promise<void> {
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

  /** The extractor has listed these items in one page; with `again`, they had failed before. */
  async list(nths: readonly number[], again = false): Promise<void> {
    const mailbox = { id: 'MBX', version: 'v1.0' as const };
    const items = nths.map((nth) => ({ key: deriveId('item', nth), id: `item-${nth}`, changeKey: null, type: 'IPM.Note', size: 1 }));
    const page: PageManifest = { items, repeats: 0, mailbox, next: null, delta: null };
    const bytes = new TextEncoder().encode(JSON.stringify(page));
    const manifest = { key: 'manifests/page', sha256: manifestSha256(bytes) };
    await this.work.putIfAbsent(manifest.key, bytes);
    const place = { folderKey: 'inbox', page: 0, mailbox, items: items.length, bytes: items.length, again, repeats: 0 };
    await this.append('extraction', extractionStream(PASS), {
      type: 'PageListed',
      data: { ...this.refs, ...place, slices: [0], manifest, next: null, delta: null, at: this.clock.now() },
    });
  }

  /** The pass failed, and another attempt begins. */
  async resume(attempt: number): Promise<void> {
    const { refs } = this;
    const at = this.clock.now();
    const stream = mailboxJobStream(refs.mailboxJobId);
    await this.append('projects', stream, { type: 'PassFailed', data: { ...refs, kind: 'full', cause: { code: 'destination.gone' }, at } });
    await this.append('projects', stream, { type: 'PassResumed', data: { ...refs, attempt, at } });
  }

  async control(): Promise<PassControl> {
    return passControl(await this.store.read(mailboxJobStream(JOB)), PASS)!;
  }

  /** What an extractor puts on the topic for a large item. */
  async published(nth: number): Promise<Extract<ItemMeta, { kind: 'item' }>> {
    const stream = encodeExportStream(item(`mail ${nth}`));
    const { attempt } = await this.control();
    const claim = await putClaim(this.work, { jobKey: createHash('sha256').update(JOB).digest(), job: JOB, pass: PASS, attempt }, stream);
    return {
      kind: 'item',
      passId: PASS,
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

  /** What builders of this pass are given. */
  async ports(work: BlobStore = this.work): Promise<BuilderPorts> {
    const parts = await this.parts();
    return {
      store: this.store,
      work,
      clock: this.clock,
      ids: this.#ids,
      limits: { checkpointBytes: 1, checkpointMs: 100 },
      parts: () => Promise.resolve(parts),
      verify: (_control, name, entries) => verifyPart(parts, name, entries),
      waiting: (wait) => void this.waits.push(wait),
      defect: (error) => {
        throw error;
      },
      uncleared: (error) => void this.uncleared.push(error),
    };
  }

  async builder(work: BlobStore = this.work): Promise<PassBuilder> {
    return PassBuilder.open(await this.ports(work), await this.control());
  }

  /** The destination of the pass. */
  async parts(): Promise<PartStore> {
    const parts = openPartStore(
      { kind: 'folder', path: this.#out, container: 'mailboxes' },
      { clock: this.clock, random: seededRandom(1), layout: PST_LAYOUT },
    );
    await parts.check();
    return parts;
  }

  end(items: number): Extract<ItemMeta, { kind: 'end' }> {
    return { kind: 'end', ...this.refs, discovered: items, published: items, skipped: 0, failed: 0 };
  }

  async built(): Promise<readonly BuildEvent[]> {
    return this.store.read(buildStream(PASS));
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
