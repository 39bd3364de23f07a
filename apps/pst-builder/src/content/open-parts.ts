import type { OnApplicationShutdown } from '@nestjs/common';
import type { PartStore } from '@pstream/blob';
import { mailboxJobStream, partStream, passControl, type PassControl } from '@pstream/contracts';
import type { EventStore } from '@pstream/event-store';
import { isFault, type Clock } from '@pstream/kernel';
import { openPst } from '@pstream/pst/reader';
import { PstView } from '@pstream/pst/view';
import { evolve } from '../part/domain/evolve.js';
import { noPart, type Part } from '../part/domain/state.js';

/** What looking at parts needs of the world. */
export type ContentPorts = {
  readonly store: EventStore;
  readonly clock: Clock;
  /** The destination of a pass, to be read from only. */
  parts(control: PassControl): Promise<PartStore>;
};

/** Most parts that are open at once; each holds so many bytes of its file, and values of messages up to so many. */
const MOST_OPEN = 4;
const CACHE_BYTES = 8 * 1024 * 1024;
const MOST_VALUE_BYTES = 1024 * 1024;
/** One that nobody has asked for so long is closed when the next is asked for. */
const IDLE_MS = 120_000;

type Source = Awaited<ReturnType<PartStore['open']>>;
type Opened = { readonly source: Source; readonly view: PstView };
type Entry = { readonly opening: Promise<Opened>; readers: number; usedAtMs: number; isDropped: boolean };

/** Finished parts that are being looked at: each is opened once and kept for the next page. */
export class OpenParts implements OnApplicationShutdown {
  static readonly TOKEN = Symbol('OpenParts');
  readonly #ports: ContentPorts;
  readonly #open = new Map<string, Entry>();

  constructor(ports: ContentPorts) {
    this.#ports = ports;
  }

  get clock(): Clock {
    return this.#ports.clock;
  }

  /** Works on a part of a mailbox; undefined if the mailbox has no such part, or it is not finished, or gone. Faults of the destination and of
   *  what lies there. */
  async use<T>(mailboxJobId: string, partId: string, work: (view: PstView) => Promise<T>): Promise<T | undefined> {
    // Asked of the events each time: a part may be deleted while somebody looks at it.
    const events = await this.#ports.store.read(partStream(partId));
    const part = events.reduce<Part>(evolve, noPart);
    const refs = events.find(({ type }) => type === 'PartOpened')?.data;
    if (refs?.mailboxJobId !== mailboxJobId || part.is !== 'sealed') {
      await this.#drop(partId);
      return undefined;
    }
    const control = passControl(await this.#ports.store.read(mailboxJobStream(mailboxJobId)), refs.passId);
    if (control === undefined) return undefined;
    const entry = this.#open.get(partId) ?? this.#add(partId, control, part.name);
    entry.readers++;
    entry.usedAtMs = this.clock.monotonicMs();
    try {
      const { view } = await entry.opening;
      await this.#dropIdle(partId);
      return await work(view);
    } catch (error) {
      // It is opened afresh for the next, whether it was the file or the way to it.
      if (!isFault(error) || !error.code.startsWith('pst.no-such-')) await this.#drop(partId);
      throw error;
    } finally {
      entry.readers--;
      if (entry.isDropped && entry.readers === 0) await closed(entry);
    }
  }

  async onApplicationShutdown(): Promise<void> {
    for (const partId of this.#open.keys()) await this.#drop(partId);
  }

  #add(partId: string, control: PassControl, name: string): Entry {
    const entry: Entry = { opening: this.#read(control, name), readers: 0, usedAtMs: 0, isDropped: false };
    // Whoever waits for it meets the failure there.
    entry.opening.catch(() => undefined);
    this.#open.set(partId, entry);
    return entry;
  }

  async #read(control: PassControl, name: string): Promise<Opened> {
    const source = await (await this.#ports.parts(control)).open(name);
    try {
      // By a page of 64 KiB: who looks at a message needs little of a large file.
      const file = await openPst(source, {
        mode: 'lenient',
        windowBytes: 64 * 1024,
        cacheBytes: CACHE_BYTES,
        maxValueBytes: MOST_VALUE_BYTES,
      });
      return { source, view: new PstView(file) };
    } catch (error) {
      await source.close();
      throw error;
    }
  }

  async #dropIdle(current: string): Promise<void> {
    const now = this.clock.monotonicMs();
    const others = [...this.#open]
      .filter(([partId, { readers }]) => partId !== current && readers === 0)
      .toSorted(([, a], [, b]) => a.usedAtMs - b.usedAtMs);
    for (const [partId, { usedAtMs }] of others) if (this.#open.size > MOST_OPEN || now - usedAtMs > IDLE_MS) await this.#drop(partId);
  }

  async #drop(partId: string): Promise<void> {
    const entry = this.#open.get(partId);
    if (entry === undefined) return;
    this.#open.delete(partId);
    entry.isDropped = true;
    if (entry.readers === 0) await closed(entry);
  }
}

const closed = async ({ opening }: Entry): Promise<void> => {
  const opened = await opening.catch(() => undefined);
  await opened?.source.close();
};
