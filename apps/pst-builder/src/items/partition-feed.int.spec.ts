import { mailboxJobStream } from '@pstream/contracts';
import { Fault } from '@pstream/kernel';
import { waitFor } from '@pstream/testing';
import { feedScenes, lazy, unexpected, type FeedScene } from './feed-scene.fixture.js';
import { PartitionFeed } from './partition-feed.js';

describe('the feed of a partition', () => {
  const begin = feedScenes();

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
