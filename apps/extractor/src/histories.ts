import { extractionStream, listsMailbox, type ExtractionEvent, type PassControl } from '@pstream/contracts';
import type { EventStore } from '@pstream/event-store';
import { History } from './domain/extraction/history.js';
import { exportedBy, type ExportedPass } from './updates/exported-before.js';
import { scopeOf, selectionOf } from './domain/extraction/selection.js';

/** Histories kept at once: those of the passes used last. */
const KEPT = 64;

/** What was listed before each of the passes this worker is busy with. It does not change while a pass is open. */
export class Histories {
  readonly #store: EventStore;
  readonly #known = new Map<string, History>();

  readonly #exported = new Map<string, readonly ExportedPass[]>();

  constructor(store: EventStore) {
    this.#store = store;
  }

  /** The history that a pass builds on; read from the streams of the earlier passes when it is not known yet. */
  async before({ refs: { passId }, earlier }: Pick<PassControl, 'refs' | 'earlier'>): Promise<History> {
    const known = this.#known.get(passId);
    if (known !== undefined) return known;
    const history = new History();
    let scope = '';
    for (const pass of earlier) {
      if (pass.kind === 'verify') continue;
      const events = await this.#store.read(extractionStream(pass.passId));
      if (listsMailbox(pass.kind)) scope = scopeOf(selectionOf(pass.kind, pass.settings));
      history.add(scope, listsMailbox(pass.kind) ? events : listedAgain(events));
    }
    this.#known.set(passId, history);
    if (this.#known.size > KEPT) this.#known.delete(this.#known.keys().next().value!);
    return history;
  }

  /** What those passes have exported, page by page, for a pass that updates. */
  async exportedBefore({ refs: { passId }, earlier }: Pick<PassControl, 'refs' | 'earlier'>): Promise<readonly ExportedPass[]> {
    const known = this.#exported.get(passId);
    if (known !== undefined) return known;
    const passes = await exportedBy(this.#store, earlier);
    this.#exported.set(passId, passes);
    if (this.#exported.size > KEPT) this.#exported.delete(this.#exported.keys().next().value!);
    return passes;
  }
}

/** Of a retry, what it listed in place of the pass before it. Items that it only asked for again are in the lists of that pass. */
const listedAgain = (events: readonly ExtractionEvent[]): ExtractionEvent[] =>
  events.flatMap((event): ExtractionEvent[] => {
    if (event.type === 'PageListed') return event.data.again ? [] : [event];
    if (event.type !== 'FoldersDiscovered') return [];
    return [{ ...event, data: { ...event.data, folders: event.data.folders.filter(({ listAgain }) => listAgain === true) } }];
  });
