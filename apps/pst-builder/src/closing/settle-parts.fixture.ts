import { openPartStore, type Destination, type PartStore } from '@pstream/blob';
import {
  mailboxJobStream,
  partStream,
  type ClosedPart,
  type DomainEvent,
  type MailboxJobEvent,
  type PassSettings,
  type SettleParts,
  type StreamName,
} from '@pstream/contracts';
import { memoryEventStore, type EventStore } from '@pstream/event-store';
import { countingIds, deriveId, Fault, isFault, seededRandom } from '@pstream/kernel';
import { FakeClock, passSettings, tempDir } from '@pstream/testing';
import fc from 'fast-check';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PartLog } from '../part/part-log.js';
import { settleParts, type ClosingPorts } from './settle-parts.js';

const LAYOUT = { headerBytes: 64, extentBytes: 64 };
const CONTAINER = 'mailboxes';
const [workgroupId, customerId] = ['w', deriveId('customer')];
const projectOf = (n: number): string => deriveId('project', n);
const mailboxOf = (n: number): string => deriveId('mailbox', n);

/** What a person sees and does at a destination, beside pstream. */
export type World = {
  readonly destination: Destination;
  readonly settings: Pick<PassSettings, 'destination' | 'container'>;
  put(name: string, bytes: Uint8Array): Promise<void>;
  all(): Promise<Record<string, string>>;
};

/** A folder of its own. */
export const folderWorld = (): Promise<World> => {
  const path = tempDir();
  const dir = join(path, CONTAINER);
  mkdirSync(dir);
  return Promise.resolve({
    destination: { kind: 'folder', path, container: CONTAINER },
    settings: { destination: { kind: 'folder', path }, container: CONTAINER },
    put: (name, bytes) => {
      rmSync(join(dir, name), { force: true });
      writeFileSync(join(dir, name), bytes);
      return Promise.resolve();
    },
    all: () =>
      Promise.resolve(
        Object.fromEntries(
          readdirSync(dir)
            .filter((name) => !name.startsWith('.'))
            .map((name) => [name, readFileSync(join(dir, name)).toString('hex')]),
        ),
      ),
  });
};

/** Fails calls to stores as a script says: before they take effect, or after, when only the answer is lost. */
type Script = ('before' | 'after' | undefined)[];
const LOST = new Fault('event-store.unavailable', { retry: 'now' });

/** Two projects of four mailboxes at one destination, and stores that fail as a script says. */
export class Scene {
  readonly #clock = new FakeClock();
  readonly #ids = countingIds();
  readonly #inner = memoryEventStore();
  readonly #passes = new Map<number, number>();
  /** What is under each name, and whose part it is, as the test did it. */
  readonly shouldBe = new Map<string, string>();
  readonly partsOf = new Map<number, { readonly name: string; readonly partId: string; intact: boolean }[]>();
  readonly #home = new Map<number, number>();
  readonly removed = new Set<number>();
  script: Script = [];
  /** What opening the destination fails with. */
  unreachable: Fault | undefined;

  readonly #world: World;
  constructor(world: World) {
    this.#world = world;
  }

