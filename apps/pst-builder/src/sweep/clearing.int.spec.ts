import { folderBlobStore, memoryBlobStore, putClaim } from '@pstream/blob';
import { mailboxJobStream } from '@pstream/contracts';
import { Fault } from '@pstream/kernel';
import { tempDir } from '@pstream/testing';
import { PassScene } from '../pass-scene.fixture.js';
import { sweepKeptLists } from './kept-lists.js';
import { sweepLeftovers } from './leftovers.js';

const KEEP_DAYS = 30;
const DAY_MS = 24 * 3_600_000;

const sweep = (scene: PassScene): ReturnType<typeof sweepLeftovers> => sweepLeftovers(scene, KEEP_DAYS);

const NOT_NOW = new Fault('blob.forbidden', { retry: 'never' });

describe.each([
  ['in memory', memoryBlobStore],
  ['in a folder', () => folderBlobStore({ dir: tempDir() })],
])('working storage %s', (_title, work) => {
  const scenes: PassScene[] = [];
  const begin = async (): Promise<PassScene> => {
    const scene = new PassScene(work());
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
    expect(await scene.left()).toEqual({ keys: 1 });
    expect(await scene.built()).toMatchObject([
      { type: 'BuildFinished', data: { totals: { discovered: 3, exported: 3, skipped: 0, failed: 0 } } },
    ]);
    expect(scene.uncleared).toEqual([]);
  });

  it('holds no keys of parts any more when the project of the mailbox is closed', async () => {
    const scene = await begin();
    const builder = await scene.builder();
    await builder.take(await scene.published(1), new Uint8Array(0));
    await builder.end(scene.end(1));
    const { passId: _passId, ...mailbox } = scene.refs;
    const totals = { discovered: 1, exported: 1, skipped: 0, failed: 0 };
    const job = mailboxJobStream(mailbox.mailboxJobId);
    await scene.append('projects', job, {
      type: 'PassCompleted',
      data: { ...scene.refs, kind: 'full', pass: totals, mailbox: totals, at: scene.clock.now() },
    });
    expect(await sweepKeptLists(scene)).toEqual({ pages: 0, updates: 0, keys: 0 });
    expect(await scene.left()).toEqual({ keys: 1 });
    await scene.append('projects', job, { type: 'MailboxClosed', data: { ...mailbox, at: scene.clock.now() } });
    expect(await sweepKeptLists(scene)).toEqual({ pages: 0, updates: 0, keys: 1 });
    expect(await scene.left()).toEqual({});
  });

  it('is swept where a pass has ended and could not be cleared away, and the pass has not failed for that', async () => {
    const scene = await begin();
    const builder = await scene.builder({ ...scene.work, delete: () => Promise.reject(NOT_NOW) });
    await builder.take(await scene.published(1), new Uint8Array(0));
    await builder.end(scene.end(1));
    expect(scene.uncleared).toEqual([NOT_NOW]);
    expect((await scene.built()).map(({ type }) => type)).toEqual(['BuildFinished']);
    expect(await scene.left()).toEqual({ claims: 1, ckpt: 1, lists: 1, keys: 1 });
    expect(await sweep(scene)).toEqual({ claims: 1, checkpoints: 1, aside: 0, lists: 1 });
    expect(await scene.left()).toEqual({ keys: 1 });
    expect(await sweep(scene)).toEqual({ claims: 0, checkpoints: 0, aside: 0, lists: 0 });
  });

  it('is left alone by the sweep while the pass goes on, and where nobody knows whose it is', async () => {
    const scene = await begin();
    const builder = await scene.builder();
    await builder.take(await scene.published(1), new Uint8Array(0));
    await builder.checkpoint();
    await putClaim(scene.work, { jobKey: new Uint8Array(32), job: 'another', pass: 'pass-9', attempt: 1 }, new Uint8Array(9));
    await scene.work.putIfAbsent('ckpt/part-9/000001-000001', new Uint8Array(9));
    await scene.clock.advance(1000 * DAY_MS);
    expect(await sweep(scene)).toEqual({ claims: 0, checkpoints: 0, aside: 0, lists: 0 });
    await builder.end(scene.end(1));
    expect(await scene.left()).toEqual({ claims: 1, ckpt: 1, keys: 1 });
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
    await scene.append('projects', mailboxJobStream(scene.refs.mailboxJobId), {
      type: 'PassStopped',
      data: { ...scene.refs, at: scene.clock.now() },
    });
    await scene.clock.advance((KEEP_DAYS - 1) * DAY_MS);
    expect(await sweep(scene)).toEqual({ claims: 0, checkpoints: 0, aside: 0, lists: 0 });
    await scene.clock.advance(DAY_MS);
    expect(await sweep(scene)).toEqual({ claims: 2, checkpoints: 0, aside: 0, lists: 0 });

    await scene.append('projects', mailboxJobStream(scene.refs.mailboxJobId), {
      type: 'PassResumed',
      data: { ...scene.refs, attempt: 2, at: scene.clock.now() },
    });
    const third = await scene.published(3);
    expect(await sweep(scene)).toEqual({ claims: 0, checkpoints: 0, aside: 0, lists: 0 });
    const resumed = await scene.builder();
    for (const record of [first, second, third]) await resumed.take(record, new Uint8Array(0));
    await resumed.end(scene.end(3));
    const events = await scene.built();
    expect(events.filter(({ type }) => type === 'ItemUnbuilt')).toMatchObject([
      { data: { itemKey: second.itemKey, itemId: 'item-2', code: 'claim.missing', advice: expect.stringContaining('Retry Errors') } },
    ]);
    expect(events.at(-1)).toMatchObject({ type: 'BuildFinished', data: { totals: { discovered: 3, exported: 2, skipped: 0, failed: 1 } } });
    expect(await scene.left()).toEqual({ keys: 1 });
  });
});
