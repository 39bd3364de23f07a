import { memoryBlobStore } from '@pstream/blob';
import type { BuildEvent } from '@pstream/contracts';
import { deriveId } from '@pstream/kernel';
import { PassScene } from '../pass-scene.fixture.js';
import { appendBuildEvent } from './build-log.js';
import { KeySet } from './key-set.js';
import { recordMendedItems } from './lost-items.js';

const mailbox = { id: 'MBX', version: 'v1.0' as const };
const keyOf = (nth: number): string => deriveId('item', nth);

/** A pass that was asked for so many items, and what of them it has built. */
const begin = async (
  items: number,
): Promise<{ readonly scene: PassScene; readonly record: (built: number[]) => Promise<BuildEvent[]> }> => {
  const scene = new PassScene(memoryBlobStore());
  await scene.begin();
  await scene.list(
    Array.from({ length: items }, (_, n) => n),
    true,
  );
  return {
    scene,
    record: async (built) => {
      const keys = new KeySet();
      for (const nth of built) keys.add(keyOf(nth));
      await recordMendedItems(await scene.ports(), { ...(await scene.control()), kind: 'retry-errors' }, keys);
      return (await scene.built()).filter(({ type }) => type === 'ItemsMended');
    },
  };
};
const keysIn = (events: readonly BuildEvent[]): (readonly string[])[] =>
  events.flatMap((event) => (event.type === 'ItemsMended' ? [event.data.itemKeys] : []));

describe('what a retry has mended', () => {
  it('is what it was asked for and has built, with the number of the pass', async () => {
    const { scene, record } = await begin(4);
    const at = scene.clock.now();
    await appendBuildEvent(await scene.ports(), scene.refs.passId, 'unbuilt', {
      type: 'ItemUnbuilt',
      data: {
        ...scene.refs,
        itemKey: keyOf(1),
        itemId: 'item-1',
        folderKey: 'inbox',
        mailbox,
        itemType: 'IPM.Note',
        sizeBytes: 1,
        code: 'item.too-large',
        at,
      },
    });
    // The first came, the second came and could not be built, the third never came.
    const events = await record([0, 1, 3]);
    expect(keysIn(events)).toEqual([[keyOf(0), keyOf(3)]]);
    expect(events[0]).toMatchObject({ data: { ...scene.refs, number: 1 } });
  });
  it('is recorded once, however often that is repeated', async () => {
    const { record } = await begin(2);
    await record([0, 1]);
    expect(keysIn(await record([0, 1]))).toEqual([[keyOf(0), keyOf(1)]]);
  });
  it('is in events that stay small', async () => {
    const { record } = await begin(501);
    const keys = keysIn(await record(Array.from({ length: 501 }, (_, n) => n)));
    expect(keys.map(({ length }) => length)).toEqual([500, 1]);
    expect(keys.flat()).toHaveLength(501);
  });
  it('is nothing where nothing came', async () => expect(await (await begin(2)).record([])).toEqual([]));
});
