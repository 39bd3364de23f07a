import { sha256Hex } from './digest.js';
import type { PartLayout, PartStore, StagedExtent } from './part-store.js';

/** Small, so that a test stages many extents. */
export const TEST_LAYOUT: PartLayout = { headerBytes: 700, extentBytes: 2048 };

/** One destination, seen by any number of processes. */
export type PartWorld = {
  /** A store as another process would have it. With `failure` its n-th call to the outside fails: before its effect, after it, or for
   *  ever (the process has died). `reached` tells whether there were that many calls. */
  life(failure?: { readonly nth: number; readonly how: 'before' | 'after' | 'crash' }): { readonly store: PartStore; reached(): boolean };
  /** Puts a file that is none of ours under a name. */
  putForeign(name: string, content: Uint8Array): Promise<void>;
  /** What a person sees in the destination. */
  visible(): Promise<readonly string[]>;
  /** Makes the staged bytes of a part vanish, as they do when nobody comes back for long. */
  loseStaged(partId: string, name: string): Promise<void>;
  /** Gives back what processes that never ended properly still hold open. */
  close(): Promise<void>;
};

const NAME = 'Jörg Müller (2).pst';
const part = { partId: '01J8ZZZZZZZZZZZZZZZZZZZZZZ', name: NAME };
const content = (index: number, bytes: number, salt = 0): Uint8Array =>
  Uint8Array.from({ length: bytes }, (_, i) => (i * 31 + index * 17 + salt) & 0xff);
const LENGTHS = [700, 2048, 2048, 99];
const extent = (index: number): Uint8Array => content(index, LENGTHS[index] ?? 0);
const whole = Buffer.concat(LENGTHS.map((_, index) => extent(index)));
const listSha = (list: readonly StagedExtent[]): string => sha256Hex(Buffer.from(list.map((e) => e.id).join()));
const code = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'no fault',
    (error: unknown) => (error as { code?: unknown }).code ?? error,
  );

const readWhole = async (store: PartStore, name = NAME): Promise<Buffer> => {
  const open = await store.open(name);
  try {
    return Buffer.from(await open.read(0, open.size));
  } finally {
    await open.close();
  }
};
/** Stages what comes after the kept extents and then the header, as the writer does; returns the whole list. */
const stageAll = async (staging: Awaited<ReturnType<PartStore['take']>>, kept: readonly StagedExtent[] = []): Promise<StagedExtent[]> => {
  const rest: StagedExtent[] = [];
  for (let i = kept.length + 1; i < LENGTHS.length; i++) rest.push(await staging.stage(i, extent(i)));
  return [await staging.stage(0, extent(0)), ...kept, ...rest];
};

