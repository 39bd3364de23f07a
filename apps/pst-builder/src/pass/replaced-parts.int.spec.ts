import { memoryBlobStore, type PartStore } from '@pstream/blob';
import {
  mailboxJobStream,
  noItems,
  partStream,
  passControl,
  type Destination,
  type MailboxJobEvent,
  type PassControl,
} from '@pstream/contracts';
import type { EventStore } from '@pstream/event-store';
import { deriveId, Fault } from '@pstream/kernel';
import { PST_LAYOUT } from '@pstream/platform';
import { PassScene } from '../pass-scene.fixture.js';
import type { BuilderPorts } from './builder-ports.js';
import { PassBuilder } from './pass-builder.js';
import { settleReplaced } from './replaced-parts.js';

const NEXT = '01JQ0000000000000000000009';

/** A process that dies before it records such an event. */
const dyingBefore = (type: string, ports: BuilderPorts): BuilderPorts => {
  const append: EventStore['append'] = (commit) =>
    commit.events.some((event) => event.type === type) ? Promise.reject(new Error('the process dies')) : ports.store.append(commit);
  return { ...ports, store: { ...ports.store, append } };
};

/** A mailbox whose first pass has built a part, and is asked to start over: the control of the pass that follows. */
class StartedOver {
  readonly scene = new PassScene(memoryBlobStore());
  #name = '';

  async firstPass(ended: 'sealed' | 'open' | 'published'): Promise<string> {
    const { scene } = this;
    await scene.begin();
    const ports = await scene.ports();
    const builder = await PassBuilder.open(ended === 'published' ? dyingBefore('PartSealed', ports) : ports, await scene.control());
    await builder.take(await scene.published(1), new Uint8Array());
    await builder.checkpoint();
    if (ended === 'sealed') await builder.end(scene.end(1));
    else if (ended === 'published') await expect(builder.end(scene.end(1))).rejects.toThrow('dies');
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

const GONE = (): Promise<PartStore> => Promise.reject(new Fault('secret.not-found', { retry: 'never', facts: {} }));
const pathOf = (destination: Destination): string => (destination.kind === 'folder' ? destination.path : '');

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
  it("are given up where their name is somebody else's, who keeps the file", async () => {
    const over = new StartedOver();
    const name = await over.firstPass('open');
    const parts = await over.scene.parts();
    const staging = await parts.take({ partId: 'other', name }, 1, []);
    await staging.commit([await staging.stage(0, new Uint8Array(PST_LAYOUT.headerBytes))], 'a'.repeat(64));
    const control = await over.next('keep');
    expect(await settleReplaced(await over.scene.ports(), control, parts)).toBe(0);
    expect(await over.kinds()).toContain('PartAbandoned');
    expect((await parts.head(name))?.metadata).toMatchObject({ part: 'other' });
  });
  it.each(['record', 'remove'] as const)(
    'leave no file that was published and not recorded, if settling dies at first (%s)',
    async (step) => {
      const over = new StartedOver();
      await over.firstPass('published');
      const control = await over.next('delete');
      const parts = await over.scene.parts();
      const name = control.settings.destinationName;
      expect(await parts.head(name)).toMatchObject({ name });
      const ports = await over.scene.ports();
      const dying: PartStore = { ...parts, remove: () => Promise.reject(new Error('the process dies')) };
      await expect(
        step === 'record' ? settleReplaced(dyingBefore('PartAbandoned', ports), control, parts) : settleReplaced(ports, control, dying),
      ).rejects.toThrow('dies');
      expect(await settleReplaced(ports, control, parts)).toBe(0);
      expect(await parts.head(name)).toBeUndefined();
      expect(await over.kinds()).not.toContain('PartSealed');
    },
  );
  it('are deleted with the credential of now where another endpoint leads to the same place', async () => {
    const over = new StartedOver();
    const name = await over.firstPass('sealed');
    const control = await over.next('delete');
    const { destination } = control.settings;
    const again = { ...control, settings: { ...control.settings, destination: { ...destination, path: `${pathOf(destination)}/` } } };
    const parts = await over.scene.parts();
    const ports = { ...(await over.scene.ports()), parts: GONE };
    expect(await settleReplaced(ports, again as PassControl, parts)).toBe(0);
    expect(await parts.head(name)).toBeUndefined();
  });
  it('stay in another place that cannot be opened any more, and keep nobody from going on', async () => {
    const over = new StartedOver();
    await over.firstPass('sealed');
    const control = await over.next('delete', { container: 'elsewhere' });
    const ports = { ...(await over.scene.ports()), parts: GONE };
    expect(await settleReplaced(ports, control, await over.scene.parts())).toBe(0);
    expect(over.scene.uncleared).toMatchObject([{ code: 'secret.not-found' }]);
    expect(await over.kinds()).not.toContain('PartRemoved');
  });
  it('of the migration are not deleted by a Trial, which does not need their names', async () => {
    const over = new StartedOver();
    const name = await over.firstPass('sealed');
    const control = await over.next('delete', { folder: 'trial' });
    const parts = await over.scene.parts();
    expect(await settleReplaced(await over.scene.ports(), control, parts)).toBe(0);
    expect(await parts.head(name)).toMatchObject({ name });
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
