import { memoryBlobStore, type PartStore } from '@pstream/blob';
import { mailboxJobStream, noItems, partStream, passControl, type MailboxJobEvent, type PassControl } from '@pstream/contracts';
import { deriveId, Fault } from '@pstream/kernel';
import { PassScene } from '../pass-scene.fixture.js';
import { settleReplaced } from './replaced-parts.js';

const NEXT = '01JQ0000000000000000000009';

/** A mailbox whose first pass has built a part, and is asked to start over: the control of the pass that follows. */
class StartedOver {
  readonly scene = new PassScene(memoryBlobStore());
  #name = '';

  async firstPass(ended: 'sealed' | 'open'): Promise<string> {
    const { scene } = this;
    await scene.begin();
    const builder = await scene.builder();
    await builder.take(await scene.published(1), new Uint8Array());
    await builder.checkpoint();
    if (ended === 'sealed') await builder.end(scene.end(1));
    else await builder.release();
    this.#name = (await scene.control()).settings.destinationName;
    return this.#name;
  }

  async next(parts: 'keep' | 'delete', settings: Partial<PassControl['settings']> = {}): Promise<PassControl> {
    const { scene } = this;
    const { passId, ...mailbox } = scene.refs;
    const stream = mailboxJobStream(mailbox.mailboxJobId);
    const at = scene.clock.now();
    const before = (await scene.control()).settings;
    const events: readonly MailboxJobEvent[] = [
      { type: 'PassCompleted', data: { ...scene.refs, kind: 'full', pass: noItems, mailbox: noItems, at } },
      { type: 'MailboxStartedOver', data: { ...mailbox, passIds: [passId], parts, destination: this.#name, at } },
      {
        type: 'PassStarted',
        data: { ...mailbox, passId: NEXT, number: 2, kind: 'full', settings: { ...before, ...settings }, at },
      },
    ];
    for (const event of events) await scene.append('projects', stream, event);
    return passControl(await scene.store.read(stream), NEXT)!;
  }

  async kinds(): Promise<string[]> {
    const part = await this.scene.store.read(partStream(deriveId('part', this.scene.refs.passId, 1)));
    return part.map(({ type }) => type);
  }
}

describe('the parts of passes that were replaced', () => {
  it('are deleted where that was asked for, once, and their names are free', async () => {
    const over = new StartedOver();
    const name = await over.firstPass('sealed');
    const control = await over.next('delete');
    const parts = await over.scene.parts();
    expect(await parts.head(name)).toMatchObject({ name });
    for (let times = 0; times < 2; times++) expect(await settleReplaced(await over.scene.ports(), control, parts)).toBe(0);
    expect(await parts.head(name)).toBeUndefined();
    expect((await over.kinds()).filter((type) => type === 'PartRemoved')).toHaveLength(1);
  });
  it('keep their names where they are kept, so that the next part gets another one', async () => {
    const over = new StartedOver();
    const name = await over.firstPass('sealed');
    const parts = await over.scene.parts();
    const control = await over.next('keep');
    expect(await settleReplaced(await over.scene.ports(), control, parts)).toBe(1);
    expect(
      await settleReplaced(await over.scene.ports(), { ...control, settings: { ...control.settings, destinationName: 'b.pst' } }, parts),
    ).toBe(0);
    expect(await parts.head(name)).toMatchObject({ name });
    expect(await over.kinds()).not.toContain('PartRemoved');
  });
  it.each(['keep', 'delete'] as const)('that were never published are given up (%s)', async (choice) => {
    const over = new StartedOver();
    await over.firstPass('open');
    const control = await over.next(choice);
    for (let times = 0; times < 2; times++)
      expect(await settleReplaced(await over.scene.ports(), control, await over.scene.parts())).toBe(0);
    expect((await over.kinds()).filter((type) => type === 'PartAbandoned')).toHaveLength(1);
  });
  it('of a Trial that cannot be deleted stay, and keep nobody from going on; others do', async () => {
    const over = new StartedOver();
    await over.firstPass('sealed');
    const control = await over.next('delete');
    const refusing: PartStore = {
      ...(await over.scene.parts()),
      remove: () => Promise.reject(new Fault('destination.forbidden', { retry: 'never', facts: {} })),
    };
    await expect(settleReplaced(await over.scene.ports(), control, refusing)).rejects.toMatchObject({ code: 'destination.forbidden' });
    const ofTrial = {
      ...control,
      replaced: control.replaced.map((pass) => ({ ...pass, settings: { ...pass.settings, folder: 'trial' as const } })),
    };
    expect(await settleReplaced(await over.scene.ports(), ofTrial, refusing)).toBe(0);
    expect(over.scene.uncleared).toMatchObject([{ code: 'destination.forbidden' }]);
    expect(await over.kinds()).not.toContain('PartRemoved');
  });
});