/** What every PartStore holds, zombies and lost replies included. `open` gives a new, empty destination of TEST_LAYOUT. */
export const partStoreContract = (title: string, open: () => Promise<PartWorld>): void => {
  describe(`${title} as a part store`, () => {
    let world: PartWorld;
    let store: PartStore;
    beforeEach(async () => {
      world = await open();
      store = world.life().store;
      await store.check();
    });
    afterEach(() => world.close());

    it('leaves nothing behind after a check, and checks twice', async () => {
      await store.check();
      expect(await world.visible()).toEqual([]);
    });
    it('publishes extents in index order, the header staged last', async () => {
      const staging = await store.take(part, 1, []);
      const list = await stageAll(staging);
      expect(list.map((e) => e.id)).toEqual(list.map((e, i) => `e000001-00000${i}-${e.sha256.slice(0, 16)}`));
      const done = await staging.commit(list, listSha(list), undefined, sha256Hex(whole));
      expect(done).toMatchObject({ name: NAME, bytes: whole.length });
      expect((await readWhole(store)).equals(whole)).toBe(true);
      expect(await store.head(NAME)).toEqual({
        ...done,
        metadata: { part: part.partId, listSha256: listSha(list), fileSha256: sha256Hex(whole) },
      });
      await staging.release();
      expect(await world.visible()).toEqual([NAME]);
    });
    it('shows nothing under the name before commit', async () => {
      const staging = await store.take(part, 1, []);
      await stageAll(staging);
      expect(await store.head(NAME)).toBeUndefined();
      expect(await world.visible()).toEqual([]);
      expect(await code(store.open(NAME))).toBe('part.not-found');
      await staging.release();
    });
    it('publishes a part that is only a header', async () => {
      const staging = await store.take(part, 1, []);
      const list = [await staging.stage(0, content(9, 500))];
      expect(await staging.commit(list, listSha(list))).toMatchObject({ bytes: 500 });
    });
    it('stages many extents at once', async () => {
      const staging = await store.take(part, 1, []);
      const parts = Array.from({ length: 12 }, (_, i) => content(i, i === 0 ? 700 : 2048, 5));
      const list = await Promise.all(parts.map((bytes, i) => staging.stage(i, bytes)));
      await staging.commit(list, listSha(list));
      expect((await readWhole(store)).equals(Buffer.concat(parts))).toBe(true);
    });
    it('publishes no longer file than the list says, whatever was staged', async () => {
      const staging = await store.take(part, 1, []);
      const list = await stageAll(staging);
      await staging.stage(4, content(4, 2048));
      await staging.commit(list.slice(0, 3), listSha(list.slice(0, 3)));
      expect((await readWhole(store)).equals(whole.subarray(0, 700 + 2 * 2048))).toBe(true);
    });
    it('commits the same list again without a second effect, in any process', async () => {
      const staging = await store.take(part, 1, []);
      const list = await stageAll(staging);
      const first = await staging.commit(list, listSha(list));
      expect(await staging.commit(list, listSha(list))).toEqual(first);
      const again = await world.life().store.take(part, 1, list);
      expect(await again.commit(list, listSha(list))).toEqual(first);
      const later = await world.life().store.take(part, 2, list);
      expect(await later.commit(list, listSha(list))).toEqual(first);
      await later.release();
    });
    it('rolls a recorded list forward in another process, under the same epoch or a later one', async () => {
      for (const [partId, epoch] of [
        ['same', 1],
        ['later', 2],
      ] as const) {
        const own = { partId, name: `${partId}.pst` };
        const list = await stageAll(await store.take(own, 1, []));
        const next = await world.life().store.take(own, epoch, list);
        await next.commit(list, listSha(list));
        expect((await readWhole(store, own.name)).equals(whole)).toBe(true);
      }
    });
    it('refuses a name that another file has, and leaves that file alone', async () => {
      await world.putForeign(NAME, Buffer.from('precious'));
      expect(await code(store.take(part, 1, []))).toBe('part.foreign-blob');
      expect((await readWhole(store)).toString()).toBe('precious');
    });
    it('does not overwrite a file that got the name while the part was built', async () => {
      const staging = await store.take(part, 1, []);
      const list = await stageAll(staging);
      await staging.release();
      await world.putForeign(NAME, Buffer.from('precious'));
      const told = await staging.commit(list, listSha(list)).catch((error: unknown) => error);
      expect(told).toMatchObject({ code: 'part.foreign-blob', retry: 'never', facts: { name: NAME, etag: expect.any(String) } });
      expect((await readWhole(store)).toString()).toBe('precious');
    });
    it('refuses another list for a part that is published', async () => {
      const staging = await store.take(part, 1, []);
      const list = await stageAll(staging);
      await staging.commit(list, listSha(list));
      const other = await world.life().store.take(part, 2, []);
      expect(await code(other.commit(list.slice(0, 2), listSha(list.slice(0, 2))))).toBe('part.foreign-blob');
      expect((await readWhole(store)).equals(whole)).toBe(true);
    });
    it('keeps what a checkpoint lists when another epoch takes over', async () => {
      const old = await store.take(part, 1, []);
      const keep = [await old.stage(1, content(1, 2048)), await old.stage(2, content(2, 2048))];
      await old.stage(3, content(3, 2048, 99));
      const owner = await world.life().store.take(part, 2, keep);
      const list = await stageAll(owner, keep);
      await owner.commit(list, listSha(list));
      expect((await readWhole(store)).equals(whole)).toBe(true);
    });
    it('is not harmed by an earlier owner that wakes up', async () => {
      const zombie = await store.take(part, 1, []);
      const kept = await zombie.stage(1, content(1, 2048));
      const owner = await world.life().store.take(part, 2, [kept]);
      // It may be refused or may succeed without effect; it must not be seen in the part.
      await code(zombie.stage(1, content(1, 2048, 77)));
      await code(zombie.stage(2, content(2, 2048, 77)));
      const list = await stageAll(owner, [kept]);
      await code(zombie.stage(3, content(3, 2048, 77)));
      const short = [{ ...kept, index: 0 }];
      expect(await code(zombie.commit([await describe0(zombie)], listSha(short)))).not.toBe('no fault');
      await owner.commit(list, listSha(list));
      await code(zombie.stage(2, content(2, 2048, 77)));
      await code(zombie.abandon());
      expect((await readWhole(store)).equals(whole)).toBe(true);
      expect(await world.visible()).toEqual([NAME]);
    });
    it('lets the owner take again when an earlier owner has taken late', async () => {
      const first = await store.take(part, 1, []);
      const kept = await first.stage(1, content(1, 2048));
      let owner = await world.life().store.take(part, 2, [kept]);
      await code(store.take(part, 1, [kept]));
      const outcome = await code(owner.stage(2, content(2, 2048)));
      if (outcome !== 'no fault') {
        expect(outcome).toBe('part.fenced');
        owner = await world.life().store.take(part, 2, [kept]);
      }
      const list = await stageAll(owner, [kept]);
      await owner.commit(list, listSha(list));
      expect((await readWhole(store)).equals(whole)).toBe(true);
    });
    it('says so when a listed extent is gone', async () => {
      const staging = await store.take(part, 1, []);
      const list = await stageAll(staging);
      await staging.release();
      await world.loseStaged(part.partId, NAME);
      expect(await code(world.life().store.take(part, 2, list))).toBe('part.extents-lost');
      expect(await store.head(NAME)).toBeUndefined();
    });
    it('says so when an extent was never staged', async () => {
      const staging = await store.take(part, 1, []);
      const list = await stageAll(staging);
      const wrong = list.map((e) => (e.index === 2 ? { ...e, id: `e000001-000002-${'0'.repeat(16)}`, sha256: '0'.repeat(64) } : e));
      expect(await code(staging.commit(wrong, listSha(wrong)))).toBe('part.extents-lost');
      expect(await store.head(NAME)).toBeUndefined();
    });
    it('forgets a part that is given up, and starts again', async () => {
      const staging = await store.take(part, 1, []);
      await stageAll(staging);
      await staging.abandon();
      await staging.release();
      expect(await world.visible()).toEqual([]);
      const again = await store.take(part, 2, []);
      const list = await stageAll(again);
      await again.commit(list, listSha(list));
      expect((await readWhole(store)).equals(whole)).toBe(true);
    });
    it('keeps parts apart that are built side by side', async () => {
      const [a, b] = await Promise.all([
        store.take({ partId: 'a', name: 'a.pst' }, 1, []),
        store.take({ partId: 'a-b', name: 'b.pst' }, 1, []),
      ]);
      const la = [await a.stage(0, content(1, 100))];
      const lb = [await b.stage(0, content(2, 200))];
      await a.commit(la, listSha(la));
      await b.commit(lb, listSha(lb));
      expect((await readWhole(store, 'a.pst')).length).toBe(100);
      expect((await readWhole(store, 'b.pst')).length).toBe(200);
    });
    it('reads any range and stops at the end', async () => {
      const staging = await store.take(part, 1, []);
      const list = await stageAll(staging);
      await staging.commit(list, listSha(list));
      const reader = await store.open(NAME);
      expect(reader.size).toBe(whole.length);
      expect(Buffer.from(await reader.read(690, 2000)).equals(whole.subarray(690, 2690))).toBe(true);
      expect(Buffer.from(await reader.read(whole.length - 5, 100)).equals(whole.subarray(-5))).toBe(true);
      expect((await reader.read(whole.length, 10)).length).toBe(0);
      expect((await reader.read(0, 0)).length).toBe(0);
      await reader.close();
    });
    it('refuses names that would leave the destination', async () => {
      for (const name of ['../x.pst', 'a/b.pst', 'a\\b.pst', '.x.pst', 'nul.pst', 'x.txt', '']) {
        expect([name, await code(store.take({ ...part, name }, 1, []))]).toEqual([name, 'part.bad-name']);
        expect([name, await code(store.head(name))]).toEqual([name, 'part.bad-name']);
      }
    });
    it('tells where a part is found without any credential', () => {
      expect(decodeURIComponent(store.locate(NAME))).toMatch(/Jörg Müller \(2\)\.pst$/);
      expect(store.locate(NAME)).not.toMatch(/sig=|\?/);
    });
    it('takes and stages nothing once its signal is aborted', async () => {
      const reason = new Error('enough');
      await expect(store.take(part, 1, [], AbortSignal.abort(reason))).rejects.toBe(reason);
      const staging = await store.take(part, 1, []);
      await expect(staging.stage(1, content(1, 2048), AbortSignal.abort(reason))).rejects.toBe(reason);
      await staging.release();
    });

    it('keeps parts of one name apart by their folders, in any process', async () => {
      const trial = { partId: 'T1', name: `trial/${NAME}` };
      const apart = await store.take(trial, 1, []);
      const list = [await apart.stage(0, content(9, 500))];
      expect(await apart.commit(list, listSha(list))).toMatchObject({ name: trial.name, bytes: 500 });
      await apart.release();
      expect(await store.head(NAME)).toBeUndefined();
      await build(store, 1, [], () => undefined);
      expect((await readWhole(store)).equals(whole)).toBe(true);
      expect((await readWhole(world.life().store, trial.name)).equals(content(9, 500))).toBe(true);
      expect(decodeURIComponent(store.locate(trial.name))).toMatch(/[\\/]trial[\\/]Jörg Müller \(2\)\.pst$/);
      expect(await code(store.head(`../${NAME}`))).toBe('part.bad-name');
      expect(await code(store.head(`trial/more/${NAME}`))).toBe('part.bad-name');
    });
    it('removes a part, and that twice, and never what is not that part', async () => {
      await build(store, 1, [], () => undefined);
      expect(await store.remove({ partId: 'another', name: NAME })).toBe(false);
      expect((await readWhole(store)).equals(whole)).toBe(true);
      expect(await store.remove(part)).toBe(true);
      expect(await store.head(NAME)).toBeUndefined();
      expect(await world.visible()).toEqual([]);
      expect(await world.life().store.remove(part)).toBe(true);
      await world.putForeign(NAME, content(3, 50));
      expect(await store.remove(part)).toBe(false);
      expect(await world.visible()).toEqual([NAME]);
    });
    it('removes a part on record only as long as it is as it was committed, and only looks where that is asked for', async () => {
      await build(store, 1, [], () => undefined);
      const { etag, bytes, metadata } = (await store.head(NAME))!;
      const recorded = { ...part, etag, bytes };
      for (const [other, why] of [
        [{ ...recorded, partId: 'another' }, 'part.foreign-blob'],
        [{ ...recorded, etag: '"0x1"' }, 'part.changed'],
        [{ ...recorded, bytes: bytes + 1 }, 'part.changed'],
        [{ ...part, bytes, listSha256: 'f'.repeat(64) }, 'part.changed'],
      ] as const)
        for (const look of [true, false]) expect(await store.removeUnchanged(other, look)).toEqual({ is: 'kept', why });
      expect(await store.removeUnchanged(recorded, true)).toEqual({ is: 'there' });
      expect(await store.removeUnchanged({ ...part, bytes, listSha256: metadata['listSha256']! }, true)).toEqual({ is: 'there' });
      expect((await readWhole(store)).equals(whole)).toBe(true);
      expect(await store.removeUnchanged(recorded, false)).toEqual({ is: 'deleted' });
      expect(await world.visible()).toEqual([]);
      for (const look of [true, false]) expect(await world.life().store.removeUnchanged(recorded, look)).toEqual({ is: 'gone' });
      await world.putForeign(NAME, content(3, 50));
      for (const look of [true, false])
        expect(await store.removeUnchanged(recorded, look)).toEqual({ is: 'kept', why: 'part.foreign-blob' });
      expect(await world.visible()).toEqual([NAME]);
    });
    it('takes another part under the name of one that was removed', async () => {
      await build(store, 1, [], () => undefined);
      await store.remove(part);
      const other = await store.take({ partId: 'another', name: NAME }, 1, []);
      const list = [await other.stage(0, content(9, 500))];
      await other.commit(list, listSha(list));
      expect((await readWhole(store)).equals(content(9, 500))).toBe(true);
    });

    for (const how of ['before', 'after', 'crash'] as const) {
      it(`ends with the same part wherever a call fails (${how})`, async () => {
        let reached = true;
        for (let nth = 1; reached; nth++) {
          await world.close();
          world = await open();
          await world.life().store.check();
          const broken = world.life({ nth, how });
          const acknowledged: StagedExtent[] = [];
          let recorded: readonly StagedExtent[] | undefined;
          const outcome = await build(broken.store, 1, acknowledged, (list) => (recorded = list)).catch((error: unknown) => error);
          reached = broken.reached();
          if (outcome instanceof Error) expect(outcome).toMatchObject({ name: 'Fault', code: expect.any(String) });
          // What the next owner knows is what the first one recorded: a list (then it is rolled forward) or a checkpoint.
          const next = world.life();
          if (recorded === undefined) await build(next.store, 2, acknowledged.slice(0, 2), () => undefined);
          else await (await next.store.take(part, 1, recorded)).commit(recorded, listSha(recorded));
          expect((await readWhole(next.store)).equals(whole)).toBe(true);
          expect(await world.visible()).toEqual([NAME]);
        }
      });
    }
  });
};

/** Builds the whole part on top of what is kept (extents 1, 2, …), recording as a builder does. */
const build = async (
  store: PartStore,
  epoch: number,
  acknowledged: StagedExtent[],
  record: (list: readonly StagedExtent[]) => void,
): Promise<void> => {
  const kept = [...acknowledged];
  const staging = await store.take(part, epoch, kept);
  for (let i = kept.length + 1; i < LENGTHS.length; i++) acknowledged.push(await staging.stage(i, extent(i)));
  const header = await staging.stage(0, extent(0));
  const list = [header, ...kept, ...acknowledged.slice(kept.length)];
  record(list);
  await staging.commit(list, listSha(list));
  await staging.release();
};

/** A header that the zombie may or may not manage to stage. */
const describe0 = async (zombie: Awaited<ReturnType<PartStore['take']>>): Promise<StagedExtent> => {
  const bytes = content(0, 700, 77);
  const sha256 = sha256Hex(bytes);
  const described = { id: `e000001-000000-${sha256.slice(0, 16)}`, index: 0, bytes: 700, sha256 };
  return zombie.stage(0, bytes).catch(() => described);
};
