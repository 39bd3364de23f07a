import { extractionStream, type ExtractionEvent } from '@pstream/contracts';
import type { EventStore } from '@pstream/event-store';
import { isFault, type Clock } from '@pstream/kernel';
import { evolve } from './domain/extraction/evolve.js';
import { newExtraction, type Extraction } from './domain/extraction/state.js';

/** Folded extraction streams of the passes this worker is busy with, so that no unit folds a whole stream. */
export class ExtractionLog {
  readonly #store: EventStore;
  readonly #clock: Clock;
  readonly #kept: number;
  readonly #states = new Map<string, Extraction>();

  /** Keeps the states of the `kept` passes used last. */
  constructor(store: EventStore, clock: Clock, kept = 256) {
    this.#store = store;
    this.#clock = clock;
    this.#kept = kept;
  }

  /** The extraction of a pass as this worker knows it; read from the store when it is not known yet. */
  async state(passId: string): Promise<Extraction> {
    const known = this.#states.get(passId);
    if (known !== undefined) {
      this.#states.delete(passId);
      this.#states.set(passId, known);
      return known;
    }
    const state = newExtraction();
    await this.#readOn(passId, state);
    this.#states.set(passId, state);
    if (this.#states.size > this.#kept) this.#states.delete(this.#states.keys().next().value!);
    return state;
  }

  /** Appends facts once per `commandId`. Another worker's facts that came first are read, and `still` decides on the
   *  newest state whether these are still to be appended. */
  async append(
    passId: string,
    commandId: string,
    events: readonly ExtractionEvent[],
    still: (state: Extraction) => boolean,
  ): Promise<Extraction> {
    for (;;) {
      const state = await this.state(passId);
      if (!still(state)) return state;
      try {
        const appended = await this.#store.append({
          context: 'extraction',
          stream: extractionStream(passId),
          expectedVersion: state.version,
          events,
          at: this.#clock.now(),
          metadata: { commandId, by: 'extractor' },
        });
        if (appended.duplicate) await this.#readOn(passId, state);
        else for (const event of events) evolve(state, event);
        return state;
      } catch (error) {
        if (!isFault(error) || error.code !== 'event-store.version-conflict') throw error;
        await this.#readOn(passId, state);
      }
    }
  }

  async #readOn(passId: string, state: Extraction): Promise<void> {
    for (const event of await this.#store.read(extractionStream(passId), state.version)) evolve(state, event);
  }
}
