import { Fault } from '@pstream/kernel';
import { waitFor } from '@pstream/testing';
import { feedScenes, lazy } from './feed-scene.fixture.js';
import { setAside } from './set-aside.js';

describe('a feed whose records are set aside', () => {
  const begin = feedScenes();

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
    await waitFor(async () => (await scene.kinds()).includes('BuildFinished'));
    expect((await scene.pass.built()).at(-1)).toMatchObject({ data: { totals: { exported: 3, failed: 0 } } });
    await scene.committed(4n);
  });

  it('ends a pass only when every blob of it is built, whatever attempt their names say', async () => {
    const scene = await begin(lazy);
    const { refs } = scene.pass;
    const records = [await scene.pass.published(1), await scene.pass.published(2), scene.pass.end(2)].map((meta, nth) => ({
      offset: BigInt(nth),
      meta,
      value: new Uint8Array(0),
    }));
    const owner = { mailboxJobId: refs.mailboxJobId, passId: refs.passId, partition: 0 };
    // as left by an owner that stored the last ones before it had read which attempt it was
    await setAside(scene.ports.work, { ...owner, attempt: 2 }, records.slice(0, 1));
    await setAside(scene.ports.work, { ...owner, attempt: 1 }, records.slice(1));
    await scene.feed.begin();
    await waitFor(async () => (await scene.kinds()).includes('BuildFinished'));
    expect((await scene.pass.built()).at(-1)).toMatchObject({ data: { totals: { exported: 2, failed: 0 } } });
    await scene.feed.close();
  });

  it('stops a pass whose request to stop stands behind a record that is stuck', async () => {
    const stuck = Promise.withResolvers<void>();
    const scene = await begin((ports) => ({
      ...lazy(ports),
      parts: async (control) => {
        await stuck.promise;
        return ports.parts(control);
      },
    }));
    for (const nth of [1, 2]) scene.append(await scene.pass.published(nth));
    scene.append({ kind: 'pause', ...scene.pass.refs, attempt: 1 });
    const delivering = scene.deliver();
    await waitFor(() => scene.pass.clock.sleepers.length > 0);
    await scene.pass.clock.advance(5_000);
    await delivering;
    stuck.resolve();
    await waitFor(async () => (await scene.kinds()).includes('BuildPaused'));
    // the second item rests for the next attempt
    expect((await scene.pass.left())['aside']).toBe(1);
  });

  it('tries to record a stop again only after a moment', async () => {
    let tries = 0;
    const scene = await begin((ports) => ({
      ...lazy(ports),
      store: Object.create(ports.store, {
        append: {
          value: () => {
            tries++;
            return Promise.reject(new Fault('storage.full', { retry: { afterMs: 5_000 } }));
          },
        },
      }) as typeof ports.store,
    }));
    const { refs } = scene.pass;
    scene.append({ kind: 'pause', ...refs, attempt: 1 });
    await scene.deliver();
    for (let second = 0; second < 10; second++) {
      await scene.pass.clock.advance(1_000);
      await scene.tick();
    }
    expect(tries).toBeGreaterThan(1);
    expect(tries).toBeLessThan(30);
    await scene.feed.close();
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
});