  #failing<T>(work: () => Promise<T>): Promise<T> {
    const when = this.script.shift();
    if (when === 'before') return Promise.reject(LOST);
    return work().then((value) => {
      if (when === 'after') throw LOST;
      return value;
    });
  }

  #ports(): ClosingPorts {
    const store: EventStore = { ...this.#inner, append: (commit) => this.#failing(() => this.#inner.append(commit)) };
    const open = (): Promise<PartStore> => {
      if (this.unreachable !== undefined) return Promise.reject(this.unreachable);
      const parts = this.#parts();
      return Promise.resolve({
        ...parts,
        removeUnchanged: (...given) => this.#failing(() => parts.removeUnchanged(...given)),
      });
    };
    return { store, clock: this.#clock, ids: this.#ids, open };
  }

  #parts(): PartStore {
    return openPartStore(this.#world.destination, { clock: this.#clock, random: seededRandom(1), layout: LAYOUT });
  }

  async #append<E extends DomainEvent>(stream: StreamName<E>, event: E): Promise<void> {
    const expectedVersion = (await this.#inner.read(stream)).length;
    const metadata = { commandId: this.#ids.ulid(), by: 'test' };
    await this.#inner.append({ context: 'projects', stream, expectedVersion, events: [event], at: this.#clock.now(), metadata });
  }

  #refs(mailbox: number) {
    return { workgroupId, customerId, projectId: projectOf(this.homeOf(mailbox)), mailboxJobId: mailboxOf(mailbox) };
  }

  homeOf(mailbox: number): number {
    return this.#home.get(mailbox) ?? mailbox % 2;
  }

  /** A pass of the mailbox in its project writes a part, which may stay unpublished or unrecorded. */
  async pass(mailbox: number, name: string, ended: 'sealed' | 'published' | 'open'): Promise<void> {
    if (this.shouldBe.has(name)) return;
    const at = this.#clock.now();
    const nth = (this.#passes.get(mailbox) ?? 0) + 1;
    this.#passes.set(mailbox, nth);
    const refs = { ...this.#refs(mailbox), passId: deriveId('pass', mailbox, nth) };
    const settings: PassSettings = { ...passSettings, ...this.#world.settings, destinationName: name };
    await this.#append<MailboxJobEvent>(mailboxJobStream(refs.mailboxJobId), {
      type: 'PassStarted',
      data: { ...refs, number: nth, kind: 'full', settings, at },
    });
    const partId = deriveId('part', refs.passId, 1);
    const part = { ...refs, partId };
    const log = new PartLog({ store: this.#inner, clock: this.#clock, ids: this.#ids });
    await log.takeOver(part, { name, container: CONTAINER, ordinal: 1 });
    const staging = await this.#parts().take({ partId, name }, 1, []);
    const bytes = Buffer.from(`${name} of ${partId}`.padEnd(64, '.').slice(0, 64));
    const list = [await staging.stage(0, bytes)];
    const listSha256 = 'a'.repeat(64);
    if (ended === 'open') return staging.release();
    const sealing = { epoch: 1, extents: 1, listKey: 'k', listSha256, bytes: 64, items: 1, folders: 1 };
    await log.intendSeal({ refs: part, ...sealing });
    const { etag } = await staging.commit(list, listSha256);
    await staging.release();
    if (ended === 'sealed') await log.recordSealed(part, etag, this.#parts().locate(name));
    this.shouldBe.set(name, bytes.toString('hex'));
    const parts = this.partsOf.get(this.homeOf(mailbox)) ?? [];
    parts.push({ name, partId, intact: true });
    this.partsOf.set(this.homeOf(mailbox), parts);
  }

  /** Somebody puts a file of theirs under a name, whatever was there. */
  async foreign(name: string): Promise<void> {
    const bytes = Buffer.from(`of somebody else: ${name}`);
    await this.#world.put(name, bytes);
    this.shouldBe.set(name, bytes.toString('hex'));
    for (const parts of this.partsOf.values()) for (const part of parts) if (part.name === name) part.intact = false;
  }

  async move(mailbox: number): Promise<void> {
    const { projectId: _from, ...refs } = this.#refs(mailbox);
    this.#home.set(mailbox, 1 - this.homeOf(mailbox));
    await this.#append<MailboxJobEvent>(mailboxJobStream(refs.mailboxJobId), {
      type: 'MailboxEdited',
      data: { ...refs, projectId: projectOf(this.homeOf(mailbox)), source: 'a@b.cc', destination: 'x.pst', at: this.#clock.now() },
    });
  }

  async startOver(mailbox: number, parts: 'keep' | 'delete'): Promise<void> {
    const passIds = Array.from({ length: this.#passes.get(mailbox) ?? 0 }, (_, n) => deriveId('pass', mailbox, n + 1));
    await this.#append<MailboxJobEvent>(mailboxJobStream(mailboxOf(mailbox)), {
      type: 'MailboxStartedOver',
      data: { ...this.#refs(mailbox), passIds, parts, destination: 'next.pst', at: this.#clock.now() },
    });
  }

  async leave(mailbox: number, type: 'MailboxRemoved' | 'MailboxClosed'): Promise<void> {
    this.removed.add(mailbox);
    await this.#append<MailboxJobEvent>(mailboxJobStream(mailboxOf(mailbox)), {
      type,
      data: { ...this.#refs(mailbox), at: this.#clock.now() },
    });
  }

  /** Settles the PSTs of a mailbox in a project, as often as it takes. */
  async settle(mailbox: number, project: number, mode: SettleParts['mode'], operation = 'close'): Promise<readonly ClosedPart[]> {
    const query = { operationId: deriveId(operation), projectId: projectOf(project), mailboxJobId: mailboxOf(mailbox), mode, now: null };
    for (;;) {
      try {
        return (await settleParts(this.#ports(), query)).parts;
      } catch (error) {
        if (!isFault(error)) throw error;
      }
    }
  }

  async kinds(partId: string): Promise<string[]> {
    return (await this.#inner.read(partStream(partId))).map(({ type }) => type);
  }

  async there(): Promise<Record<string, string>> {
    return this.#world.all();
  }
}

const mailbox = fc.nat({ max: 3 });
const name = fc.constantFrom('a.pst', 'b.pst', 'c.pst', 'd.pst', 'e.pst');
const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('pass' as const),
      mailbox,
      name,
      ended: fc.constantFrom('sealed', 'sealed', 'published', 'open'),
    }),
  },
  fc.record({ do: fc.constant('foreign' as const), name }),
  fc.record({ do: fc.constant('move' as const), mailbox }),
  fc.record({ do: fc.constant('start over' as const), mailbox, parts: fc.constantFrom('keep' as const, 'delete' as const) }),
  fc.record({ do: fc.constant('remove' as const), mailbox }),
  fc.record({
    do: fc.constant('look' as const),
    mailbox,
    project: fc.nat({ max: 1 }),
    mode: fc.constantFrom('keep' as const, 'look' as const),
  }),
  // Before the mailboxes are closed: nothing of those that are still in the project may go.
  fc.record({ do: fc.constant('too early' as const), mailbox }),
);

/** A project is closed after any `runs` histories, with any failures: exactly its own parts go. */
export const closesExactly = async (make: () => Promise<World>, runs: number): Promise<void> =>
  fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 1, maxLength: 10 }),
      fc.array(fc.constantFrom('before' as const, 'after' as const, undefined), { maxLength: 12 }),
      async (steps, script) => {
        const scene = new Scene(await make());
        for (const one of steps)
          if (one.do === 'pass') await scene.pass(one.mailbox, one.name, one.ended as 'sealed');
          else if (one.do === 'foreign') await scene.foreign(one.name);
          else if (one.do === 'move') await scene.move(one.mailbox);
          else if (one.do === 'start over') await scene.startOver(one.mailbox, one.parts);
          else if (one.do === 'remove') await scene.leave(one.mailbox, 'MailboxRemoved');
          else if (one.do === 'too early' && !scene.removed.has(one.mailbox))
            await scene.settle(one.mailbox, scene.homeOf(one.mailbox), 'delete');
          else if (one.do === 'look') await scene.settle(one.mailbox, one.project, one.mode);
        const before = Object.fromEntries(scene.shouldBe);
        expect(await scene.there()).toEqual(before);
        for (let n = 0; n <= 3; n++) if (scene.homeOf(n) === 0) await scene.leave(n, 'MailboxClosed');
        scene.script = [...script];
        const said: ClosedPart[] = [];
        for (let n = 0; n <= 3; n++) said.push(...(await scene.settle(n, 0, 'delete')));
        // Exactly the parts of this project that nobody has touched are gone.
        const own = (scene.partsOf.get(0) ?? []).filter(({ intact }) => intact);
        for (const { name: gone } of own) delete before[gone];
        expect(await scene.there()).toEqual(before);
        for (const { partId } of own) {
          const kinds = await scene.kinds(partId);
          const one = said.find((part) => part.partId === partId);
          // What had never been recorded as published leaves no line where its deletion was interrupted.
          if (kinds.includes('PartSealed')) expect(one).toMatchObject({ why: null, is: expect.stringMatching(/^(deleted|gone)$/) });
          expect(kinds.at(-1)).toMatch(/^Part(Removed|Abandoned)$/);
        }
        for (const { partId, intact } of scene.partsOf.get(0) ?? [])
          if (!intact && (await scene.kinds(partId)).includes('PartSealed'))
            expect(said.find((part) => part.partId === partId)).toMatchObject({ is: 'kept', why: 'part.foreign-blob' });
        for (const { partId } of scene.partsOf.get(1) ?? []) expect(said.some((part) => part.partId === partId)).toBe(false);
        // Asked again, nothing more goes, and the same is said of what was deleted.
        for (let n = 0; n <= 3; n++) await scene.settle(n, 0, 'delete');
        expect(await scene.there()).toEqual(before);
      },
    ),
    { numRuns: runs },
  );
