import { BUILDER_BEHIND, buildStream, ITEMS_GROUP, ITEMS_TOPIC, type BuildEvent } from '@pstream/contracts';
import type { EventStore } from '@pstream/event-store';
import { Fault } from '@pstream/kernel';
import type { Transport } from '@pstream/transport';
import type { Extraction } from '../domain/extraction/state.js';
import type { ExtractorLimits } from '../worker.js';

const ASK_AGAIN_MS = 500;

/** What the builder of a pass has made durable, whether it said last that it waits, and up to which version its stream was read. */
type Built = { readonly items: number; readonly bytes: number; readonly waits: boolean; readonly version: number };

const NOTHING: Built = { items: 0, bytes: 0, waits: false, version: 0 };

/** Keeps the extraction of each mailbox to the pace of its own builder: what was published and is in no checkpoint yet is bounded. */
export class BuilderPace {
  readonly #store: EventStore;
  readonly #transport: Transport;
  readonly #limits: ExtractorLimits;
  readonly #built = new Map<string, Built>();

  constructor(store: EventStore, transport: Transport, limits: ExtractorLimits) {
    this.#store = store;
    this.#transport = transport;
    this.#limits = limits;
  }

  /** Throws where the pass is too far ahead: Fault 'builder.behind' (soon again; facts `items` and `bytes`, and `told` where the builder itself
   *  has recorded what it waits for). Nothing is read before as much as the limits allow has been published. */
  async check(passId: string, { published, bytes }: Extraction): Promise<void> {
    const isAhead = (built: Built): boolean =>
      bytes - built.bytes >= this.#limits.backlogBytes || published - built.items >= this.#limits.backlogRecords;
    const before = this.#built.get(passId) ?? NOTHING;
    if (!isAhead(before)) return;
    // Asked twice a second while a builder is behind: only what is new is read.
    const events = await this.#store.read(buildStream(passId), before.version);
    const built = events.reduce(after, before);
    this.#built.set(passId, built);
    if (!isAhead(built)) return;
    const told = built.waits;
    // Records that a damaged log has lost are in no builder's way: they are missed at the end of the pass.
    if (!told && (await this.#transport.backlog(ITEMS_TOPIC, ITEMS_GROUP)).records === 0) return;
    throw new Fault(BUILDER_BEHIND, {
      retry: { afterMs: ASK_AGAIN_MS },
      facts: { items: published - built.items, bytes: bytes - built.bytes, told },
      advice: 'The mailbox is read faster than its PST is written. It goes on by itself; check the destination if this lasts.',
    });
  }

  /** The pass is over, or somebody else goes on with it. */
  forget(passId: string): void {
    this.#built.delete(passId);
  }
}

const after = (built: Built, event: BuildEvent): Built => {
  const version = built.version + 1;
  if (event.type === 'BuildCheckpointed') return { items: event.data.items, bytes: event.data.bytes, waits: false, version };
  return { ...built, version, ...(event.type === 'BuildWaited' ? { waits: true } : {}) };
};
